"""Signing in over HTTP: docs/sync.md §1 for the pass, forms for the desk, the letter's link for both."""

import dataclasses
from typing import Any

import httpx
import pytest

from estran.access import service as access
from estran.access.rules import Realm
from estran.actor import SYSTEM
from estran.app import create_app
from estran.mail import service as mail
from estran.settings import Settings
from tests.access.letters import ambassador, code_in, newest, officer, token_in, wrong
from tests.conftest import ORIGIN, FrozenClock

pytestmark = pytest.mark.anyio

EMAIL = "camille@example.org"


def browser(app: Any) -> httpx.AsyncClient:
    headers = {"origin": ORIGIN, "sec-fetch-site": "same-origin"}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=ORIGIN, headers=headers)


def cookie_line(answer: httpx.Response, name: str) -> str:
    return next(line for line in answer.headers.get_list("set-cookie") if line.startswith(f"{name}="))


# --- the pass ---------------------------------------------------------------------------------------------------------


async def test_the_phone_asks_types_the_code_and_is_in(client: httpx.AsyncClient) -> None:
    await ambassador()
    asked = await client.post("/api/v1/sign-in", json={"email": EMAIL})
    assert (asked.status_code, asked.json()) == (202, {"letter": "sent"})
    entered = await client.post("/api/v1/sign-in/code", json={"code": code_in(await newest(EMAIL))})
    assert (entered.status_code, entered.json()) == (200, {})
    assert "__Host-estran_pass" in client.cookies
    assert "__Host-estran_asking" not in client.cookies
    assert (await client.get("/api/v1/me")).status_code != 401
    assert (await client.post("/api/v1/sign-out")).status_code == 204
    assert "__Host-estran_pass" not in client.cookies
    assert (await client.get("/api/v1/me")).status_code == 401


async def test_the_cookies_are_out_of_reach_of_scripts_and_other_sites(client: httpx.AsyncClient) -> None:
    await ambassador()
    asked = await client.post("/api/v1/sign-in", json={"email": EMAIL})
    entered = await client.post("/api/v1/sign-in/code", json={"code": code_in(await newest(EMAIL))})
    for answer, name in ((asked, "__Host-estran_asking"), (entered, "__Host-estran_pass")):
        line = cookie_line(answer, name).lower()
        assert {"httponly", "secure", "samesite=lax", "path=/"} <= {part.strip() for part in line.split(";")}
        assert "domain=" not in line
    assert "max-age=900" in cookie_line(asked, "__Host-estran_asking").lower()


async def test_without_https_the_cookies_have_plain_names(settings: Settings, clock: FrozenClock, engine: Any) -> None:
    """Browsers refuse `__Host-` without Secure, and Secure on http://: the demonstration needs the plain ones."""
    origin = "http://127.0.0.1:8000"
    made: Any = create_app(dataclasses.replace(settings, origin=origin), clock=clock)
    await ambassador()
    async with (
        made.lifespan(),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app=made), base_url=origin, headers={"origin": origin}
        ) as client,
    ):
        await client.post("/api/v1/sign-in", json={"email": EMAIL})
        assert list(client.cookies) == ["estran_asking"]
        entered = await client.post("/api/v1/sign-in/code", json={"code": code_in(await newest(EMAIL))})
        assert "secure" not in cookie_line(entered, "estran_pass").lower()
        assert (await client.get("/api/v1/me")).status_code != 401


async def test_over_https_a_cookie_without_the_prefix_opens_nothing(client: httpx.AsyncClient) -> None:
    """Another machine of the same domain could have set it."""
    await ambassador()
    await client.post("/api/v1/sign-in", json={"email": EMAIL})
    await client.post("/api/v1/sign-in/code", json={"code": code_in(await newest(EMAIL))})
    token = client.cookies["__Host-estran_pass"]
    client.cookies.clear()
    client.cookies.set("estran_pass", token)
    assert (await client.get("/api/v1/me")).status_code == 401


async def test_known_and_unknown_addresses_get_the_same_answer(app: Any) -> None:
    await ambassador()
    said = []
    for email in (EMAIL, "nobody@example.org"):
        answers = []
        for _ in range(6):
            async with browser(app) as client:
                answer = await client.post("/api/v1/sign-in", json={"email": email})
                names = [line.partition("=")[0] for line in answer.headers.get_list("set-cookie")]
                lengths = [len(line) for line in answer.headers.get_list("set-cookie")]
                answers.append((answer.status_code, answer.text, sorted(answer.headers), names, lengths))
        said.append(answers)
    assert said[0] == said[1]
    assert [text for _, text, *_ in said[0]] == ['{"letter":"sent"}'] * 5 + ['{"letter":"withheld"}']


async def test_wrong_codes_are_counted_and_then_end_the_code(client: httpx.AsyncClient) -> None:
    await ambassador()
    await client.post("/api/v1/sign-in", json={"email": EMAIL})
    code = code_in(await newest(EMAIL))
    for _ in range(5):
        answer = await client.post("/api/v1/sign-in/code", json={"code": wrong(code)})
        assert (answer.status_code, answer.json()["code"]) == (422, "wrong_code")
    answer = await client.post("/api/v1/sign-in/code", json={"code": code})
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_tries")
    assert "__Host-estran_pass" not in client.cookies


async def test_a_code_typed_elsewhere_or_too_late_is_over(
    app: Any, client: httpx.AsyncClient, clock: FrozenClock
) -> None:
    await ambassador()
    await client.post("/api/v1/sign-in", json={"email": EMAIL})
    code = code_in(await newest(EMAIL))
    async with browser(app) as other:
        answer = await other.post("/api/v1/sign-in/code", json={"code": code})
        assert (answer.status_code, answer.json()["code"]) == (410, "code_ended")
    clock.advance(minutes=16)
    answer = await client.post("/api/v1/sign-in/code", json={"code": code})
    assert (answer.status_code, answer.json()["code"]) == (410, "code_ended")


async def test_a_desk_letters_code_does_not_open_the_pass(client: httpx.AsyncClient) -> None:
    await officer(EMAIL)
    await client.post("/desk/sign-in", data={"email": EMAIL})
    answer = await client.post("/api/v1/sign-in/code", json={"code": code_in(await newest(EMAIL))})
    assert answer.json()["code"] == "code_ended"


async def test_who_finds_the_letters_used_up_signs_in_with_a_code_read_out(
    app: Any, client: httpx.AsyncClient, clock: FrozenClock
) -> None:
    account_id = await ambassador()
    async with browser(app) as stranger:
        for _ in range(5):
            await stranger.post("/api/v1/sign-in", json={"email": EMAIL})
    answer = await client.post("/api/v1/sign-in", json={"email": EMAIL})
    assert (answer.status_code, answer.json()) == (202, {"letter": "withheld"})
    code = await access.read_out(SYSTEM, account_id, now=clock())
    assert (await client.post("/api/v1/sign-in/code", json={"code": code})).status_code == 200
    assert "__Host-estran_pass" in client.cookies


async def test_one_address_of_the_network_cannot_ask_without_end(client: httpx.AsyncClient) -> None:
    for number in range(30):
        assert (await client.post("/api/v1/sign-in", json={"email": f"{number}@example.org"})).status_code == 202
    answer = await client.post("/api/v1/sign-in", json={"email": "one-more@example.org"})
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
    assert 0 < int(answer.headers["retry-after"]) <= 60
    assert (await client.post("/api/v1/sign-in/code", json={"code": "1"})).status_code != 429


# --- the letter's link ------------------------------------------------------------------------------------------------


async def test_previews_of_the_link_use_nothing_up(app: Any, client: httpx.AsyncClient) -> None:
    await ambassador()
    await client.post("/api/v1/sign-in", json={"email": EMAIL})
    letter = await newest(EMAIL)
    async with browser(app) as scanner:
        for method in ("HEAD", "GET", "GET"):
            answer = await scanner.request(method, f"/sign-in/{token_in(letter)}")
            assert answer.status_code == 200
            assert not scanner.cookies
    assert (await client.post("/api/v1/sign-in/code", json={"code": code_in(letter)})).status_code == 200


async def test_the_links_page_shows_the_code_and_opens_the_pass_here(app: Any, client: httpx.AsyncClient) -> None:
    await ambassador()
    await client.post("/api/v1/sign-in", json={"email": EMAIL})
    letter = await newest(EMAIL)
    address = f"/sign-in/{token_in(letter)}"
    async with browser(app) as other:
        seen = await other.get(address)
        assert code_in(letter) in seen.text
        assert EMAIL in seen.text
        assert seen.headers["cache-control"] == "no-store"
        opened = await other.post(address)
        assert (opened.status_code, opened.headers["location"]) == (303, "/pass/")
        assert (await other.get("/api/v1/me")).status_code != 401
    async with browser(app) as third:
        for again in (await third.get(address), await third.post(address)):
            assert again.status_code == 410
            assert "Lien expiré" in again.text
            assert 'href="/pass/"' in again.text
            assert not third.cookies


async def test_who_opens_a_used_invitation_again_gets_back_in_where_they_are_in(
    client: httpx.AsyncClient, clock: FrozenClock
) -> None:
    account_id = await ambassador()
    address = f"/sign-in/{await access.invite(account_id, Realm.PASS, now=clock())}"
    await client.post(address)
    for again in (await client.get(address), await client.post(address), await client.get("/sign-in/unknown")):
        assert (again.status_code, again.headers["location"]) == (303, "/pass/")
    await access.end_sessions_of(account_id, now=clock())
    assert (await client.get(address)).status_code == 410


async def test_another_site_cannot_sign_somebody_in(client: httpx.AsyncClient, clock: FrozenClock) -> None:
    token = await access.invite(await ambassador(), Realm.PASS, now=clock())
    answer = await client.post(f"/sign-in/{token}", headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403
    assert not client.cookies


# --- the desk ---------------------------------------------------------------------------------------------------------


async def test_the_officer_signs_in_with_two_forms(client: httpx.AsyncClient) -> None:
    await officer()
    sent_away = await client.get("/desk/sign-in?next=/desk/venues")
    assert 'autocomplete="email"' in sent_away.text
    asked = await client.post("/desk/sign-in", data={"email": "nora@example.org", "next": "/desk/venues"})
    assert (asked.status_code, asked.headers["location"]) == (303, "/desk/sign-in/code?next=/desk/venues")
    form = await client.get(asked.headers["location"])
    assert 'autocomplete="one-time-code"' in form.text
    assert 'inputmode="numeric"' in form.text
    code = code_in(await newest("nora@example.org"))
    again = await client.post("/desk/sign-in/code", data={"code": wrong(code), "next": "/desk/venues"})
    assert again.status_code == 422
    assert 'aria-invalid="true"' in again.text
    entered = await client.post("/desk/sign-in/code", data={"code": code, "next": "/desk/venues"})
    assert (entered.status_code, entered.headers["location"]) == (303, "/desk/venues")
    assert "__Host-estran_desk" in client.cookies
    assert "__Host-estran_pass" not in client.cookies
    out = await client.post("/desk/sign-out")
    assert (out.status_code, out.headers["location"]) == (303, "/desk/sign-in")
    assert "__Host-estran_desk" not in client.cookies


async def test_the_desk_says_what_helps_when_no_new_letter_leaves(app: Any, client: httpx.AsyncClient) -> None:
    await officer(EMAIL)
    asked = [await client.post("/desk/sign-in", data={"email": EMAIL, "next": "/desk"}) for _ in range(6)]
    assert {answer.status_code for answer in asked} == {303}
    assert "withheld" not in asked[4].headers["location"]
    form = await client.get(asked[5].headers["location"])
    assert "estran officer add" in form.text
    data = {"code": "000000", "next": "/desk", "letter": "withheld"}
    assert "estran officer add" in (await client.post("/desk/sign-in/code", data=data)).text
    code = code_in(await newest(EMAIL))  # asked for in this browser
    assert (await client.post("/desk/sign-in/code", data=data | {"code": code})).status_code == 303


@pytest.mark.parametrize(
    "after",
    ["https://evil.example", "//evil.example", "/desk//evil.example", "/desk\\evil", "/pass", "/desk?x=https://e"],
)
async def test_the_desk_never_sends_anybody_elsewhere(client: httpx.AsyncClient, after: str) -> None:
    await officer()
    asked = await client.post("/desk/sign-in", data={"email": "nora@example.org", "next": after})
    assert asked.headers["location"] == "/desk/sign-in/code?next="
    entered = await client.post(
        "/desk/sign-in/code", data={"code": code_in(await newest("nora@example.org")), "next": after}
    )
    assert entered.headers["location"] == "/desk"


@pytest.mark.parametrize("data", [{}, {"email": ""}, {"email": "nobody"}, {"email": "a@b\nBcc: c@d"}], ids=repr)
async def test_a_form_that_cannot_be_used_comes_back(client: httpx.AsyncClient, data: dict[str, str]) -> None:
    answer = await client.post("/desk/sign-in", data=data)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


async def test_the_two_doors_do_not_know_each_other(client: httpx.AsyncClient) -> None:
    await officer(EMAIL)
    await ambassador(EMAIL)
    await client.post("/api/v1/sign-in", json={"email": EMAIL})
    await client.post("/api/v1/sign-in/code", json={"code": code_in(await newest(EMAIL))})
    await client.post("/desk/sign-in", data={"email": EMAIL})
    letters = [letter for letter in await mail.letters() if letter.kind == "sign_in"]
    assert len(letters) == 2
    for letter in letters:
        await client.post("/desk/sign-in/code", data={"code": code_in(letter)})
    assert {"__Host-estran_pass", "__Host-estran_desk"} <= set(client.cookies)
    await client.post("/desk/sign-out")
    assert (await client.get("/api/v1/me")).status_code != 401
    pass_cookie = client.cookies["__Host-estran_pass"]
    client.cookies.clear()
    client.cookies.set("__Host-estran_desk", pass_cookie)
    assert (await client.get("/desk")).status_code in {303, 404}


async def test_the_pages_speak_english_when_asked(client: httpx.AsyncClient) -> None:
    assert '<html lang="fr">' in (await client.get("/desk/sign-in")).text
    assert "Open the desk" in (await client.get("/desk/sign-in", headers={"accept-language": "en-GB,en;q=0.9"})).text
    assert "Open the desk" in (await client.get("/desk/sign-in?lang=en")).text
    assert "Open the desk" in (await client.get("/desk/sign-in")).text  # remembered
    assert "Ouvrir le bureau" in (await client.get("/desk/sign-in?lang=fr")).text


# --- other sites ------------------------------------------------------------------------------------------------------

WRITES = [
    ({"sec-fetch-site": "same-origin", "origin": ORIGIN}, True),
    ({"sec-fetch-site": "none"}, True),
    ({"sec-fetch-site": "cross-site", "origin": ORIGIN}, False),
    ({"sec-fetch-site": "same-site", "origin": "https://other.example.org"}, False),
    ({"origin": ORIGIN}, True),
    ({"origin": "https://evil.example"}, False),
    ({"origin": "null"}, False),
    ({"cookie": "__Host-estran_pass=x"}, False),
    ({"cookie": "__Host-estran_pass=x", "origin": ORIGIN}, True),
    ({}, True),
]


@pytest.mark.parametrize(("headers", "is_allowed"), WRITES, ids=repr)
async def test_writes_of_other_sites_are_refused(app: Any, headers: dict[str, str], *, is_allowed: bool) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=ORIGIN) as client:
        answer = await client.post("/api/v1/sign-out", headers=headers)
    assert answer.status_code == (204 if is_allowed else 403)
    assert is_allowed or answer.json()["code"] == "cross_site"


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
async def test_only_json_is_read_by_the_api(client: httpx.AsyncClient, kind: str) -> None:
    answer = await client.post("/api/v1/sign-in", content='{"email": "a@example.org"}', headers={"content-type": kind})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
