"""Browsers and installations for the journeys: the system's Chromium, headless, one profile a person."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Playwright, sync_playwright

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
        self.context.set_default_timeout(20_000)
        return self.context

    def close(self) -> None:
        if self.context is not None:
            self.context.close()
            self.context = None


@dataclass
class People:
    """The browsers of a journey, by name."""

    playwright: Playwright
    chromium: str
    folder: Path
    profiles: dict[str, Profile] = field(default_factory=dict)

    def profile(self, name: str, options: dict[str, Any] | None = None) -> Profile:
        if name not in self.profiles:
            self.profiles[name] = Profile(self.playwright, self.chromium, self.folder / name, options or PHONE)
        return self.profiles[name]

    def close(self) -> None:
        for profile in self.profiles.values():
            profile.close()


@pytest.fixture
def people(playwright: Playwright, chromium: str, tmp_path: Path) -> Iterator[People]:
    made = People(playwright, chromium, tmp_path / "profiles")
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
