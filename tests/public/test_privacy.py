"""The notice and the register: the same table, whatever the officer chooses."""

import re

import httpx
import pytest

from estran.privacy.rules import PERIODS, TREATMENTS, Unit
from estran.texts import t
from tests.conftest import FrozenClock
from tests.public.conftest import SAID, follow, read, say_everything

pytestmark = pytest.mark.anyio

SHOWN_ON = ("/privacy", "/desk/register")
CHOSEN = {f"keep.{key}": str(period.least + 1) for key, period in PERIODS.items()} | {
    f"basis.{one.key}": "contract" for one in TREATMENTS if len(one.bases) > 1
}


def words(key: str, n: int) -> str:
    unit = "jour" if PERIODS[key].unit is Unit.DAYS else "mois"
    return f"{n} {unit}{'s' if unit == 'jour' and n > 1 else ''}" if n else "aucun délai"


def line(key: str, n: int) -> str:
    said = t("fr", f"privacy.period.{key}").replace("\u00a0", " ")
    return f"<li>{said} : <strong>{words(key, n)}</strong></li>"


@pytest.mark.parametrize("path", SHOWN_ON)
async def test_every_period_is_shown_and_changes_when_it_is_chosen_otherwise(
    desk: httpx.AsyncClient, path: str
) -> None:
    page = read(await desk.get(path))
    assert [key for key, period in PERIODS.items() if line(key, period.default) not in page] == []
    await follow(desk, await desk.post("/desk/settings/privacy", data=CHOSEN))
    page = read(await desk.get(path))
    assert [key for key, period in PERIODS.items() if line(key, period.least + 1) not in page] == []
    none = {f"keep.{key}": str(period.least) for key, period in PERIODS.items()}
    await follow(desk, await desk.post("/desk/settings/privacy", data=CHOSEN | none))
    page = read(await desk.get(path))
    assert [key for key, period in PERIODS.items() if line(key, period.least) not in page] == []
    assert "<strong>aucun délai</strong>" in page


@pytest.mark.parametrize("path", SHOWN_ON)
async def test_every_purpose_has_all_that_the_law_asks_for(
    desk: httpx.AsyncClient, clock: FrozenClock, path: str
) -> None:
    await say_everything(clock)
    page = read(await desk.get(path))
    for one in TREATMENTS:
        for part in ("name", "purpose", "people", "data", "recipients"):
            assert t("fr", f"privacy.treatment.{one.key}.{part}").replace("\u00a0", " ") in page, (one.key, part)
    assert page.count("mission d’intérêt public (RGPD, art. 6.1.e)") == len(TREATMENTS) - 1
    assert page.count("obligation légale (RGPD, art. 6.1.c)") == 1
    for name in ("legal_name", "address", "dpo_contact", "host_name"):
        assert SAID[name] in page
    await follow(desk, await desk.post("/desk/settings/privacy", data=CHOSEN))
    page = read(await desk.get(path))
    assert page.count("contrat : le règlement du club, accepté (RGPD, art. 6.1.b)") == len(TREATMENTS) - 1


async def test_rights_follow_the_basis(desk: httpx.AsyncClient) -> None:
    page = read(await desk.get("/privacy"))
    assert "Vous opposer" in page
    assert "Recevoir vos données dans un format réutilisable" not in page
    await desk.post("/desk/settings/privacy", data=CHOSEN)
    page = read(await desk.get("/privacy"))
    assert "Vous opposer" not in page
    assert "Recevoir vos données dans un format réutilisable" in page


async def test_the_notice_tells_of_every_cookie_and_of_the_cnil(client: httpx.AsyncClient) -> None:
    page = read(await client.get("/privacy", headers={"accept-language": "fr"}))
    named = ["__Host-estran_pass", "__Host-estran_desk", "__Host-estran_asking", "estran_lang"]
    assert re.findall(r"<code>([\w-]+)</code>", page) == named
    assert 'href="https://www.cnil.fr/fr/plaintes"' in page
    assert "75334 Paris Cedex 07" in page


async def test_the_register_claims_nothing_about_where_servers_stand(
    desk: httpx.AsyncClient, clock: FrozenClock
) -> None:
    page = read(await desk.get("/desk/register"))
    assert "à vérifier par l’office auprès de l’hébergeur (à compléter par l’office)" in page
    await say_everything(clock)
    page = read(await desk.get("/desk/register"))
    assert "à vérifier par l’office auprès de l’hébergeur (Hébergement du Rivage)" in page
    assert "à compléter par l’office" not in page
