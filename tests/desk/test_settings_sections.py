"""The parts of the club's settings: membership, who answers for it, looks, personal data."""

import re
from typing import Any

import httpx
import pytest

from estran.club import identity
from estran.club import service as club
from estran.history import service as history
from estran.privacy import service as privacy
from estran.privacy.rules import PERIODS, TREATMENTS, Basis
from tests.conftest import FrozenClock
from tests.desk.conftest import follow, read

pytestmark = pytest.mark.anyio

PNG = b"\x89PNG\r\n\x1a\n" + b"picture"
MEMBERSHIP = {"ceiling": "15", "mandate_months": "12", "notice_days": "30", "least_age": "18"}
CHOICES = {f"keep.{key}": str(period.default) for key, period in PERIODS.items()} | {
    f"basis.{one.key}": one.basis.value for one in TREATMENTS if len(one.bases) > 1
}


def is_faulty(page: str, field: str) -> bool:
    return re.search(rf'<(input|select|textarea) id="{re.escape(field)}"[^>]*aria-invalid="true"', page) is not None


def upload(content: bytes, alt: str = "Deux vagues", name: str = "logo.png") -> dict[str, Any]:
    return {"data": {"logo_alt": alt}, "files": {"logo": (name, content, "text/html")}}


# --- membership -------------------------------------------------------------------------------------------------------


async def test_membership_rules_are_saved_and_noted(desk: httpx.AsyncClient) -> None:
    assert 'value="15"' in read(await desk.get("/desk/settings/membership"))
    page = await follow(
        desk,
        await desk.post("/desk/settings/membership", data=MEMBERSHIP | {"ceiling": "20", "asks_certificate": "yes"}),
    )
    assert "Enregistré." in page
    assert re.search(r'id="asks_certificate"[^>]* checked', page)
    house = await club.house()
    assert (house.ceiling, house.asks_certificate) == (20, True)
    assert "Règles d’adhésion changées (plafond, certification demandée)" in read(await desk.get("/desk/settings"))
    await desk.post("/desk/settings/membership", data=MEMBERSHIP)
    assert (await club.house()).asks_certificate is False


@pytest.mark.parametrize("typed", ["", "0", "15.5", "quinze", "999999"])
@pytest.mark.parametrize("field", ["ceiling", "mandate_months", "least_age"])
async def test_bad_membership_rules_come_back_as_typed(desk: httpx.AsyncClient, field: str, typed: str) -> None:
    answer = await desk.post("/desk/settings/membership", data=MEMBERSHIP | {field: typed})
    assert answer.status_code == 422
    page = read(answer)
    assert is_faulty(page, field)
    assert f'value="{typed}"' in page
    assert f'<a href="#{field}">' in page
    assert getattr(await club.house(), field) == int(MEMBERSHIP[field])


# --- who answers ------------------------------------------------------------------------------------------------------


async def test_what_is_left_to_say_leads_to_its_field(desk: httpx.AsyncClient) -> None:
    page = read(await desk.get("/desk/settings/identity"))
    assert "Il reste 9 lignes à remplir" in page
    for name in identity.NEEDED:
        if name != "contact_email":
            assert f'<a href="#{name}">' in page
    page = await follow(
        desk, await desk.post("/desk/settings/identity", data={"legal_name": "Office <de> la baie", "phone": "02"})
    )
    assert "Il reste 7 lignes à remplir" in page
    assert 'value="Office &lt;de&gt; la baie"' in (await desk.get("/desk/settings/identity")).text
    assert "Identité du club changée (nom légal, téléphone)" in read(await desk.get("/desk/settings"))


@pytest.mark.parametrize(
    ("field", "typed"), [("legal_name", "x" * 161), ("host_phone", "\u202e02"), ("photo_credits", "a\x00b")]
)
async def test_a_bad_identity_comes_back_as_typed(desk: httpx.AsyncClient, field: str, typed: str) -> None:
    answer = await desk.post("/desk/settings/identity", data={"address": "1 quai Nord", field: typed})
    page = read(answer)
    assert answer.status_code == 422
    assert is_faulty(page, field)
    assert 'value="1 quai Nord"' in page
    assert (await identity.identity()).address == ""


async def test_the_dashboard_counts_what_is_left_to_fill_in(desk: httpx.AsyncClient, clock: FrozenClock) -> None:
    page = read(await desk.get("/desk"))
    assert "0 étape faite sur 7." in page
    assert 'href="/desk/settings/identity#legal_name"' in page
    house = {
        "name": "Club",
        "office_name": "Office",
        "zone": "Europe/Paris",
        "snapshot_limit_days": "7",
        "silent_days": "14",
        "digest_weekday": "2",
        "digest_hour": "10",
    }
    await desk.post("/desk/settings", data=house | {"contact_email": "club@example.org"})
    page = read(await desk.get("/desk"))
    assert "1 étape faite sur 7." in page
    assert "Il reste 9 lignes à remplir." in page
    said = {name: "dit" for name in identity.NEEDED if name not in {"contact_email", "host_phone"}}
    await desk.post("/desk/settings/identity", data=said)
    page = read(await desk.get("/desk"))
    assert "Il reste une ligne à remplir." in page
    assert "identity#host_phone" in page
    assert "identity#legal_name" not in page


# --- looks ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["#C00000", "c00000", " #c00000 "])
async def test_a_colour_is_saved_and_shown_as_its_pair(desk: httpx.AsyncClient, typed: str) -> None:
    page = await follow(desk, await desk.post("/desk/settings/looks", data={"accent": typed}))
    assert "Sur fond clair : #c00000" in page
    assert "Sur fond sombre : #ff3b3b" in page
    assert 'href="/club.css?v=c00000"' in page
    page = await follow(desk, await desk.post("/desk/settings/looks", data={"accent": ""}))
    assert "club.css" not in page
    assert "Sur fond clair" not in page


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("#ffff00", "trop claire"),
        ("rouge", "une couleur s’écrit # suivi de six signes"),
        ("#fff", "une couleur s’écrit"),
        ("x" * 31, "31 caractères, 30 au plus"),
        ("#c0000\u200b0", "caractère invisible"),
    ],
)
async def test_a_colour_that_cannot_be_used_is_refused_beside_its_field(
    desk: httpx.AsyncClient, typed: str, said: str
) -> None:
    answer = await desk.post("/desk/settings/looks", data={"accent": typed})
    page = read(answer)
    assert answer.status_code == 422
    assert is_faulty(page, "accent")
    assert said in page
    assert (await identity.identity()).accent == ""


async def test_a_logo_is_saved_described_anew_and_removed(desk: httpx.AsyncClient) -> None:
    page = await follow(desk, await desk.post("/desk/settings/logo", **upload(PNG)))
    assert '<img src="/logo" alt="Deux vagues">' in page
    assert (await identity.logo()).media_type == "image/png"  # whatever the browser called it
    page = await follow(desk, await desk.post("/desk/settings/logo", **upload(b"", "Trois vagues", name="")))
    assert '<img src="/logo" alt="Trois vagues">' in page
    page = await follow(desk, await desk.post("/desk/settings/logo/remove"))
    assert "/logo" not in re.findall(r'src="([^"]*)"', page)
    assert (await desk.get("/logo")).status_code == 404
    acts = read(await desk.get("/desk/settings"))
    for act in ("Logo enregistré", "Identité du club changée (description du logo)", "Logo retiré"):
        assert act in acts


@pytest.mark.parametrize(
    ("content", "alt", "field", "said"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "Deux vagues", "logo", "pas une image PNG, JPEG ou WebP"),
        (PNG.ljust(200_001, b"x"), "Deux vagues", "logo", "200 ko au plus"),
        (PNG.ljust(3_000_000, b"x"), "Deux vagues", "logo", "200 ko au plus"),
        (b"", "Deux vagues", "logo", "choisissez un fichier"),
        (PNG, "", "logo_alt", "à remplir"),
        (PNG, "x" * 121, "logo_alt", "120 au plus"),
    ],
    ids=["svg", "heavy", "photograph", "none", "no words", "many words"],
)
async def test_a_logo_that_cannot_be_used_is_refused_beside_its_field(
    desk: httpx.AsyncClient, content: bytes, alt: str, field: str, said: str
) -> None:
    answer = await desk.post("/desk/settings/logo", **upload(content, alt))
    page = read(answer)
    assert answer.status_code == 422
    assert is_faulty(page, field)
    assert said in page
    assert (await identity.identity()).logo_type == ""


async def test_a_form_without_its_file_is_no_fault_of_ours(desk: httpx.AsyncClient) -> None:
    for data in ({}, {"logo": "text", "logo_alt": "Deux vagues"}, {"logo_alt": ["a", "b"]}):
        assert (await desk.post("/desk/settings/logo", data=data)).status_code == 422
    broken = {"content-type": "multipart/form-data; boundary=x"}
    assert (await desk.post("/desk/settings/logo", content=b"--y", headers=broken)).status_code < 500


# --- personal data ----------------------------------------------------------------------------------------------------


async def test_keeping_times_are_chosen_within_bounds_that_the_hint_tells(desk: httpx.AsyncClient) -> None:
    page = read(await desk.get("/desk/settings/privacy"))
    for key, period in PERIODS.items():
        unit = "mois" if period.unit == "months" else "jours"
        hint = re.search(rf'id="keep.{key}-hint">([^<]*)<', page)
        assert hint
        assert hint[1] == f"En {unit}, de {period.least} à {period.most}. Proposition : {period.default}."
    assert "basis.rights" not in page  # a single one is no choice
    chosen = CHOICES | {"keep.refused": "6", "basis.visits": "contract"}
    assert "Enregistré." in await follow(desk, await desk.post("/desk/settings/privacy", data=chosen))
    assert (await privacy.kept())["refused"] == 6
    assert (await privacy.bases())["visits"] is Basis.CONTRACT
    [entry] = [entry for entry in await history.latest() if entry.action == "privacy.choose"]
    assert entry.details == {"keep.refused": ["3", "6"], "basis.visits": ["public_mission", "contract"]}
    said = read(await desk.get("/desk/settings"))
    assert "Durées ou bases légales changées (Entrées refusées : 3, puis 6 · Délivrer le pass et noter les" in said


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("keep.visits", "25"),
        ("keep.visits", "11"),
        ("keep.visits", ""),
        ("keep.history", "toujours"),
        ("basis.visits", "legitimate_interest"),
        ("basis.visits", "legal_duty"),
        ("basis.network", ""),
    ],
)
async def test_nothing_outside_the_bounds_can_be_chosen(desk: httpx.AsyncClient, field: str, typed: str) -> None:
    answer = await desk.post("/desk/settings/privacy", data=CHOICES | {"keep.refused": "6", field: typed})
    page = read(answer)
    assert answer.status_code == 422
    assert is_faulty(page, field)
    assert f'<a href="#{field}">' in page
    assert await privacy.kept() == {key: period.default for key, period in PERIODS.items()}


async def test_the_parts_know_each_other(desk: httpx.AsyncClient) -> None:
    parts = ("", "/membership", "/identity", "/looks", "/privacy")
    for part in parts:
        page = (await desk.get(f"/desk/settings{part}")).text
        section = page[page.index('class="sections"') :].partition("</nav>")[0]
        theirs = [*(f"/desk/settings{one}" for one in parts), "/desk/officers", "/desk/handover"]
        assert re.findall(r'href="([^"]*)"', section) == theirs
        assert re.findall(r'href="([^"]*)" aria-current="page"', section) == [f"/desk/settings{part}"]
    assert 'href="/desk/register"' in (await desk.get("/desk/settings/privacy")).text
