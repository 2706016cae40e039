"""The statement: in the fixed form, honest, and made of the same data as the table of criteria."""

import json
from pathlib import Path

import httpx
import pytest

from estran.public.accessibility import Found, assessment
from tests.conftest import ORIGIN, FrozenClock
from tests.public.conftest import read, say_everything

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]
THEMES = (9, 2, 3, 13, 8, 2, 5, 10, 4, 14, 13, 11, 12)
FRENCH = {"accept-language": "fr"}


def test_all_106_criteria_are_there_in_their_order() -> None:
    numbers = [criterion.number for criterion in assessment().criteria]
    assert numbers == [f"{theme}.{one}" for theme, n in enumerate(THEMES, 1) for one in range(1, n + 1)]
    assert len(numbers) == 106
    assert [theme.number for theme in assessment().themes] == list(range(1, 14))
    assert sum(assessment().counts.values()) == 106


def test_each_criterion_has_short_words_and_a_reason_in_both_languages() -> None:
    for criterion in assessment().criteria:
        for words in (criterion.wording, criterion.why):
            assert words.keys() == {"fr", "en"}, criterion.number
            assert all(4 < len(text) < 200 for text in words.values()), criterion.number
        assert not criterion.wording["fr"].endswith("?"), criterion.number  # ours, not the official question


def test_the_tool_named_is_the_one_that_runs() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    assert f"axe-core {packages['node_modules/axe-core']['version']}" in assessment().tools


async def test_the_statement_has_its_fixed_parts(client: httpx.AsyncClient, clock: FrozenClock) -> None:
    await say_everything(clock)
    page = read(await client.get("/accessibility", headers=FRENCH))
    parts = [
        "Office de tourisme de la baie s’engage à rendre accessibles",
        "article 47 de la loi n° 2005-102 du 11 février 2005",
        f"Cette déclaration d’accessibilité s’applique à {ORIGIN}",
        "<h2>État de conformité</h2>",
        "n’est pas conforme avec le référentiel général d’amélioration de l’accessibilité (RGAA), version 4.1.2",
        "<h3>Résultats des tests</h3>",
        "Aucun audit de conformité n’a été réalisé.",
        "<h2>Contenus non accessibles</h2>",
        "<h3>Dérogations pour charge disproportionnée</h3>",
        "<h3>Contenus non soumis à l’obligation d’accessibilité</h3>",
        "<h2>Établissement de cette déclaration d’accessibilité</h2>",
        "Cette déclaration a été établie le 26 novembre 2026.",
        "<h3>Technologies utilisées</h3>",
        "<h3>Environnement de test</h3>",
        "Ni téléphone réel, ni lecteur d’écran, ni autre navigateur.",
        "<h3>Outils pour évaluer l’accessibilité</h3>",
        "<h2>Retour d’information et contact</h2>",
        'href="mailto:bonjour@example.org"',
        "<h2>Voies de recours</h2>",
        "https://formulaire.defenseurdesdroits.fr/",
        "Défenseur des droits, Libre réponse 71120, 75342 Paris CEDEX 07",
    ]
    places = [page.find(part) for part in parts]
    assert -1 not in places, parts[places.index(-1)]
    assert places == sorted(places)


async def test_the_statement_and_the_table_say_the_same(client: httpx.AsyncClient) -> None:
    statement = read(await client.get("/accessibility", headers=FRENCH))
    table = read(await client.get("/accessibility/criteria", headers=FRENCH))
    counts = assessment().counts
    not_met = f"{counts[Found.NOT_MET]} ne le sont pas" if counts[Found.NOT_MET] else "aucun n’a été trouvé en défaut"
    assert f"{counts[Found.MET]} paraissent respectés, {not_met}" in statement
    assert ("Nous n’en connaissons plus." in statement) == (counts[Found.NOT_MET] == 0)
    for criterion in assessment().criteria:
        why = criterion.why["fr"].replace("\u00a0", " ")
        is_told = f"(critère {criterion.number}, non respecté) : {why}" in statement
        assert is_told == (criterion.found is Found.NOT_MET)
        assert why in table
    for found, words in (
        (Found.MET, "Paraît respecté"),
        (Found.NOT_MET, "Non respecté"),
        (Found.NOT_APPLICABLE, "Sans objet"),
        (Found.UNCHECKED, "À vérifier"),
    ):
        assert table.count(f"{words}</span>") == counts[found]
