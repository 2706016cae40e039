"""The letters themselves: French first, English below, text and HTML with the same words, nothing loaded from anywhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from estran.texts import DEFAULT_LANG, LANGS, day_words, t


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


Said = Mapping[str, str]
"""The same words by language; where the English ones are empty the French are shown, and nothing where both are."""

URGENCY = ("cancelled", "removed", "changed", "promoted", "noted", "awaited", "soon", "invited", "thanks")
"""What a letter about events says first, and in its subject."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a letter tells of one event."""

    kind: str
    """One of URGENCY: `awaited` and `soon` are the reminders of who has not replied, and of who comes."""
    title: Said
    about: Said = field(default_factory=dict)
    when: Sequence[Said] = ()
    """The time one comes to, or those to choose from."""
    where: Said = field(default_factory=dict)
    bring: Said = field(default_factory=dict)
    access: Said = field(default_factory=dict)
    guests_max: int = 0
    """Whom one may bring, for who may still choose."""
    guests: int = 0
    """Whom one brings."""
    reply: str = "awaited"
    by: Said | None = None
    """Until when a reply is wished for; None where none is."""
    link: str = ""
    changed: Said | None = None
    gone: Sequence[Said] = ()
    """The times that are no more, for who had chosen one of them."""
    words: str = ""
    """The officer's own: why it was cancelled, or thanks."""


def news(
    head: Letterhead, *, first_name: str, notices: Sequence[Notice], quiet_link: str, has_calendar: bool
) -> Written:
    """Everything that somebody is told about events at one time; what cannot wait first."""
    in_order = sorted(notices, key=lambda one: URGENCY.index(one.kind))
    first, n_others = in_order[0], len(in_order) - 1
    title = first.title[DEFAULT_LANG]
    title = title if len(title) <= SUBJECT_TITLE_MAX else f"{title[: SUBJECT_TITLE_MAX - 1].rstrip()}…"
    subject = t(DEFAULT_LANG, f"news.{first.kind}.title", title=title)
    if n_others:
        subject = t(DEFAULT_LANG, "news.and_others", subject=subject, n=n_others)
    return _render(
        "news",
        f"{subject} · {head.club}",
        head,
        first_name=first_name,
        notices=in_order,
        quiet_link=quiet_link,
        has_calendar=has_calendar,
    )


SUBJECT_TITLE_MAX = 50
"""A telephone shows half of it; with what is around it, the longest subject still fits its column."""

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
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates" / "letters"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals["say"] = t
    return environment
