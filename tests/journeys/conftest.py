"""Browsers and installations for the journeys: the system's Chromium, headless, one profile a person."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from .camera import blank
from .world import World

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
]
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "locale": "fr-FR"}
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}, "locale": "fr-FR"}
PATIENCE_MS = 20_000


@pytest.fixture(scope="session")
def chromium() -> str:
    path = os.environ.get("ESTRAN_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    assert path, "no Chromium found: run the tests with `make test`, or set ESTRAN_CHROMIUM to its path"
    return path


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Ends with its module: its event loop would keep asynchronous tests of other folders from running."""
    with sync_playwright() as running:
        yield running


@dataclass
class Profile:
    """A person's browser: what it stores survives `close` and `open`, as on a phone that is switched off."""

    playwright: Playwright
    chromium: str
    folder: Path
    options: dict[str, Any]
    context: BrowserContext | None = None

    @property
    def film(self) -> Path:
        """What this profile's camera sees."""
        return self.folder / "camera.y4m"

    def open(self, **options: Any) -> BrowserContext:
        assert self.context is None
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self.film.exists():
            blank(self.film)
        self.context = self.playwright.chromium.launch_persistent_context(
            self.folder / "profile",
            executable_path=self.chromium,
            headless=True,
            args=[*FLAGS, f"--use-file-for-fake-video-capture={self.film}"],
            **self.options | options,
        )
        self.context.set_default_timeout(PATIENCE_MS)
        return self.context

    def close(self) -> None:
        if self.context is not None:
            self.context.close()
            self.context = None


@dataclass
class Shared:
    """One Chromium for everybody of a module who never switches a device off; starts when the first of them comes."""

    playwright: Playwright
    chromium: str
    folder: Path
    browser: Browser | None = None

    def context(self, **options: Any) -> BrowserContext:
        """As good as a browser of one's own: nothing in it yet, and nothing seen of the others."""
        if self.browser is None:
            film = self.folder / "camera.y4m"
            blank(film)
            self.browser = self.playwright.chromium.launch(
                executable_path=self.chromium,
                headless=True,
                args=[*FLAGS, f"--use-file-for-fake-video-capture={film}"],
            )
        made = self.browser.new_context(**options)
        made.set_default_timeout(PATIENCE_MS)
        return made

    def close(self) -> None:
        if self.browser is not None:
            self.browser.close()


@pytest.fixture(scope="module")
def shared(playwright: Playwright, chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    made = Shared(playwright, chromium, tmp_path_factory.mktemp("shared"))
    yield made
    made.close()


@dataclass
class People:
    """The browsers of a journey, by name."""

    shared: Shared
    folder: Path
    profiles: dict[str, Profile] = field(default_factory=dict)
    guests: list[BrowserContext] = field(default_factory=list)

    def profile(self, name: str, options: dict[str, Any] | None = None) -> Profile:
        """A browser of somebody's own, with a camera: a second of work each time it opens."""
        if name not in self.profiles:
            made = Profile(self.shared.playwright, self.shared.chromium, self.folder / name, options or PHONE)
            self.profiles[name] = made
        return self.profiles[name]

    def page(self, options: dict[str, Any] | None = None, **more: Any) -> Page:
        """Somebody's first page, for who neither switches the device off nor looks through its camera."""
        self.guests.append(self.shared.context(**(options or PHONE) | more))
        return self.guests[-1].new_page()

    def close(self) -> None:
        for context in self.guests:
            context.close()
        for profile in self.profiles.values():
            profile.close()


@pytest.fixture
def people(shared: Shared, tmp_path: Path) -> Iterator[People]:
    made = People(shared, tmp_path / "profiles")
    yield made
    made.close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    folder = tmp_path / "installation"
    folder.mkdir()
    made = World(folder)
    made.start()
    yield made
    made.close()
