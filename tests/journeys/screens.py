"""What every screen is for everybody: nothing that axe finds, nothing cut off, at any width, text size and colours."""

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from estran.access import service as access

from . import served
from .world import START_LIMIT_S, World, eventually

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE_SIZE, DESK_SIZE, NARROW, HALVED = (360, 740), (1280, 800), (320, 640), (640, 800)
"""`HALVED`: a window of 640 px with text twice as large, as after zooming the text of a wide one."""
CALM: dict[str, Any] = {
    "viewport": {"width": PHONE_SIZE[0], "height": PHONE_SIZE[1]},
    "locale": "fr-FR",
    "reduced_motion": "reduce",
    "color_scheme": "light",
}
"""A browser whose owner asked for no movement: colours are measured at rest."""

RUN = """async (only) => {
  const found = await axe.run(document, { runOnly: only, resultTypes: ['violations'] });
  return found.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id} at ${node.target.join(' ')}`));
}"""
TOO_WIDE = """(width) => {
  if (document.documentElement.scrollWidth <= width) return [];
  const wide = [...document.body.querySelectorAll('*')].filter((one) => one.getBoundingClientRect().right > width + 1);
  return [`${document.documentElement.scrollWidth} px: ` + wide.slice(-3).map((one) => one.outerHTML.slice(0, 90))];
}"""

WEAK_ANSWER = """() => {
  const answer = document.querySelector('[data-answer]');
  if (!answer) return [];
  const luminance = (colour) => colour.match(/[\\d.]+/g).slice(0, 3).map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
  const ground = getComputedStyle(answer).backgroundColor;
  const faults = [...answer.querySelectorAll('h1, p')].flatMap((words) => {
    const { color } = getComputedStyle(words);
    const [high, low] = [luminance(color), luminance(ground)].sort((a, b) => b - a);
    const contrast = (high + 0.05) / (low + 0.05);
    return contrast >= 7 ? [] : [`${words.textContent}: contrast ${contrast}`];
  });
  const size = parseFloat(getComputedStyle(answer.querySelector('h1')).fontSize);
  return size >= 40 ? faults : [...faults, `the word is ${size} px high`];
}"""
"""An answer is read across a counter: its word at least 40 px, everything on its colour at 7:1 or more."""

NO_FOOT = """() => document.querySelector('main.full') ? [] : [
  ['the site map', 'a[href^="/sitemap"]'], ['the statement', 'a[href^="/accessibility"]'], ['the other language', '[lang=en]'],
].filter(([, way]) => !document.querySelector(way)).map(([what]) => `no way to ${what}`)"""
"""Every screen leads there, but for an answer and its confirmation: those only have their acts."""

UNSOUND = """() => {
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  const inLine = ':is(p, span, q, strong, label, button, summary, h1, h2, h3, h4, h5, h6)';
  const block = ':is(div, p, form, ul, ol, dl, table, section, fieldset, blockquote)';
  const inside = [...document.querySelectorAll(`${inLine} ${block}`)];
  return [
    ...ids.filter((id, at) => ids.indexOf(id) !== at).map((id) => `two are called ${id}`),
    ...inside.map((one) => `a ${one.localName} within a line: ${one.outerHTML.slice(0, 90)}`),
  ];
}"""
"""Of what a validator of HTML would find, what one may slip into again."""

UNSAID = """() => [...document.querySelectorAll('[required]')].filter((one) => one.checkVisibility()).flatMap((one) => {
  const fields = one.form.querySelectorAll('input:not([type=hidden]), select, textarea');
  const place = one.type === 'radio' ? one.closest('fieldset').querySelector('legend') : one.labels[0].parentElement;
  const isSaid = fields.length === 1 || /obligatoire|required/.test(place.textContent);
  return isSaid ? [] : [`${place.textContent}: must it be filled?`];
})"""
"""What must be filled says so beside its label; a form's only field need not (RGAA 11.10)."""

SPACED = """(width) => {
  const boxes = () => [...document.body.querySelectorAll('*')].filter((one) => {
    if (one.closest('.hidden-visually, svg') || one.clientWidth < 2 || !one.textContent.trim()) return false;
    const { overflowX, overflowY } = getComputedStyle(one);
    const isCut = (flow, inner, outer) => inner > outer + 1 && !['auto', 'scroll'].includes(flow);
    return isCut(overflowX, one.scrollWidth, one.clientWidth) || isCut(overflowY, one.scrollHeight, one.clientHeight);
  });
  const before = new Set(boxes());
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
    p { margin-bottom: 2em !important; }`);
  document.adoptedStyleSheets = [sheet];
  const faults = boxes().filter((one) => !before.has(one)).map((one) => `cut off: ${one.outerHTML.slice(0, 120)}`);
  if (document.documentElement.scrollWidth > width) faults.push(`${document.documentElement.scrollWidth} px`);
  return faults;
}"""
"""WCAG 1.4.12: who spaces lines, words and letters out loses nothing, and need not scroll sideways."""


@dataclass
class Lookout:
    """Looks at one screen after the other and tells all faults at the end."""

    faults: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    pictures: str = field(default_factory=lambda: os.environ.get("ESTRAN_PICTURES", ""))
    """A folder for pictures of every screen, for people to look at; none when empty."""

    def look(self, page: Page, screen: str) -> None:
        """At `screen` as it stands now, in every shape."""
        assert screen not in self.seen, f"two screens are called {screen}"
        self.seen.append(screen)
        page.keyboard.press("Shift")  # somebody's hand is on the device: nothing goes on by itself meanwhile
        if not page.evaluate("() => 'axe' in window"):
            page.evaluate(AXE.read_text(encoding="utf-8"))  # by the debugger: the page's own policy forbids it, rightly
            page.add_init_script(path=AXE)  # and pages after this one bring it along
        self._resize(page, DESK_SIZE, tall=True)
        self._note(page.evaluate(RUN, {"type": "tag", "values": TAGS}), f"{screen}, desktop")
        self._note(page.evaluate(NO_FOOT), screen)
        self._note(page.evaluate(UNSAID), screen)
        self._note(page.evaluate(UNSOUND), screen)
        self._picture(page, f"{screen}, desktop")
        self._resize(page, HALVED)
        page.evaluate("() => { document.documentElement.style.fontSize = '200%'; }")
        self._note(page.evaluate(TOO_WIDE, HALVED[0]), f"{screen}, text at 200 %")
        self._picture(page, f"{screen}, large")
        page.evaluate("() => { document.documentElement.style.fontSize = ''; }")
        self._resize(page, NARROW)
        self._note(page.evaluate(TOO_WIDE, NARROW[0]), f"{screen}, 320 px")
        self._note(page.evaluate(WEAK_ANSWER), f"{screen}, 320 px")
        self._picture(page, f"{screen}, narrow")
        self._note(page.evaluate(SPACED, NARROW[0]), f"{screen}, spaced out")
        self._picture(page, f"{screen}, spaced")
        page.evaluate("() => { document.adoptedStyleSheets = []; }")
        self._resize(page, PHONE_SIZE, tall=True)
        self._note(page.evaluate(RUN, {"type": "tag", "values": TAGS}), f"{screen}, phone")
        self._picture(page, f"{screen}, phone")
        page.emulate_media(color_scheme="dark")
        self._note(page.evaluate(RUN, {"type": "rule", "values": ["color-contrast"]}), f"{screen}, dark")
        self._note(page.evaluate(WEAK_ANSWER), f"{screen}, dark")
        self._picture(page, f"{screen}, dark")
        page.emulate_media(color_scheme="light")

    def report(self, n_screens: int) -> None:
        """Fails with every fault of every screen, or when not all of them were looked at."""
        assert len(self.seen) == n_screens, self.seen
        assert not self.faults, f"{len(self.faults)} faults on {len(self.seen)} screens:\n" + "\n".join(self.faults)

    def _note(self, found: list[str], where: str) -> None:
        self.faults += [f"{where}: {fault}" for fault in found]

    def _picture(self, page: Page, name: str) -> None:
        if self.pictures:
            page.screenshot(path=Path(self.pictures) / f"{name}.png", full_page=True)

    @staticmethod
    def _resize(page: Page, size: tuple[int, int], *, tall: bool = False) -> None:
        """`tall`: as high as the page, for axe takes what a fixed bar covers as lost, though it scrolls into sight."""
        page.set_viewport_size({"width": size[0], "height": size[1]})
        height = page.evaluate("() => document.documentElement.scrollHeight") if tall else 0
        if height > size[1]:
            page.set_viewport_size({"width": size[0], "height": height + 100})


class DemoWorld(World):
    """The demonstration: a club with people in every state, made by `estran demo`."""

    def __post_init__(self) -> None:
        self.origin = f"http://127.0.0.1:{self.port}"
        self.data = self.folder / "demo"
        self.database = f"sqlite:///{self.data / 'estran.sqlite'}"

    def start(self) -> None:
        command = ["demo", "--port", str(self.port), "--data", str(self.data)]
        self.process = served.start(command, os.environ, self.folder / "server.log")
        eventually(self._is_up, f"the demonstration answers; its log is {self.folder / 'server.log'}", START_LIMIT_S)

    def close(self) -> None:
        self.stop()


def link_for(world: World, email: str, realm: str) -> str:
    """A one-time link that signs `email` in, as a letter brings it."""
    now = datetime.now(UTC)

    async def act() -> str:
        account = await access.ensure_account(email, now=now)
        return await access.invite(account.id, realm, now=now, lifetime=timedelta(hours=1))

    return f"{world.origin}/sign-in/{world.do(act)}"
