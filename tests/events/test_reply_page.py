"""The page behind an invitation's link: nobody is signed in, nothing is answered by opening it. On both databases."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import product
from typing import Any
from uuid import UUID, uuid4

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from estran.club import service as club
from estran.encoding import b64
from estran.events import links, planning
from estran.events import service as events
from estran.events.rules import Reply, Topic
from estran.events.tables import Event
from estran.history.tables import Entry
from estran.passes import keys
from estran.passes.keys import Issuer
from estran.venues import service as venues
from tests.conftest import ORIGIN, FrozenClock
from tests.events.cast import (
    FIRST_SLOT,
    OFFICER,
    REPLY_BY,
    draft,
    opened,
    people,
    reply_of,
    row_of,
    says,
    slot,
)

pytestmark = pytest.mark.anyio
Link = Callable[[Event, UUID], Awaitable[str]]
EXPIRES = FIRST_SLOT + timedelta(days=60)


@pytest.fixture
def issuer(app: Any) -> Issuer:
    found: Issuer = app.state.issuer
    return found


@pytest.fixture
def link(issuer: Issuer, clock: FrozenClock) -> Link:
    """The path that somebody's letter has."""

    async def path(event: Event, who: UUID) -> str:
        row = await row_of(event, who)
        return f"/reply/{await links.reply_token(issuer, row.id, expires_at=EXPIRES, now=clock())}"

    return path


async def answer(client: httpx.AsyncClient, path: str, said: str = "yes", **fields: object) -> httpx.Response:
    return await client.post(path, data={"answer": said, **{name: str(value) for name, value in fields.items()}})


def words_of(page: httpx.Response) -> str:
    """What is read, without the marks of HTML."""
    text = re.sub(r"<[^>]+>", " ", page.text).replace("\u202f", " ").replace("\xa0", " ").replace("&#39;", "'")
    return re.sub(r"\s+", " ", text)


# --- one tap ----------------------------------------------------------------------------------------------------------


async def test_opening_the_link_answers_nothing(client: httpx.AsyncClient, clock: FrozenClock, link: Link) -> None:
    [camille] = await people(1, clock)
    museum = await venues.add_venue(
        OFFICER, name="Musée du Port", commune="Cancale", address="1 quai", url="", contact_email="", now=clock()
    )
    event = await opened(
        clock,
        slot(capacity=6, note="Basse mer à 14 h 10"),
        venue_id=museum.id,
        place="Hall d’entrée",
        about="Une visite\navant l’ouverture",
        access="De plain-pied",
        bring="Des bottes",
        guests_max=2,
    )
    path, before = await link(event, camille), await Entry.count()
    for method in ("GET", "HEAD", "GET"):
        seen = await client.request(method, path, headers={"purpose": "prefetch", "sec-purpose": "prefetch"})
        assert seen.status_code == 200
        assert seen.headers["cache-control"] == "no-store"
        assert seen.headers["referrer-policy"] == "same-origin"
        assert seen.headers["x-robots-tag"] == "noindex, nofollow"
        assert "set-cookie" not in seen.headers
    assert (await reply_of(event, camille), await Entry.count()) == (Reply.AWAITED, before)
    said = words_of(seen)
    for part in (
        "Pêche à pied",
        "Bonjour Ami00, voici votre invitation.",
        "Réponse souhaitée avant le lundi 22 juin 2026 à 12 h.",
        "jeudi 25 juin 2026, de 12 h à 14 h",
        "Basse mer à 14 h 10",
        "Musée du Port, Hall d’entrée, 1 quai, Cancale",
        "De plain-pied",
        "Des bottes",
        "Jusqu’à 2 personnes peuvent vous accompagner",
        "6 places libres",
        "Je viens",
        "Je ne viens pas",
    ):
        assert part in said, part
    assert "Varech" not in seen.text  # nothing of the person but their first name
    assert "@example.org" not in seen.text
    assert "<script" not in seen.text


async def test_one_tap_answers_and_another_changes_it(
    client: httpx.AsyncClient, clock: FrozenClock, link: Link
) -> None:
    [camille] = await people(1, clock)
    event = await opened(clock)
    path = await link(event, camille)
    noted = await answer(client, path)
    assert (noted.status_code, noted.headers["location"]) == (303, f"{path}?done=1")
    assert await reply_of(event, camille) is Reply.COMING
    page = await client.get(noted.headers["location"])
    said = words_of(page)
    assert "C’est noté · Pêche à pied" in said
    assert 'role="status"' in page.text
    assert "Bonjour Ami00, vous venez ! Votre place est réservée." in said
    assert "Vous pouvez changer d’avis autant de fois que vous voulez, avant le lundi 22 juin 2026 à 12 h." in said
    assert "Réponse souhaitée" not in said, "it was given"
    assert ("Je ne viens plus" in said, "Enregistrer le changement" in said) == (True, False)  # nothing else to change
    await answer(client, path, "no")
    said = words_of(await client.get(path))
    assert await reply_of(event, camille) is Reply.DECLINED
    assert "vous ne venez pas cette fois-ci" in said
    assert "Finalement, je viens" in said
    assert "C’est noté" not in said
    await club.pause(OFFICER, camille, "En mer", now=clock())
    refused = await answer(client, path)
    assert refused.status_code == 409
    assert "Votre pass n’est pas actif en ce moment : parlez-en à l’office" in words_of(refused)
    person = await club.ambassador(camille)
    [first, *_] = await Entry.objects().where(Entry.action == "events.reply")
    assert (first.actor_kind, first.actor_id) == ("account", person.account_id)


async def test_several_slots_and_guests(client: httpx.AsyncClient, clock: FrozenClock, link: Link) -> None:
    camille, odile, yann = await people(3, clock)
    event = await opened(clock, slot(capacity=2), slot(1, capacity=9), guests_max=2)
    first, second = await events.slots_of(event.id)
    await says(event, yann, clock(), slot_id=first.id, guests=1)
    await says(event, odile, clock(), slot_id=first.id)
    path = await link(event, camille)
    said = words_of(await client.get(path))
    assert "complet, une personne attend" in said
    assert "9 places libres" in said
    assert "Si vous choisissez un créneau complet, vous entrez sur sa liste d’attente." in said

    unsaid = await answer(client, path, guests=1)
    assert unsaid.status_code == 422
    assert words_of(unsaid).count("Choisissez un créneau.") == 2  # above, and beside its field
    assert 'value="1" selected' in unsaid.text  # what was typed is kept
    await answer(client, path, slot=second.id, guests=1)
    page = await client.get(path)
    assert "Vos 2 places sont réservées" in words_of(page)
    assert "votre créneau" in words_of(page)
    assert re.search(rf'value="{second.id}" required checked', page.text)
    assert 'value="1" selected' in page.text

    clock.advance(minutes=1)
    await answer(client, path, slot=first.id, guests=1)
    said = words_of(await client.get(path))
    assert "vous êtes sur la liste d’attente" in said
    assert "Vous êtes au rang 2 de la liste d’attente. Vous attendez 2 places." in said
    assert "va à la première personne de la liste pour qui il y a assez de place" in said
    assert "Dans les dernières 24 heures, l’office vous en parle d’abord." in said
    assert "Je quitte la liste d’attente" in said
    await answer(client, path, "no")
    assert await reply_of(event, camille) is Reply.DECLINED


async def test_a_page_that_was_opened_before_another_answer_says_what_is_noted_now(
    client: httpx.AsyncClient, clock: FrozenClock, link: Link
) -> None:
    camille, odile = await people(2, clock)
    event = await opened(clock, slot(capacity=2), guests_max=1)
    path = await link(event, camille)
    await says(event, odile, clock())
    await says(event, camille, clock())  # in the app, after the page was opened
    refused = await answer(client, path, guests=1)
    assert "Votre place est réservée." in words_of(refused)
    assert (await row_of(event, camille)).guests == 0
    await says(event, camille, clock(), coming=False)
    await says(event, odile, clock(), guests=1)
    noted = await answer(client, path)  # the last press counts, and what it came to is said
    said = words_of(await client.get(noted.headers["location"]))
    assert "vous êtes sur la liste d’attente" in said
    assert await reply_of(event, camille) is Reply.WAITING


async def test_more_guests_than_there_is_room_for(client: httpx.AsyncClient, clock: FrozenClock, link: Link) -> None:
    [camille] = await people(1, clock)
    event = await opened(clock, slot(capacity=2), guests_max=4)
    path = await link(event, camille)
    await answer(client, path, guests=1)
    refused = await answer(client, path, guests=3)
    assert refused.status_code == 409
    assert "Votre réponse n’a pas changé." in words_of(refused)
    assert 'href="#guests"' in refused.text
    assert (await row_of(event, camille)).guests == 1


async def test_nonsense_is_refused_kindly(client: httpx.AsyncClient, clock: FrozenClock, link: Link) -> None:
    [camille] = await people(1, clock)
    event = await opened(clock)
    path = await link(event, camille)
    form = "application/x-www-form-urlencoded"
    part = b'--x\r\nContent-Disposition: form-data; name="answer"\r\nContent-Type: text/plain%s\r\n\r\nyes\r\n--x--\r\n'
    for body, kind in (
        (b"", form),
        (b"answer=", form),
        (b"answer=maybe", form),
        (b"answer=yes&guests=9", form),
        (b"answer=yes&guests=-1", form),
        (b"answer=yes&guests=%F0%9F%90%9A", form),
        (b"answer=yes&guests=" + b"9" * 5000, form),
        (b"answer=yes&slot=nothing&guests=5", form),
        (b"answer=%00&slot=%00", form),
        (b"\xff\xfe", form),
        (b"answer=maybe&" * 500, form),
        (b"answer=yes", "multipart/form-data"),
        (b"answer=yes", "text/plain; charset=nonsense"),
        (part % b"; charset=nonsense", "multipart/form-data; boundary=x"),
        (b'{"answer": "yes"}', "application/json"),
    ):
        sent = await client.post(path, content=body, headers={"content-type": kind})
        assert 400 <= sent.status_code < 500, (body[:40], kind)
    assert await reply_of(event, camille) is Reply.AWAITED


async def test_another_site_answers_for_nobody(client: httpx.AsyncClient, clock: FrozenClock, link: Link) -> None:
    [camille] = await people(1, clock)
    event = await opened(clock)
    path = await link(event, camille)
    for headers in ({"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}):
        assert (await client.post(path, data={"answer": "yes"}, headers=headers)).status_code == 403
    assert await reply_of(event, camille) is Reply.AWAITED
    # from a mail program: the page is opened from elsewhere, the button is pressed on the page itself
    assert (await client.get(path, headers={"sec-fetch-site": "cross-site"})).status_code == 200
    assert (await client.post(path, data={"answer": "yes"}, headers={"origin": ORIGIN})).status_code == 303


async def test_the_page_in_english(client: httpx.AsyncClient, clock: FrozenClock, link: Link) -> None:
    [camille] = await people(1, clock)
    event = await opened(
        clock,
        slot(capacity=1),
        title_en="Shore fishing",
        about_en="At low tide",
        place_en="The beach",
        access="De plain-pied",
        access_en="Step-free",
        bring="Des bottes",
    )
    page = await client.get(f"{await link(event, camille)}?lang=en")
    said = words_of(page)
    for part in (
        "Shore fishing",
        "Hello Ami00, here is your invitation.",
        "Please reply before Monday 22 June 2026 at 12:00.",
        "Thursday 25 June 2026, from 12:00 to 14:00",
        "1 place free",
        "I am coming",
        "Where The beach",
        "Step-free",
    ):
        assert part in said, part
    assert '<html lang="en">' in page.text
    assert re.findall(r'<dd[^>]* lang="fr">([^<]+)<', page.text) == ["Des bottes"], "nobody said it in English"


# --- later ------------------------------------------------------------------------------------------------------------


async def test_after_the_deadline(client: httpx.AsyncClient, clock: FrozenClock, link: Link) -> None:
    camille, odile = await people(2, clock)
    event = await opened(clock, slot(capacity=3), guests_max=2)
    await says(event, camille, clock(), guests=2)
    mine, other = await link(event, camille), await link(event, odile)
    clock.now = REPLY_BY
    said = words_of(await client.get(mine))
    assert "Le temps des réponses est passé. " in said
    assert "Un empêchement ? Dites-le ici" in said
    assert "Réponse souhaitée" not in said
    assert (await answer(client, mine, guests=1)).status_code == 303
    assert (await row_of(event, camille)).guests == 1
    late = await client.get(other)
    assert (late.status_code, "<form" in late.text) == (200, False)
    assert "Vous aimeriez venir malgré tout ?" in words_of(late)
    refused = await answer(client, other)
    assert refused.status_code == 409
    assert "le temps des réponses est passé" in words_of(refused)
    assert (await answer(client, mine, "no")).status_code == 303
    assert await reply_of(event, camille) is Reply.DECLINED


async def test_what_does_not_take_place_any_more(client: httpx.AsyncClient, clock: FrozenClock, link: Link) -> None:
    [camille] = await people(1, clock)
    held, cancelled = await opened(clock), await opened(clock, title="Autre")
    await planning.cancel_event(OFFICER, cancelled.id, "Grand <b>vent</b>", now=clock())
    clock.now = FIRST_SLOT + timedelta(hours=2)
    for event, sentence in (
        (held, "Cet événement a eu lieu."),
        (cancelled, "Cet événement n’aura pas lieu. La raison : Grand &lt;b&gt;vent&lt;/b&gt;"),
    ):
        path = await link(event, camille)
        page = await client.get(path)
        assert (page.status_code, "<form" in page.text) == (410, False)
        assert sentence in words_of(page)
        assert (await answer(client, path)).status_code == 409


async def test_links_that_lead_nowhere_are_all_the_same(
    client: httpx.AsyncClient, clock: FrozenClock, issuer: Issuer, link: Link
) -> None:
    camille, odile = await people(2, clock)
    event = await opened(clock)
    forgotten = await link(event, camille)
    await planning.forget(camille, now=clock())
    draft_ = await planning.add_event(OFFICER, draft(), [slot()], now=clock())
    await planning.pick(OFFICER, draft_.id, [odile], now=clock())
    [unsent] = await events.invitees(draft_.id)
    nobody = await links.reply_token(issuer, uuid4(), expires_at=EXPIRES, now=clock())
    secret = await links.reply_token(issuer, unsent.id, expires_at=EXPIRES, now=clock())
    found = set()
    for path in (forgotten, f"/reply/{nobody}", f"/reply/{secret}", "/reply/x", "/reply/a.b.c", "/reply/" + "a" * 5000):
        for sent in (await client.get(path), await answer(client, path)):
            assert sent.status_code == 404
            found.add(re.sub(r'action="[^"]*"', "", sent.text))
    assert len(found) == 1
    assert "Ce lien ne mène plus à une invitation" in found.pop()
    valid = await link(event, odile)
    clock.now = EXPIRES
    assert [(await client.get(valid)).status_code, (await answer(client, valid)).status_code] == [410, 410]


async def test_a_link_is_good_for_the_address_it_went_to(
    client: httpx.AsyncClient, clock: FrozenClock, issuer: Issuer, link: Link
) -> None:
    [camille] = await people(1, clock)
    event = await opened(clock)
    row, before = await row_of(event, camille), await link(event, camille)
    token = await links.reply_token(issuer, row.id, to="ami00@example.org", expires_at=EXPIRES, now=clock())
    person = await club.ambassador(camille)
    names = {"first_name": person.first_name, "last_name": person.last_name}
    for email, status in (("Ami00@Example.org", 200), ("ami@example.org", 404), ("ami00@example.org", 200)):
        await club.edit_ambassador(OFFICER, camille, **names, email=email, now=clock())
        assert (await client.get(f"/reply/{token}")).status_code == status
        assert (await answer(client, f"/reply/{token}", "no")).status_code == (303 if status == 200 else 404)
        assert (await client.get(before)).status_code == 200, "made before links said where they went"


async def test_who_asks_too_often_waits(client: httpx.AsyncClient) -> None:
    found = [(await client.get("/reply/x")).status_code for _ in range(61)]
    assert found == [404] * 60 + [429]


# --- links ------------------------------------------------------------------------------------------------------------


def forged(claims: dict[str, Any], key: Any, **header: Any) -> str:
    return jwt.encode(claims, key, algorithm=header.pop("alg", "ES256"), headers=header)


async def test_only_the_clubs_own_key_makes_a_link(engine: Any, issuer: Issuer, clock: FrozenClock) -> None:
    who = uuid4()
    good = await links.reply_token(issuer, who, expires_at=clock() + timedelta(hours=1), now=clock())
    header, claims, signature = good.split(".")
    row = await keys.current(issuer, now=clock())
    own, other = await issuer.private(row), generate_private_key(SECP256R1())
    body = {"iss": ORIGIN, "sub": str(who), "exp": int(clock().timestamp()) + 3600}
    typed = {"typ": links.REPLY, "kid": row.kid}
    assert await links.invitee_of(issuer, good, now=clock()) == who
    assert await links.invitee_of(issuer, forged(body, own, **typed), now=clock()) == who
    quiet = await links.quiet_token(issuer, who, Topic.THANKS, expires_at=clock() + timedelta(hours=1), now=clock())
    wrong = {
        "another key": forged(body, other, **typed),
        "a symmetric one": forged(body, "x" * 64, alg="HS256", **typed),
        "the public key as a secret": forged(body, keys.jwk(row)["x"], alg="HS256", **typed),
        "none": forged(body, None, alg="none", **typed),
        "another type": forged(body, own, **(typed | {"typ": links.QUIET})),
        "no type": forged(body, own, **(typed | {"typ": "JWT"})),
        "an unknown key": forged(body, own, **(typed | {"kid": "AAAA"})),
        "no key": forged(body, own, typ=links.REPLY),
        "another club": forged(body | {"iss": "https://other.example.org"}, own, **typed),
        "for ever": forged({"iss": ORIGIN, "sub": str(who)}, own, **typed),
        "for nobody": forged({"iss": ORIGIN, "exp": body["exp"]}, own, **typed),
        "for nonsense": forged(body | {"sub": "nonsense"}, own, **typed),
        "a word for a time": forged(body | {"exp": "never"}, own, **typed),
        "too long": forged(body | {"more": "x" * 700}, own, **typed),
        "another signature": f"{header}.{claims}.{signature[:-4]}AAAA",
        "other claims": f"{header}.{b64(b'{}')}.{signature}",
        "no signature": f"{header}.{claims}.",
        "to be quiet": quiet,
        "deep": f"{b64(b'[' * 500)}.{claims}.{signature}",
        "no header": f"{b64(b'null')}.{claims}.{signature}",
        "another alphabet": "é.è.à",
        "nothing": "",
    }
    assert {name for name, token in wrong.items() if await links.invitee_of(issuer, token, now=clock())} == set()
    assert {name for name, token in wrong.items() if await links.has_ended(issuer, token, now=clock())} == set()
    assert await links.quiet_of(issuer, quiet, now=clock()) == (who, Topic.THANKS)
    assert await links.quiet_of(issuer, good, now=clock()) is None
    clock.advance(hours=1)
    assert await links.invitee_of(issuer, good, now=clock()) is None
    assert await links.has_ended(issuer, good, now=clock())
    assert await links.quiet_of(issuer, quiet, now=clock()) is None


async def test_odd_claims_of_the_clubs_own_key_are_no_link_and_no_fault(
    engine: Any, issuer: Issuer, clock: FrozenClock
) -> None:
    who, own = uuid4(), await issuer.private(row := await keys.current(issuer, now=clock()))
    good = {"sub": b64(who.bytes), "exp": int(clock().timestamp()) + 3600, "topic": "thanks"}
    odd: list[Any] = [None, True, 0, -1, 0.5, 1e308, 10**40, "", "x", "x" * 22, "é" * 22, "thanks ", "\ud800", [], {}]
    odd += [[one] for one in ("thanks", who.hex, None)] + [{"thanks": 1}, [[[]]]]
    for typ, name, value in product((links.REPLY, links.QUIET), (*good, "iss", "aud", "nbf", "iat", "jti"), odd):
        claims = json.dumps(good | {name: value}).encode()
        token = jwt.PyJWS().encode(claims, own, algorithm="ES256", headers={"typ": typ, "kid": row.kid})
        found = [await links.invitee_of(issuer, token, now=clock()), await links.quiet_of(issuer, token, now=clock())]
        await links.has_ended(issuer, token, now=clock())
        told = [who, None] if typ == links.REPLY else [None, (who, Topic.THANKS)]
        if name in {"sub", "iss"} or (name == "exp" and value != 10**40) or (name == "topic" and typ == links.QUIET):
            assert found == [None, None], (name, value)
        elif name not in {"aud", "jti"}:  # as the library sees them
            assert found == told, (name, value)


async def test_a_link_outlives_its_key_but_not_a_revoked_one(engine: Any, issuer: Issuer, clock: FrozenClock) -> None:
    who = uuid4()
    token = await links.reply_token(issuer, who, expires_at=clock() + timedelta(days=90), now=clock())
    first = await keys.current(issuer, now=clock())
    await keys.make(issuer, OFFICER, starts_at=clock(), now=clock())
    clock.advance(days=1)
    assert await links.invitee_of(issuer, token, now=clock()) == who
    await keys.revoke(issuer, OFFICER, first.kid, "perdue", now=clock())
    assert await links.invitee_of(issuer, token, now=clock()) is None


# --- all at once ------------------------------------------------------------------------------------------------------


async def test_twenty_people_press_the_button_for_one_last_place(
    client: httpx.AsyncClient, clock: FrozenClock, link: Link
) -> None:
    first, *others = await people(21, clock)
    event = await opened(clock, slot(capacity=2))
    await says(event, first, clock())
    paths = [await link(event, who) for who in others]
    sent = await asyncio.gather(*(answer(client, path) for path in paths))
    assert [one.status_code for one in sent] == [303] * 20
    said = [await reply_of(event, who) for who in others]
    assert (said.count(Reply.COMING), said.count(Reply.WAITING)) == (1, 19)
    # one withdraws while the others ask again: the place goes on, and is never given twice
    clock.advance(minutes=1)
    mine = await link(event, first)
    await asyncio.gather(answer(client, mine, "no"), *(answer(client, path) for path in paths))
    said = [await reply_of(event, who) for who in (first, *others)]
    assert (said.count(Reply.COMING), said.count(Reply.WAITING), said[0]) == (2, 18, Reply.DECLINED)
