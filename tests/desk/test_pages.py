from dataclasses import replace
from typing import Any

import httpx
import pytest

from estran.app import create_app
from estran.settings import Settings
from tests.conftest import ORIGIN, FrozenClock
from tests.desk.conftest import read
from tests.outline import check_page, title_of
from tests.visits.conftest import Phone, Scanner, Town

pytestmark = pytest.mark.anyio


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
        "/desk/events",
        "/desk/events/new",
        "/desk/inbox",
        "/desk/inbox/past",
        "/desk/inbox/queue-file",
        "/desk/people",
        "/desk/people/new",
        "/desk/settings",
        "/desk/settings/membership",
        "/desk/settings/identity",
        "/desk/settings/looks",
        "/desk/settings/privacy",
        "/desk/register",
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
            check_page(answer.text, lang, path)
            if lang == "fr":
                titles.add(title_of(answer.text))
    assert len(titles) == len(paths)


async def test_signed_out_people_are_led_to_the_door(client: httpx.AsyncClient) -> None:
    answer = await client.get("/desk/people")
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/sign-in?next=/desk/people")
    assert (await client.post("/desk/people/new", data={})).status_code == 401
