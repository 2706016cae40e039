"""The manifesto's life, what it asks of whom, and what that does to the pass. Over HTTP, as the phone asks it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from estran.access import service as access
from estran.access.rules import Realm
from estran.actor import SYSTEM
from estran.club import manifesto
from estran.club import service as club
from estran.errors import Conflict, Invalid, NotFound
from estran.history import service as history
from estran.passes import service as passes
from estran.passes import status
from tests.conftest import ORIGIN, FrozenClock
from tests.visits.conftest import Phone, Scanner, Town, camille, issuer, till, town

__all__ = ["camille", "issuer", "till", "town"]

pytestmark = pytest.mark.anyio
TEXT = "## Nos missions\n\nFaire connaître le pays.\n\n- sourire\n- écouter"


async def publish(clock: FrozenClock, *, is_major: bool = True, title: str = "Le manifeste", **when: Any) -> Any:
    row = await manifesto.save_draft(SYSTEM, title=title, body=TEXT, is_major=is_major, now=clock())
    return await manifesto.publish(SYSTEM, row.id, now=clock(), **when)


@pytest.fixture
async def browser(app: Any, camille: Phone, clock: FrozenClock) -> AsyncIterator[httpx.AsyncClient]:
    """Camille's phone, signed in."""
    link = await access.invite(camille.owner.account_id, Realm.PASS, now=clock())
    session = await access.use_link(link, now=clock())
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app),
        base_url=ORIGIN,
        headers={"origin": ORIGIN, "sec-fetch-site": "same-origin"},
        cookies={"__Host-estran_pass": session.token},
    ) as opened:
        yield opened


async def bits_of(phone: Phone, clock: FrozenClock) -> int | None:
    listed = await passes.publish_status(now=clock())
    return status.status_at(listed.lst, phone.fields().idx)


async def asked(browser: httpx.AsyncClient) -> tuple[Any, Any]:
    body = (await browser.get("/api/v1/me")).json()
    return body["manifesto"]["need"], body["manifesto"]["by"]


async def test_without_a_manifesto_nothing_is_asked(browser: httpx.AsyncClient) -> None:
    assert await asked(browser) == (None, None)
    assert (await browser.get("/api/v1/me/manifesto")).json() == {
        "current": None, "signed": None, "need": None, "by": None, "draft": None,
    }  # fmt: skip


async def test_who_has_a_pass_keeps_it_until_the_day_and_gets_it_back_by_signing(
    browser: httpx.AsyncClient, camille: Phone, town: Town, clock: FrozenClock
) -> None:
    version = await publish(clock)
    assert version.effective_on.isoformat() == "2026-07-15"
    assert await asked(browser) == ("sign", "2026-07-14")
    assert await bits_of(camille, clock) == status.VALID
    clock.advance(days=29, hours=11)
    assert await bits_of(camille, clock) == status.VALID, "until the last second of 14 July in Paris"
    clock.advance(hours=2)
    assert await bits_of(camille, clock) == status.SUSPENDED
    refreshed = await browser.post("/api/v1/pass/refresh", json={"digits": camille.show(clock())})
    body = refreshed.json()
    assert (body["status"], body["eligibility"], body["credential"]) == ("suspended", "unsigned", None)
    assert body["manifesto"] == {"need": "sign", "by": None, "hasDraft": False}

    signed = await browser.post(f"/api/v1/me/manifesto/{version.id}/sign", json={"interests": "une chambre d’hôtes"})
    assert signed.status_code == 200
    assert signed.json()["signed"] == {"version": "1.0", "on": "2026-07-15", "interests": "une chambre d’hôtes"}
    assert signed.json()["need"] is None
    again = await browser.post("/api/v1/pass/refresh", json={"digits": camille.show(clock(), nonce=9)})
    assert (again.json()["status"], again.json()["credential"]) == ("valid", camille.credential)
    assert await bits_of(camille, clock) == status.VALID


async def test_a_scan_between_suspension_and_signature_is_put_before_the_officer(
    browser: httpx.AsyncClient, camille: Phone, till: Scanner, town: Town, clock: FrozenClock
) -> None:
    await publish(clock)
    clock.advance(days=31)
    await passes.publish_status(now=clock())
    assert await till.state_of(till.scan(camille.show(clock()))) == "counted"
    from estran.inbox import service as inbox  # noqa: PLC0415

    assert [item.kind for item in await inbox.open_items()] == ["revoked_admitted"]


async def test_who_never_had_a_pass_signs_first(
    browser: httpx.AsyncClient, town: Town, clock: FrozenClock, issuer: Any
) -> None:
    version = await publish(clock)
    person = await club.add_ambassador(
        SYSTEM,
        first_name="Noé",
        last_name="Cabestan",
        email="noe@example.org",
        begins_on=clock().date(),
        ends_on=clock().date() + timedelta(days=300),
        now=clock(),
    )
    phone = Phone(issuer, person)
    with pytest.raises(Conflict) as refused:
        await phone.put(clock())
    assert refused.value.extra["eligibility"] == "unsigned"
    await manifesto.sign(SYSTEM, person.id, version.id, "", now=clock())
    await phone.put(clock())
    assert await bits_of(phone, clock) == status.VALID


async def test_a_minor_version_only_asks_to_be_read(
    browser: httpx.AsyncClient, camille: Phone, clock: FrozenClock
) -> None:
    first = await publish(clock, effective_on=clock().date())
    await browser.post(f"/api/v1/me/manifesto/{first.id}/sign", json={})
    minor = await publish(clock, is_major=False)
    assert (minor.major, minor.minor, minor.effective_on) == (1, 1, None)
    assert await asked(browser) == ("read", None)
    assert await bits_of(camille, clock) == status.VALID
    read = await browser.post(f"/api/v1/me/manifesto/{minor.id}/read")
    assert read.json()["need"] is None
    assert (await browser.post(f"/api/v1/me/manifesto/{first.id}/sign", json={})).json()["code"] == "manifesto_replaced"
    clock.advance(days=25)
    assert await asked(browser) == (None, None)


async def test_a_draft_is_open_to_comments_until_it_is_published(
    browser: httpx.AsyncClient, camille: Phone, clock: FrozenClock
) -> None:
    draft = await manifesto.save_draft(SYSTEM, title="Projet", body="Aimer.", is_major=False, now=clock())
    said = await browser.post(f"/api/v1/me/manifesto/{draft.id}/comments", json={"text": " Et marcher ? "})
    twice = await browser.post(f"/api/v1/me/manifesto/{draft.id}/comments", json={"text": "Et marcher ?"})
    mine = {"name": "Camille V.", "on": "2026-06-15", "text": "Et marcher ?", "isMine": True}
    assert said.json()["draft"]["comments"] == twice.json()["draft"]["comments"] == [mine]
    assert said.json()["draft"]["version"] == "1.0", "the first one is signed, whatever was ticked"
    assert said.json()["current"] is None
    await manifesto.publish(SYSTEM, draft.id, now=clock())
    late = await browser.post(f"/api/v1/me/manifesto/{draft.id}/comments", json={"text": "trop tard"})
    assert (late.status_code, late.json()["code"]) == (409, "manifesto_replaced")
    assert [one.text for one in await manifesto.comments_on(draft.id)] == ["Et marcher ?"]


async def test_a_published_version_is_never_changed(engine: Any, clock: FrozenClock) -> None:
    first = await publish(clock)
    with pytest.raises(Conflict):
        await manifesto.publish(SYSTEM, first.id, now=clock())
    draft = await manifesto.save_draft(SYSTEM, title="Autre", body="Autre texte", is_major=True, now=clock())
    assert draft.id != first.id
    same = await manifesto.save_draft(SYSTEM, title="Autre", body="Encore", is_major=False, now=clock())
    assert (same.id, same.major, same.minor) == (draft.id, 1, 1)
    assert (await manifesto.version(first.id)).body == TEXT
    with pytest.raises(Invalid):
        await publish(clock, effective_on=clock().date() - timedelta(days=1))
    await manifesto.drop_draft(SYSTEM, now=clock())
    assert await manifesto.draft() is None
    with pytest.raises(NotFound):
        await manifesto.version(draft.id)


@pytest.mark.parametrize(("title", "body"), [("", "x"), ("x", " "), ("x" * 121, "x"), ("x", "x" * 20_001)])
async def test_an_empty_or_endless_manifesto_is_refused(engine: Any, clock: FrozenClock, title: str, body: str) -> None:
    with pytest.raises(Invalid):
        await manifesto.save_draft(SYSTEM, title=title, body=body, is_major=True, now=clock())


async def test_a_signature_keeps_who_what_and_when(
    browser: httpx.AsyncClient, camille: Phone, clock: FrozenClock
) -> None:
    version = await publish(clock)
    for interests in ("une ferme", "une ferme", "plus rien"):
        await browser.post(f"/api/v1/me/manifesto/{version.id}/sign", json={"interests": interests})
    [kept] = await manifesto.signatures(ambassador_id=camille.owner.id)
    assert (kept.kind, kept.at, kept.interests) == ("signed", clock(), "plus rien")
    assert kept.text_hash == manifesto.text_hash(version)
    acts = [one.action for one in await history.entries_about(camille.owner.id) if one.action.startswith("club.")]
    assert sorted(acts) == ["club.add", "club.add_mandate", "club.declare", "club.sign"]


async def test_a_certificate_where_it_is_asked_for(camille: Phone, clock: FrozenClock) -> None:
    from estran.club.tables import Ambassador, House  # noqa: PLC0415

    await club.house()
    await House.update({House.asks_certificate: True}, force=True)
    assert await bits_of(camille, clock) == status.SUSPENDED
    today = clock().date()
    await Ambassador.update({Ambassador.certified_on: today, Ambassador.certified_until: today}).where(
        Ambassador.id == camille.owner.id
    )
    assert await bits_of(camille, clock) == status.VALID
    clock.advance(days=1)
    assert (await passes.standing_of(camille.owner.id, now=clock())).eligibility == "uncertified"


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": "x" * 2001}, {"text": 3}, {"text": None}])
async def test_a_bad_comment_is_said_to_be_bad(browser: httpx.AsyncClient, clock: FrozenClock, body: Any) -> None:
    draft = await manifesto.save_draft(SYSTEM, title="Projet", body="Aimer.", is_major=True, now=clock())
    answer = await browser.post(f"/api/v1/me/manifesto/{draft.id}/comments", json=body)
    assert answer.status_code in {400, 422}
    assert (await browser.post(f"/api/v1/me/manifesto/{UUID(int=3)}/sign", json={})).status_code == 404
