import re
from datetime import UTC, date, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from estran.actor import SYSTEM
from estran.club import candidates
from estran.club import service as club
from estran.club.tables import Candidate, House
from estran.desk.candidates_pages import erased_on, read_application
from estran.desk.forms import Form
from estran.inbox import service as inbox
from estran.privacy.rules import PERIODS, limit
from tests.conftest import FrozenClock
from tests.desk.conftest import follow, read

pytestmark = pytest.mark.anyio

NOE = {"first_name": "Noé", "last_name": "Cabestan", "email": "noe@example.org", "message": "Bonjour,\n<b>la mer</b>"}
PARIS = ZoneInfo("Europe/Paris")


async def waiting(clock: FrozenClock, **changes: str) -> Candidate:
    await candidates.apply(**(NOE | changes), now=clock())
    return (await candidates.candidates())[-1]


# --- the public form --------------------------------------------------------------------------------------------------


async def test_what_was_typed_in_public_is_taken(app: object, clock: FrozenClock) -> None:
    form = Form(NOE)
    assert await read_application(form, now=clock())
    assert form.faults == {}
    [row] = await candidates.candidates()
    assert (row.first_name, row.email, row.message) == ("Noé", "noe@example.org", NOE["message"])
    assert await read_application(Form(NOE | {"message": ""}), now=clock())


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("first_name", ""),
        ("last_name", "x" * 61),
        ("email", "noe"),
        ("email", "n.@example.org"),
        ("message", "x" * 1001),
        ("message", "a\u202eb"),
    ],
)
async def test_faults_of_the_public_form_stand_beside_their_fields(
    app: object, clock: FrozenClock, field: str, typed: str
) -> None:
    form = Form(NOE | {field: typed})
    assert not await read_application(form, now=clock())
    assert list(form.faults) == [field]
    assert await candidates.candidates() == []


async def test_a_crowd_is_told_to_write_to_the_office(
    app: object, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "FORM_MOST", 1)
    await waiting(clock)
    form = Form(NOE | {"email": "lison@example.org"})
    assert not await read_application(form, now=clock())
    assert form.faults["message"].key == "form.fault.too_many_candidates"


# --- the list ---------------------------------------------------------------------------------------------------------


async def test_the_list_says_who_waits_and_until_when(desk: httpx.AsyncClient, clock: FrozenClock) -> None:
    assert "Personne n’attend." in read(await desk.get("/desk/candidates"))
    await waiting(clock)
    clock.advance(hours=1)
    await candidates.note(SYSTEM, first_name="Lison", last_name="Goémon", now=clock())
    page = read(await desk.get("/desk/candidates"))
    assert re.findall(r'<th scope="row"><a href="[^"]*">([^<]*)</a>', page) == ["Cabestan Noé", "Goémon Lison"]
    assert 'data-name="S’efface le">15 décembre 2026<' in page
    assert "par le formulaire" in page
    assert 'href="/desk/candidates"' in read(await desk.get("/desk/people"))


@pytest.mark.parametrize(
    ("created", "kept", "day"),
    [
        (datetime(2026, 6, 15, 10, tzinfo=UTC), 6, date(2026, 12, 15)),
        (datetime(2026, 8, 31, 10, tzinfo=UTC), 6, date(2027, 3, 1)),
        (datetime(2026, 6, 15, 23, tzinfo=UTC), 1, date(2026, 7, 16)),
    ],
)
def test_the_day_of_erasing(created: datetime, kept: int, day: date) -> None:
    assert erased_on(created, kept, PARIS) == day


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)), st.integers(1, 12))  # noqa: DTZ001 - made aware below
def test_the_day_of_erasing_is_the_first_on_which_retention_would(naive: datetime, kept: int) -> None:
    created = naive.replace(tzinfo=UTC)
    day = erased_on(created, kept, ZoneInfo("UTC"))
    at_that_hour = datetime.combine(day, created.time(), tzinfo=UTC)
    before = at_that_hour.toordinal() - 1
    assert limit(PERIODS["candidates"], kept, at_that_hour) >= created
    eve = datetime.combine(date.fromordinal(before), created.time(), tzinfo=UTC)
    assert limit(PERIODS["candidates"], kept, eve) < created


# --- noting -----------------------------------------------------------------------------------------------------------


async def test_the_officer_notes_somebody(desk: httpx.AsyncClient) -> None:
    data = {"first_name": "Lison", "last_name": "Goémon", "email": "", "message": "Vue au marché"}
    page = await follow(desk, await desk.post("/desk/candidates/new", data=data))
    assert "<h1>Lison Goémon</h1>" in page
    assert "Vue au marché" in page
    assert "Pas encore connue" in page
    assert "notée par l’office" in page
    await desk.post("/desk/candidates/new", data=data)
    assert len(await candidates.candidates()) == 1


@pytest.mark.parametrize(
    "typed",
    [{}, {"first_name": "Lison"}, NOE | {"email": "x"}, NOE | {"email": "n.@example.org"}, NOE | {"message": "\x00"}],
)
async def test_a_bad_note_comes_back_as_typed(desk: httpx.AsyncClient, typed: dict[str, str]) -> None:
    answer = await desk.post("/desk/candidates/new", data=typed)
    assert answer.status_code == 422
    assert 'id="faults"' in read(answer)
    assert await candidates.candidates() == []


# --- one candidate ----------------------------------------------------------------------------------------------------


async def test_the_inbox_leads_to_the_candidate_and_the_act_settles_it(
    desk: httpx.AsyncClient, clock: FrozenClock
) -> None:
    row = await waiting(clock)
    page = read(await desk.get("/desk/inbox"))
    assert "Une personne aimerait devenir ambassadrice" in page
    assert "Cabestan" not in page
    assert f'href="/desk/candidates/{row.id}"' in page
    shown = await desk.get(f"/desk/candidates/{row.id}")
    assert "&lt;b&gt;la mer&lt;/b&gt;" in shown.text
    page = await follow(desk, await desk.post(f"/desk/candidates/{row.id}/contacted"))
    assert "Contactée" in page
    assert await inbox.count_open() == 0
    assert (await desk.post(f"/desk/candidates/{row.id}/contacted")).status_code == 303


async def test_admitting_leads_to_the_new_ambassador_and_twice_is_once(
    desk: httpx.AsyncClient, clock: FrozenClock
) -> None:
    row = await waiting(clock)
    address = f"/desk/candidates/{row.id}/admit"
    form = read(await desk.get(address))
    for value in ("noe@example.org", "2026-06-15", "2027-06-14"):
        assert f'value="{value}"' in form
    assert "plafond" not in form
    data = {"email": "noe@example.org", "begins_on": "2026-06-15", "ends_on": "2027-06-14"}
    first = await desk.post(address, data=data)
    page = await follow(desk, first)
    assert "<h1>Noé Cabestan</h1>" in page
    assert "Bienvenue dans le club" in page
    assert "Nouveau" in page
    second = await desk.post(address, data=data)
    assert "C’était déjà fait" in await follow(desk, second)
    assert second.headers["location"].partition("?")[0] == first.headers["location"].partition("?")[0]
    assert len(await club.ambassadors()) == 1
    assert (await desk.get(address)).status_code == 404
    assert "sa candidature" not in read(await desk.get("/desk/inbox/past"))
    history = read(await desk.get("/desk/history"))
    assert "Candidature reçue par le formulaire" in history
    assert "Candidature acceptée" in history


async def test_a_bad_admission_comes_back_as_typed(desk: httpx.AsyncClient, clock: FrozenClock) -> None:
    row = await waiting(clock)
    good = {"email": "noe@example.org", "begins_on": "2026-06-15", "ends_on": "2027-06-14"}
    await club.add_ambassador(
        SYSTEM,
        first_name="Odile",
        last_name="Praire",
        email="odile@example.org",
        begins_on=date(2026, 1, 1),
        ends_on=date(2026, 12, 31),
        now=clock(),
    )
    for typed, said in (
        ({}, "à remplir"),
        (good | {"email": "odile@example.org"}, "un autre ambassadeur a déjà cette adresse"),
        (good | {"ends_on": "2026-06-01"}, "le dernier jour vient avant le premier"),
    ):
        answer = await desk.post(f"/desk/candidates/{row.id}/admit", data=typed)
        assert answer.status_code == 422
        assert said in read(answer)
    assert len(await candidates.candidates()) == 1


async def test_the_ceiling_warns_beside_the_form(desk: httpx.AsyncClient, clock: FrozenClock) -> None:
    row = await waiting(clock)
    forms = (f"/desk/candidates/{row.id}/admit", "/desk/people/new")
    for ceiling, said in ((2, None), (1, "atteint son plafond de 1"), (0, "pour un plafond de 0")):
        await club.house()
        await House.update({House.ceiling: ceiling}, force=True)
        for form in forms:
            page = read(await desk.get(form))
            assert (said in page) if said else ("plafond" not in page)
    assert (
        await desk.post(forms[0], data={"email": "n@example.org", "begins_on": "2026-01-01", "ends_on": "2026-12-31"})
    ).status_code == 303


async def test_declining_wants_a_reason_and_erases_at_once(desk: httpx.AsyncClient, clock: FrozenClock) -> None:
    row = await waiting(clock)
    address = f"/desk/candidates/{row.id}/decline"
    assert "Décliner la candidature de Noé Cabestan" in read(await desk.get(address))
    assert (await desk.post(address, data={"why": " "})).status_code == 422
    page = await follow(desk, await desk.post(address, data={"why": "Habite trop loin"}))
    assert "La candidature est effacée." in page
    assert "C’était déjà fait" in await follow(desk, await desk.post(address, data={"why": "Encore"}))
    assert await candidates.candidates() == []
    history = read(await desk.get("/desk/history"))
    assert "Candidature déclinée et effacée" in history
    assert "Cabestan" not in history


async def test_nobody_is_not_found(desk: httpx.AsyncClient) -> None:
    for path in ("", "/admit", "/decline"):
        assert (await desk.get(f"/desk/candidates/{uuid4()}{path}")).status_code == 404
    for path in ("/contacted", "/admit", "/decline"):
        assert (await desk.post(f"/desk/candidates/{uuid4()}{path}", data={"why": "x"})).status_code == 404


async def test_everything_is_there_in_english(desk: httpx.AsyncClient, clock: FrozenClock) -> None:
    row = await waiting(clock)
    for path in ("", f"/{row.id}", f"/{row.id}/admit", f"/{row.id}/decline", "/new"):
        page = read(await desk.get(f"/desk/candidates{path}", params={"lang": "en"}))
        assert '<html lang="en">' in page
        assert "andidature" not in page.replace("candidature of Noé", "")
