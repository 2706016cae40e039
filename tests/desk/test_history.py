import re
from pathlib import Path

import httpx
import pytest

import estran
from estran.actor import SYSTEM
from estran.texts import words
from estran.venues import service as venues
from tests.desk.conftest import read
from tests.visits.conftest import Phone, Scanner, Town

pytestmark = pytest.mark.anyio
SOURCES = sorted(Path(estran.__file__).parent.glob("*/*.py"))


async def test_the_whole_history_says_who_what_to_whom_and_why(
    desk: httpx.AsyncClient, town: Town, camille: Phone, till: Scanner
) -> None:
    await desk.post(f"/desk/people/{camille.owner.id}/pause", data={"why": "Voyage"})
    await venues.cut_device(SYSTEM, till.device.id, "Cassé", now=town.clock())
    page = re.sub(r"<[^>]+>", "", read(await desk.get("/desk/history")))
    when = r"15 juin 2026 à 12 h 00\s+"
    assert re.search(rf"{when}Camille Varech\s+Mis en pause Voyage\s+helene@example.org", page)
    assert re.search(rf"{when}Musée, Caisse\s+Scanner coupé Cassé\s+le système", page)
    for path in ("/desk", "/desk/settings"):
        assert 'href="/desk/history"' in read(await desk.get(path))


async def test_the_history_is_searched_and_sorted(desk: httpx.AsyncClient, town: Town, camille: Phone) -> None:
    await desk.post(f"/desk/people/{camille.owner.id}/pause", data={"why": "Voyage"})
    page = read(await desk.get("/desk/history", params={"q": "VARECH pause"}))
    assert re.findall(r'<p class="found" role="status">(\d+ acte)', page) == ["1 acte"]
    acts = re.findall(
        r'<td class="when">15 juin[^<]*</td>\s*<td>(?:<a[^>]*>)?([^<]*)',
        read(await desk.get("/desk/history?sort=subject")),
    )
    assert acts == sorted(acts, key=str.casefold)
    assert len(acts) > 2
    assert "Rien ne correspond." in read(await desk.get("/desk/history", params={"q": "baleine"}))


def test_each_act_that_is_recorded_has_its_words() -> None:
    recorded = {
        action
        for path in SOURCES
        for action in re.findall(r"\.record\(\s*\w+,\s*\"(\w+\.\w+)\"", path.read_text(encoding="utf-8"))
    }
    assert len(recorded) > 25
    recorded |= {f"visits.{kind}" for kind in ("cancel", "confirm", "correct")}
    assert sorted(action for action in recorded if f"desk.did.{action}" not in words("fr")) == []
