from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest

from estran.app import create_app
from estran.settings import Settings
from tests.conftest import ORIGIN, FrozenClock
from tests.desk.conftest import read
from tests.visits.conftest import Phone, Scanner, Town

pytestmark = pytest.mark.anyio


class Outline(HTMLParser):
    """What a page is made of: landmarks, headings, ids, labels."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


async def test_the_public_page_has_three_doors_and_says_its_accessibility(client: httpx.AsyncClient) -> None:
    answer = await client.get("/", headers={"accept-language": "fr"})
    page = read(answer)
    assert answer.status_code == 200
    for door in ('href="/pass/"', 'href="/scan/"', 'href="/desk/"'):
        assert door in page
    assert "Accessibilité : non conforme (audit non réalisé)" in page
    assert "Démonstration" not in page


async def test_the_public_page_speaks_english_to_those_who_do(client: httpx.AsyncClient) -> None:
    page = read(await client.get("/", headers={"accept-language": "en-GB,en;q=0.9"}))
    assert '<html lang="en">' in page
    assert "Open my pass" in page
    assert "Accessibility: not compliant" in page


async def test_every_page_of_the_demonstration_says_so(settings: Settings, clock: FrozenClock, engine: Any) -> None:
    demo: Any = create_app(replace(settings, demo=True, mail="mailbox:"), clock=clock)
    async with (
        demo.lifespan(),
        httpx.AsyncClient(transport=httpx.ASGITransport(app=demo), base_url=ORIGIN) as browser,
    ):
        assert "Démonstration : avantages fictifs" in read(await browser.get("/", headers={"accept-language": "fr"}))


async def test_pages_have_one_title_landmarks_and_labels(
    desk: httpx.AsyncClient, town: Town, till: Scanner, camille: Phone
) -> None:
    visit = till.scan(camille.show(town.clock()))
    await till.hand_in(visit)
    person, venue = f"/desk/people/{camille.owner.id}", f"/desk/venues/{town.museum.id}"
    paths = [
        "/",
        "/desk",
        "/desk/inbox",
        "/desk/inbox/past",
        "/desk/inbox/queue-file",
        "/desk/people",
        "/desk/people/new",
        "/desk/settings",
        "/desk/venues",
        "/desk/venues/new",
        person,
        *(f"{person}/{act}" for act in ("edit", "code", "visits", "pause", "revoke", "mandates/new")),
        venue,
        *(f"{venue}/{act}" for act in ("edit", "pause", "archive", "managers", "pairing", "benefits/new")),
        f"{venue}/benefits/{town.benefit.id}",
        f"{venue}/benefits/{town.benefit.id}/end",
        f"{venue}/days/2026-06-15",
        f"/desk/devices/{till.device.id}/cut",
        f"/desk/visits/{visit['id']}",
        f"/desk/visits/{visit['id']}/correct",
        f"/desk/visits/{visit['id']}/cancel",
        "/desk/history",
    ]
    titles = set()
    for path in paths:
        for lang in ("fr", "en"):
            answer = await desk.get(path, params={"lang": lang})
            assert answer.status_code == 200, path
            outline = Outline(answer.text)
            assert outline.all("html") == [{"lang": lang}]
            assert len(outline.all("h1")) == 1, path
            assert len(outline.all("main")) == 1
            ids = [attributes["id"] for _, attributes in outline.tags if "id" in attributes]
            assert len(ids) == len(set(ids)), path
            labelled = {label.get("for") for label in outline.all("label")}
            fields = [
                field
                for tag in ("input", "select", "textarea")
                for field in outline.all(tag)
                if field.get("type") != "hidden"
            ]
            assert {field["id"] for field in fields} <= labelled, path
            for _, attributes in outline.tags:
                named = (attributes.get("aria-describedby") or "") + " " + (attributes.get("aria-labelledby") or "")
                assert set(named.split()) <= set(ids), path
            assert "style" not in {name for _, attributes in outline.tags for name in attributes}
            if lang == "fr":
                titles.add(answer.text.partition("<title>")[2].partition("</title>")[0])
    assert len(titles) == len(paths)


async def test_signed_out_people_are_led_to_the_door(client: httpx.AsyncClient) -> None:
    answer = await client.get("/desk/people")
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/sign-in?next=/desk/people")
    assert (await client.post("/desk/people/new", data={})).status_code == 401
