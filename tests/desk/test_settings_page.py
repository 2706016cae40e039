import re

import httpx
import pytest

from estran.club import service as club
from estran.history import service as history
from tests.desk.conftest import follow, read

pytestmark = pytest.mark.anyio

HOUSE = {
    "name": "Club des ambassadeurs",
    "office_name": "Office de la baie",
    "contact_email": "bonjour@example.org",
    "zone": "Europe/Paris",
    "snapshot_limit_days": "7",
    "silent_days": "14",
    "digest_weekday": "2",
    "digest_hour": "10",
}


async def test_settings_are_saved_and_noted(desk: httpx.AsyncClient) -> None:
    assert 'value="Europe/Paris"' in read(await desk.get("/desk/settings"))
    page = await follow(desk, await desk.post("/desk/settings", data=HOUSE | {"name": "Les Marées"}))
    assert "Enregistré." in page
    assert "Les Marées" in page
    assert "Réglages changés (nom, nom de l’office, e-mail de contact)" in page
    assert "helene@example.org" in page
    assert (await club.house()).name == "Les Marées"
    await desk.post("/desk/settings", data=HOUSE | {"name": "Les Marées"})
    assert read(await desk.get("/desk/settings")).count("Réglages changés") == 1
    [entry] = [entry for entry in await history.latest() if entry.action == "club.edit"]
    assert entry.details["name"] == ["Club des ambassadeurs", "Les Marées"]
    assert entry.details["contact_email"] is None  # an address may be a person's: the history holds none


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", ""),
        ("name", "x" * 81),
        ("office_name", "a\u202eb"),
        ("contact_email", "bonjour"),
        ("zone", "Mars/Olympus"),
        ("zone", "../../etc/passwd"),
        ("zone", "x" * 41),
        ("snapshot_limit_days", "0"),
        ("snapshot_limit_days", "31"),
        ("snapshot_limit_days", "sept"),
        ("silent_days", "2"),
        ("silent_days", "91"),
        ("digest_weekday", "0"),
        ("digest_hour", "20"),
        ("digest_hour", ""),
    ],
)
async def test_bad_settings_come_back_as_typed(desk: httpx.AsyncClient, field: str, typed: str) -> None:
    answer = await desk.post("/desk/settings", data=HOUSE | {field: typed})
    page = read(answer)
    assert answer.status_code == 422
    assert re.search(rf'<(input|select) id="{field}"[^>]*aria-invalid="true"', page)
    assert 'value="Office de la baie"' in page or field == "office_name"
    assert (await club.house()).name == "Club des ambassadeurs"


async def test_days_follow_the_zone(desk: httpx.AsyncClient) -> None:
    await desk.post("/desk/settings", data=HOUSE | {"zone": "Pacific/Noumea"})
    assert "15 juin 2026 à 21 h 00" in read(await desk.get("/desk/settings"))


async def test_the_hour_of_letters_about_events_is_chosen(desk: httpx.AsyncClient) -> None:
    assert '<option value="2" selected>mardi</option>' in read(await desk.get("/desk/settings"))
    page = await follow(
        desk, await desk.post("/desk/settings", data=HOUSE | {"digest_weekday": "7", "digest_hour": "19"})
    )
    assert '<option value="7" selected>dimanche</option>' in page
    assert "jour des e-mails sur les événements, heure des e-mails sur les événements)" in page
    house = await club.house()
    assert (house.digest_weekday, house.digest_hour) == (7, 19)
