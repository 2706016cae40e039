"""Both apps can be put on a home screen: manifest complete, icons as they say, a worker that answers without network."""

import io
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from PIL import Image
from playwright.sync_api import expect

from .conftest import People
from .world import World

pytestmark = pytest.mark.journey
APPS = ["/pass/", "/scan/"]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("installation"))
    made.start()
    yield made
    made.close()


def manifest_of(world: World, app: str) -> dict[str, Any]:
    page = httpx.get(f"{world.origin}{app}").raise_for_status().text
    assert f'<link rel="manifest" href="{app}manifest.webmanifest"' in page
    found: dict[str, Any] = json.loads(httpx.get(f"{world.origin}{app}manifest.webmanifest").raise_for_status().text)
    return found


@pytest.mark.parametrize("app", APPS)
def test_the_manifest_is_complete(served: World, app: str) -> None:
    manifest = manifest_of(served, app)
    assert all(manifest[name] for name in ("name", "short_name", "description", "lang"))
    assert len(manifest["short_name"]) <= 12, "a home screen shows no more"
    assert manifest["id"] == manifest["scope"] == app, "two apps on one origin: neither is the other"
    assert manifest["start_url"].startswith(manifest["scope"])
    assert manifest["display"] == "standalone"
    assert all(manifest[name].startswith("#") for name in ("background_color", "theme_color"))


@pytest.mark.parametrize("app", APPS)
def test_the_icons_are_what_the_manifest_says(served: World, app: str) -> None:
    kinds = set()
    for icon in manifest_of(served, app)["icons"]:
        answer = httpx.get(f"{served.origin}{app}{icon['src']}").raise_for_status()
        picture = Image.open(io.BytesIO(answer.content))
        assert answer.headers["content-type"] == icon["type"]
        assert icon["sizes"] == f"{picture.width}x{picture.height}"
        if icon["purpose"] == "maskable":  # a phone cuts its own shape out of it: nothing may shine through
            assert picture.convert("RGBA").getchannel("A").getextrema() == (255, 255)
        kinds.add((icon["sizes"], icon["purpose"]))
    assert {("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")} <= kinds


@pytest.mark.parametrize("app", APPS)
def test_it_starts_without_network(served: World, people: People, app: str) -> None:
    context = people.profile("visitor").open()
    page = context.new_page()
    page.goto(f"{served.origin}{app}")
    scope = page.evaluate("async () => (await navigator.serviceWorker.ready).scope")
    assert scope == f"{served.origin}{app}"
    devtools = context.new_cdp_session(page)
    assert devtools.send("Page.getInstallabilityErrors")["installabilityErrors"] == []
    context.set_offline(True)
    page.goto(f"{served.origin}{manifest_of(served, app)['start_url']}?from=home")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
