"""The letters themselves: French first, English below, text and HTML with the same words, nothing loaded from anywhere."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from estran.texts import LANGS, day_words


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who writes: the club's name and public origin; whether this is the demonstration."""

    club: str
    origin: str
    demo: bool


@dataclass(frozen=True, slots=True)
class Written:
    """A letter ready for `mail.service.write`."""

    kind: str
    subject: str
    text: str
    html: str


def sign_in(head: Letterhead, *, token: str, code: str, minutes: int) -> Written:
    """The way in somebody asked for: a code for the browser that asked, and a link for any other."""
    return _render(
        "sign_in",
        f"Votre code de connexion · {head.club}",
        head,
        link=f"{head.origin}/sign-in/{token}",
        code=code,
        minutes=minutes,
    )


def invitation(
    head: Letterhead, *, token: str, first_name: str, days: int, is_desk: bool = False, venue: str = ""
) -> Written:
    """The first letter: a link that opens the pass once, within `days`; or the desk, or this venue's page.

    `first_name` may be empty.
    """
    return _render(
        "invitation",
        f"Votre invitation · {head.club}",
        head,
        link=f"{head.origin}/sign-in/{token}",
        first_name=first_name,
        days=days,
        is_desk=is_desk,
        venue=venue,
    )


def renewal(head: Letterhead, *, first_name: str, last_day: date, days_left: int, has_answered: bool) -> Written:
    """A mandate ends soon: does its ambassador wish to go on? The link leads to where the pass asks."""
    said = {lang: day_words(last_day, lang) for lang in LANGS}
    return _render(
        "renewal",
        f"Votre mandat se termine le {said['fr']} · {head.club}",
        head,
        link=f"{head.origin}/pass/#/account",
        first_name=first_name,
        last_day=said,
        days_left=days_left,
        has_answered=has_answered,
    )


def renewed(head: Letterhead, *, first_name: str, first_day: date, last_day: date) -> Written:
    """The mandate that follows is recorded: there is nothing to do."""
    return _render(
        "renewed",
        f"Votre mandat continue · {head.club}",
        head,
        link=f"{head.origin}/pass/",
        first_name=first_name,
        first_day={lang: day_words(first_day, lang) for lang in LANGS},
        last_day={lang: day_words(last_day, lang) for lang in LANGS},
    )


def manifesto(
    head: Letterhead, *, first_name: str, is_to_sign: bool, by: date | None, is_reminder: bool = False
) -> Written:
    """A version was published: to be signed by the day `by` (None: now), or only to be read."""
    return _render(
        "manifesto",
        f"Le manifeste des ambassadeurs · {head.club}",
        head,
        link=f"{head.origin}/pass/#/manifesto",
        first_name=first_name,
        is_to_sign=is_to_sign,
        by={lang: day_words(by, lang) for lang in LANGS} if by else None,
        is_reminder=is_reminder,
    )


def answered(head: Letterhead, *, first_name: str) -> Written:
    """The office has answered a request about data; the answer itself is read in the pass, behind its door."""
    return _render(
        "answered",
        f"L’office a répondu à votre demande · {head.club}",
        head,
        link=f"{head.origin}/pass/#/data",
        first_name=first_name,
    )


BUTTON = (
    "display:inline-block;padding:.7em 1.4em;border-radius:2em;background:#06323f;color:#fff;font-weight:bold;"
    "text-decoration:none"
)
"""The one thing to do, in letters: no style sheet goes along."""


def _render(kind: str, subject: str, head: Letterhead, **values: object) -> Written:
    values |= {"club": head.club, "origin": head.origin, "demo": head.demo, "button": BUTTON}
    if head.demo:
        subject = f"[Démonstration] {subject}"
    text, html = (_environment().get_template(f"{kind}.{ending}").render(values) for ending in ("txt", "html"))
    return Written(kind=kind, subject=subject, text=text, html=html)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates" / "letters"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
