"""What anybody finds: the club, its manifesto, its partners, the press, and who answers for it."""

import re
from datetime import date
from typing import Any
from uuid import uuid4

import httpx
import pytest

from estran.actor import SYSTEM
from estran.club import candidates, identity
from estran.club import service as club
from estran.club.tables import Manifesto
from estran.venues import service as venues
from estran.venues.terms import Kind, Quota, Terms, Who, Words
from tests.conftest import ORIGIN, FrozenClock
from tests.outline import check_page, title_of
from tests.public.conftest import PAGES, SAID, read, say_everything

pytestmark = pytest.mark.anyio

FRENCH = {"accept-language": "fr"}
PNG = b"\x89PNG\r\n\x1a\n" + b"picture"
TODO = "à compléter par l’office"


async def publish(clock: FrozenClock, **values: Any) -> None:
    row: dict[str, Any] = {"major": 1, "title": "Notre manifeste", "body": "Bonjour.", "published_at": clock()}
    await Manifesto(id=uuid4(), created_at=clock(), **row | values).save()


# --- every page -------------------------------------------------------------------------------------------------------


async def test_every_page_has_its_title_landmarks_and_foot(client: httpx.AsyncClient) -> None:
    titles = set()
    for path in PAGES:
        for lang, status in (("fr", "Accessibilité : non conforme"), ("en", "Accessibility: not compliant")):
            answer = await client.get(path, params={"lang": lang})
            assert answer.status_code == 200, path
            outline = check_page(answer.text, lang, path)
            assert {"/accessibility", "/legal", "/privacy", "/sitemap"} <= set(outline.links), path
            assert f">{status}</a>" in read(answer), path
            titles.add(title_of(answer.text))
    assert len(titles) == 2 * len(PAGES)


@pytest.mark.parametrize("path", ["/desk/sign-in", "/nowhere", "/sign-in/nothing"])
async def test_the_doors_and_faults_have_the_same_foot(client: httpx.AsyncClient, path: str) -> None:
    page = read(await client.get(path, headers=FRENCH))
    for address, words in (
        ("/accessibility", "Accessibilité : non conforme"),
        ("/legal", "Mentions légales"),
        ("/privacy", "Vie privée"),
        ("/sitemap", "Plan du site"),
    ):
        assert f'<a href="{address}">{words}</a>' in page


async def test_the_desk_has_the_same_foot(desk: httpx.AsyncClient) -> None:
    page = read(await desk.get("/desk"))
    assert '<a href="/accessibility">Accessibilité : non conforme</a>' in page


async def test_links_to_the_club_can_be_shared(client: httpx.AsyncClient) -> None:
    for path in PAGES:
        answer = await client.get(path, params={"lang": "fr"})
        outline = check_page(answer.text, "fr", path)
        said = outline.metas
        address = ORIGIN + path
        assert said["og:url"] == address
        assert {"rel": "canonical", "href": address} in outline.all("link")
        assert said["og:image"].startswith(f"{ORIGIN}/assets/share.png?v=")
        assert 40 <= len(said["description"]) <= 320, path
        assert said["description"] == said["og:description"]
        assert said["og:title"]
        picture = await client.get(said["og:image"])
        assert picture.headers["content-type"] == "image/png"
        assert picture.content[16:24] == (1200).to_bytes(4, "big") + (630).to_bytes(4, "big")


async def test_only_public_pages_are_for_search_engines(client: httpx.AsyncClient) -> None:
    for path in PAGES:
        assert (await client.get(path)).headers["x-robots-tag"] == "all"
    for path in ("/desk/sign-in", "/nowhere", "/status", "/logo"):
        assert (await client.get(path)).headers["x-robots-tag"] == "noindex, nofollow"


async def test_nothing_is_loaded_from_elsewhere(client: httpx.AsyncClient, clock: FrozenClock) -> None:
    await venues.add_venue(
        SYSTEM, name="Phare", commune="", address="", url="https://phare.example.org", contact_email="", now=clock()
    )
    for path in PAGES:
        outline = check_page((await client.get(path, params={"lang": "fr"})).text, "fr", path)
        loaded = [tag.get("src") for tag in outline.all("img")] + [tag.get("src") for tag in outline.all("script")]
        loaded += [tag.get("href") for tag in outline.all("link") if tag.get("rel") != "canonical"]
        assert all(address and address.startswith("/") for address in loaded), path


async def test_each_link_of_the_site_map_leads_somewhere(desk: httpx.AsyncClient) -> None:
    outline = check_page((await desk.get("/sitemap", params={"lang": "fr"})).text, "fr", "/sitemap")
    inside = {link for link in outline.links if link.startswith("/")}
    assert set(PAGES) <= inside
    for link in inside:
        answer = await desk.get(link)
        is_unbuilt = answer.status_code == 503 and "make build" in answer.text
        assert answer.status_code in {200, 308} or is_unbuilt, link


# --- the club ---------------------------------------------------------------------------------------------------------


async def test_the_home_page_has_three_doors_and_the_way_to_the_rest(
    client: httpx.AsyncClient, clock: FrozenClock
) -> None:
    page = read(await client.get("/", headers=FRENCH))
    for door in ("/pass/", "/scan/", "/desk/", "/join", "/partners", "/manifesto", "/press"):
        assert f'href="{door}"' in page
    assert "Le manifeste n’est pas encore publié." in page
    assert "Aucun lieu partenaire pour le moment." in page
    assert "Démonstration" not in page
    assert "bonjour@example.org" not in page
    await say_everything(clock)
    assert "bonjour@example.org" in read(await client.get("/", headers=FRENCH))


async def test_the_home_page_speaks_english_to_those_who_do(client: httpx.AsyncClient) -> None:
    page = read(await client.get("/", headers={"accept-language": "en-GB,en;q=0.9"}))
    assert '<html lang="en">' in page
    assert "Open my pass" in page


async def test_the_manifesto_is_the_one_published_last(client: httpx.AsyncClient, clock: FrozenClock) -> None:
    assert "Le manifeste n’est pas encore publié." in read(await client.get("/manifesto", headers=FRENCH))
    await publish(clock, published_at=None, title="Un projet")
    assert "Un projet" not in read(await client.get("/manifesto", headers=FRENCH))
    await publish(clock, title="Le premier")
    clock.advance(days=1)
    await publish(clock, major=2, minor=1, title="Le <b>deuxième</b>", effective_on=date(2026, 7, 16))
    answer = await client.get("/manifesto", headers=FRENCH)
    assert "Le &lt;b&gt;deuxième&lt;/b&gt;" in answer.text
    assert "Version 2.1, publiée le 16 juin 2026." in read(answer)
    assert "Elle s’applique à partir du 16 juillet 2026." in read(answer)
    assert "Le premier" not in answer.text


async def test_the_manifesto_is_written_as_html_and_never_as_it_was_typed(
    client: httpx.AsyncClient, clock: FrozenClock
) -> None:
    body = "Bonjour\nà tous.\n\n## Nos <i>promesses</i>\n- dire vrai\n- <script>alert(1)</script>\n\n[x](javascript:alert(1))"
    await publish(clock, body=body)
    page = (await client.get("/manifesto", headers=FRENCH)).text
    assert "<p>Bonjour<br>à tous.</p>" in page
    assert "<h2>Nos &lt;i&gt;promesses&lt;/i&gt;</h2>" in page
    assert page.count("<script") == 0
    assert "<li>dire vrai</li>" in page
    assert "<li>&lt;script&gt;alert(1)&lt;/script&gt;</li>" in page
    assert 'href="javascript' not in page


async def test_partners_say_what_they_give_and_where_they_are(client: httpx.AsyncClient, clock: FrozenClock) -> None:
    async def add(name: str, **values: str) -> Any:
        where = {"commune": "Granville", "address": "1 quai Nord", "url": "", "contact_email": "secret@example.org"}
        return await venues.add_venue(SYSTEM, name=name, **where | values, now=clock())

    museum = await add("Musée & Cie", url="https://musee.example.org")
    resting, gone = await add("Abbaye"), await add("Phare fermé")
    await add("Roc")
    for venue in (museum, resting):
        await venues.set_benefit(SYSTEM, venue.id, None, Terms(min_paying_companions=1, quota=Quota(2)), now=clock())
    secret = Terms(kind=Kind.EVENT, gift=Words("Vernissage discret"), who=Who.INVITED)
    await venues.set_benefit(SYSTEM, museum.id, None, secret, now=clock())
    await venues.pause_venue(SYSTEM, resting.id, "dégât des eaux", now=clock())
    await venues.archive_venue(SYSTEM, gone.id, "fini", now=clock())
    page = read(await client.get("/partners", headers=FRENCH))
    assert "Entrée gratuite avec au moins 1 personne payante, 2 fois par an" in page
    assert page.count("Entrée gratuite") == 1
    assert "1 quai Nord, Granville" in page
    assert 'href="https://musee.example.org"' in page
    assert 'href="https://www.openstreetmap.org/search?query=Mus%C3%A9e+%26+Cie%2C+1+quai+Nord%2C+Granville"' in page
    assert "En pause" in page
    assert "L’avantage de ce lieu n’est pas encore connu." in page
    for hidden in ("dégât des eaux", "Phare fermé", "secret@example.org", "Vernissage discret"):
        assert hidden not in page
    english = read(await client.get("/partners", params={"lang": "en"}))
    assert "Free entry with at least 1 paying person, twice a year" in english
    assert "3 lieux" not in read(await client.get("/", headers=FRENCH))  # one of the three rests
    assert "2 lieux accueillent les ambassadeurs." in read(await client.get("/?lang=fr"))


async def test_who_would_join_knows_what_it_means_and_what_becomes_of_the_request(
    client: httpx.AsyncClient, clock: FrozenClock
) -> None:
    await say_everything(clock)
    answer = await client.get("/join", headers=FRENCH)
    page = read(answer)
    outline = check_page(answer.text, "fr", "/join")
    [form] = outline.all("form")
    assert (form["method"], form["action"]) == ("post", "/join")
    fields = {field["name"]: field.get("autocomplete") for field in outline.all("input")}
    assert fields.pop("website") == "off", "a field for programs: people neither see nor reach it"
    assert fields == {"first_name": "given-name", "last_name": "family-name", "email": "email"}
    assert [field["name"] for field in outline.all("textarea")] == ["message"]
    assert "Il faut avoir 18 ans au moins." in page
    assert "accord écrit d’un parent" not in page
    assert "formation" not in page
    for said in ("Office de tourisme de la baie", "dpo@example.org", "6 mois", "mission d’intérêt public", "CNIL"):
        assert said in page, said
    await club.edit_membership(
        SYSTEM, ceiling=15, mandate_months=6, notice_days=30, asks_certificate=True, least_age=16, now=clock()
    )
    page = read(await client.get("/join", headers=FRENCH))
    assert "Il faut avoir 16 ans au moins. Avant 18 ans, l’office demande l’accord écrit d’un parent." in page
    assert "Vous suivez une formation" in page
    assert "pour 6 mois" in page


async def test_the_press_finds_a_contact_and_the_logo(client: httpx.AsyncClient, clock: FrozenClock) -> None:
    page = read(await client.get("/press", headers=FRENCH))
    assert TODO in page
    assert "/logo" not in page
    await say_everything(clock)
    await identity.edit_identity(SYSTEM, {"photo_credits": "Une\nDeux <b>", "photo_reuse": "Avec mention"}, clock())
    await identity.set_logo(SYSTEM, PNG, "Deux vagues", clock())
    answer = await client.get("/press", headers=FRENCH)
    assert 'href="mailto:presse@example.org"' in answer.text
    assert "Une<br>Deux &lt;b&gt;" in answer.text
    assert '<a href="/logo" download>' in answer.text
    assert 'alt="Deux vagues"' in answer.text
    assert TODO not in read(answer)


# --- the law ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/legal", "/privacy", "/accessibility", "/press", "/join"])
async def test_what_the_office_has_not_said_is_said_to_be_missing(
    client: httpx.AsyncClient, clock: FrozenClock, path: str
) -> None:
    page = read(await client.get(path, headers=FRENCH))
    assert TODO in page
    assert "to be filled in by the office" in read(await client.get(path, params={"lang": "en"}))
    await say_everything(clock)
    page = read(await client.get(path, params={"lang": "fr"}))
    assert TODO not in page


async def test_the_legal_notice_says_all_of_it(client: httpx.AsyncClient, clock: FrozenClock) -> None:
    empty = read(await client.get("/legal", headers=FRENCH))
    assert empty.count(TODO) == 8
    await say_everything(clock)
    page = read(await client.get("/legal", headers=FRENCH))
    for name, value in SAID.items():
        assert (value in page) == (name not in {"dpo_contact", "press_contact"}), name
    assert "MIT" in page


# --- how it looks -----------------------------------------------------------------------------------------------------


async def test_the_logo_is_sent_as_what_it_is_and_kept(client: httpx.AsyncClient, clock: FrozenClock) -> None:
    assert (await client.get("/logo")).status_code == 404
    assert "/logo" not in (await client.get("/")).text
    await identity.set_logo(SYSTEM, PNG, "Deux vagues", clock())
    answer = await client.get("/logo")
    assert (answer.status_code, answer.content) == (200, PNG)
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-cache"
    again = await client.get("/logo", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    await identity.set_logo(SYSTEM, PNG + b"!", "Deux vagues", clock())
    assert (await client.get("/logo", headers={"if-none-match": answer.headers["etag"]})).status_code == 200
    assert '<img src="/logo" alt="Deux vagues">' in (await client.get("/")).text


async def test_the_clubs_colour_is_a_small_style_sheet(client: httpx.AsyncClient, clock: FrozenClock) -> None:
    assert (await client.get("/club.css")).status_code == 404
    assert "club.css" not in (await client.get("/")).text
    await identity.edit_identity(SYSTEM, {"accent": "#c00000"}, clock())
    page = (await client.get("/")).text
    assert page.index("/assets/colours.css") < page.index('href="/club.css?v=c00000"')
    answer = await client.get("/club.css?v=c00000")
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in answer.headers["cache-control"]
    assert re.findall(r"--accent: (#\w+);", answer.text) == ["#c00000", "#ff3b3b"]
    assert re.findall(r"--deep: (#\w+);", answer.text) == ["#750000"] * 2
    for other in ("/club.css", "/club.css?v=0b5568"):
        assert (await client.get(other)).headers["cache-control"] == "no-cache"


async def test_both_apps_hear_of_the_clubs_colour_and_logo(client: httpx.AsyncClient, clock: FrozenClock) -> None:
    plain = (await client.get("/api/v1/club")).json()
    assert (plain["colours"], plain["logo"]) == (None, None)
    await identity.edit_identity(SYSTEM, {"accent": "#c00000"}, clock())
    await identity.set_logo(SYSTEM, PNG, "Un phare", clock())
    worn = (await client.get("/api/v1/club")).json()
    assert worn["colours"] == {"light": "#c00000", "dark": "#ff3b3b", "deep": "#750000"}
    assert worn["logo"]["alt"] == "Un phare"
    picture = await client.get(worn["logo"]["src"])
    assert picture.content == PNG
    assert "immutable" in picture.headers["cache-control"]
    await identity.set_logo(SYSTEM, PNG + b"2", "Un phare", clock())
    assert (await client.get("/api/v1/club")).json()["logo"]["src"] != worn["logo"]["src"]


async def test_an_application_reaches_the_office_once_and_is_thanked(client: httpx.AsyncClient) -> None:
    said = {"first_name": "Noé", "last_name": "Cabestan", "email": "noe@example.org", "message": "La mer."}
    for _ in range(2):
        sent = await client.post("/join", data=said, headers=FRENCH)
        assert (sent.status_code, sent.headers["location"]) == (303, "/join/thanks")
    [row] = await candidates.candidates()
    assert (row.first_name, row.email, row.message, row.source) == ("Noé", "noe@example.org", "La mer.", "form")
    thanks = await client.get("/join/thanks", headers=FRENCH)
    check_page(thanks.text, "fr", "/join/thanks")
    assert "effacé au bout de 6 mois" in read(thanks)


async def test_a_faulty_application_is_shown_again_and_a_program_is_only_thanked(client: httpx.AsyncClient) -> None:
    faulty = await client.post("/join", data={"first_name": "Noé", "email": "noe"}, headers=FRENCH)
    assert faulty.status_code == 422
    assert 'value="Noé"' in read(faulty)
    bait = {"first_name": "A", "last_name": "B", "email": "a@example.org", "website": "https://spam.example"}
    assert (await client.post("/join", data=bait, headers=FRENCH)).status_code == 303
    assert await candidates.candidates() == []


async def test_one_address_cannot_flood_the_form(client: httpx.AsyncClient) -> None:
    statuses = [
        (
            await client.post(
                "/join", data={"first_name": "A", "last_name": "B", "email": f"a{n}@example.org"}, headers=FRENCH
            )
        ).status_code
        for n in range(21)
    ]
    assert statuses == [303] * 20 + [429]
