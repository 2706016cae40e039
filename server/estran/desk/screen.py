"""One page of the desk: the frame's own facts, and how it says things.

`Say` is what templates speak with. Everything it needs is read before the page is drawn, so that templates ask no database.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Request, Response
from litestar.datastructures import FormMultiDict
from litestar.di import NamedDependency
from litestar.response import Redirect
from markupsafe import Markup

from estran import clock
from estran.access import service as access
from estran.actor import Actor, Role
from estran.club import identity
from estran.club import service as club
from estran.desk import words
from estran.desk.forms import Fault, Form
from estran.errors import Invalid, NotFound
from estran.history.service import Entry
from estran.inbox import service as inbox
from estran.privacy.rules import PERIODS
from estran.privacy.service import kept_words
from estran.texts import MissingText, t
from estran.web.pages import page, page_lang

AnyRequest = Request[Any, Any, Any]
OFFICER_PLACES = (
    ("dashboard", "/desk/"),
    ("inbox", "/desk/inbox"),
    ("people", "/desk/people"),
    ("venues", "/desk/venues"),
    ("events", "/desk/events"),
    ("settings", "/desk/settings"),
)
LONG_PAST = timedelta(days=60)
"""What is further back is said by its day: nobody counts 654 days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """What every page knows of its reader and of the club."""

    lang: str
    now: datetime
    zone: ZoneInfo
    club: str
    office: str
    limit: timedelta
    is_officer: bool = False
    n_waiting: int = 0
    done: str = ""
    names: Mapping[UUID, str]
    """Addresses of accounts, by id: who did what."""
    accent: str = ""
    """The club's own colour, `#rrggbb`; empty: Estran's."""
    logo: str = ""
    """What the club's logo shows; empty: there is none."""

    @property
    def places(self) -> tuple[tuple[str, str], ...]:
        """Where an officer may go."""
        return OFFICER_PLACES

    @property
    def today(self) -> date:
        """The club's day."""
        return clock.local_day(self.now, self.zone)

    def t(self, key: str, **values: object) -> str:
        """A sentence, for macros that have no page around them."""
        return t(self.lang, key, **values)

    @property
    def french(self) -> Markup:
        """The attribute of an element that holds what somebody typed: French, whatever language the page speaks."""
        return Markup() if self.lang == "fr" else Markup(' lang="fr"')

    def quoted(self, text: str) -> Markup:
        """What somebody typed, as a quotation; the style sheet sets the marks."""
        return Markup("<q{}>{}</q>").format(self.french, text)

    def day(self, day: date) -> str:
        """A calendar day."""
        return words.day_words(day, self.lang)

    def long_day(self, day: date) -> str:
        """A calendar day with its name."""
        return words.long_day_words(day, self.lang)

    def short_day(self, day: date) -> str:
        """A day of the last months, without its year."""
        return words.short_day_words(day, self.lang)

    def month(self, day: date) -> str:
        """A month with its year."""
        return f"{words.month_words(day, self.lang)} {day.year}"

    def day_of(self, instant: datetime) -> str:
        """The day of an instant, in the club's zone."""
        return self.day(clock.local_day(instant, self.zone))

    def at(self, instant: datetime) -> str:
        """Day and hour, in the club's zone."""
        hour = words.hour_words(instant, self.zone, self.lang)
        return t(self.lang, "desk.at", day=self.day_of(instant), hour=hour)

    def long_day_of(self, instant: datetime) -> str:
        """The day of an instant with its name, in the club's zone."""
        return self.long_day(clock.local_day(instant, self.zone))

    def soon(self, instant: datetime) -> str:
        """Day with its name and hour, of what is near: without the year."""
        day = clock.local_day(instant, self.zone)
        hour = words.hour_words(instant, self.zone, self.lang)
        return t(self.lang, "desk.at", day=self.long_day(day).removesuffix(f" {day.year}"), hour=hour)

    def hour(self, instant: datetime) -> str:
        """The hour alone, where the day is said already."""
        return words.hour_words(instant, self.zone, self.lang)

    def ago(self, instant: datetime) -> str:
        """How long ago; of what is long past, the day."""
        if self.now - instant > LONG_PAST:
            return self.day_of(instant)
        return words.ago_words(instant, self.now, self.lang)

    @property
    def is_trouble(self) -> bool:
        """Whether what is said after the redirect is that nothing was done."""
        return self.done in TROUBLES

    def is_stale(self, instant: datetime | None) -> bool:
        """Whether a scanner's news are older than the club's limit."""
        return instant is None or self.now - instant > self.limit

    def label(self, field: str) -> str:
        """A field's name, as its label says it."""
        kind, _, key = field.partition(".")
        if kind == "slot":
            row, _, column = key.partition(".")
            return t(self.lang, "desk.event.slot.field", n=int(row) + 1, what=t(self.lang, f"desk.field.slot_{column}"))
        if kind == "keep":
            return t(self.lang, f"privacy.period.{key}")
        if kind == "basis":
            return t(self.lang, f"privacy.treatment.{key}.name")
        return t(self.lang, f"desk.field.{field}")

    def kept(self, period: str, n: int) -> str:
        """How long the data of a period is kept: `24 mois`, `30 jours`."""
        return kept_words(PERIODS[period], n, self.lang)

    def fault(self, fault: Fault) -> str:
        """What is wrong with a field."""
        return t(self.lang, f"desk.{fault.key}", **fault.values)

    def reason(self, reason: str) -> str:
        """Why a scan ended as it did; a reason that is newer than this page is said as it came."""
        try:
            return t(self.lang, f"desk.reason.{reason}")
        except MissingText:
            return reason

    def act(self, entry: Entry) -> str:
        """What somebody did, from the history."""
        values: dict[str, object] = {"begins": "", "ends": "", "changed": "", "before": "", "after": "", "wish": ""}
        values |= {"n": entry.details.get("n", 0), "reply": ""}
        if isinstance(reply := entry.details.get("reply"), str):
            values["reply"] = t(self.lang, f"desk.event.reply.{reply}")
        values["version"] = str(entry.details.get("version", ""))
        if (wish := entry.details.get("wish")) in {"yes", "no"}:
            values["wish"] = t(self.lang, f"desk.wish.{wish}")
        if isinstance(corrected := entry.details.get("companions"), list):
            values["before"], values["after"] = map(str, corrected)
        for key, place in _DAYS.items():
            stored = entry.details.get(key)
            newest = stored[-1] if isinstance(stored, list) else stored
            if isinstance(newest, str):
                values[place] = self.day(date.fromisoformat(newest))
        changed = entry.details.get("changed")
        fields = changed if isinstance(changed, list) else [key for key in entry.details if _is_setting(key)]
        if entry.details.get("moved"):
            fields = [*fields, "slots"]
        values["changed"] = ", ".join(self._field(str(field)) for field in fields)
        if entry.action == "privacy.choose":
            values["changed"] = " · ".join(self._choice(field, entry.details[field]) for field in fields)
        try:
            return t(self.lang, f"desk.did.{entry.action}", **values)
        except MissingText:  # an act of a room that is newer than this page
            return entry.action

    def _field(self, field: str) -> str:
        try:
            return t(self.lang, f"desk.changed.{field}")
        except MissingText:
            return field

    def _choice(self, field: str, stored: object) -> str:
        """A keeping time or a legal basis, and from what to what it was changed."""
        before, after = stored if isinstance(stored, list) else ("", "")
        if field.startswith("basis."):
            before, after = (t(self.lang, f"privacy.basis.{basis}") for basis in (before, after))
        return t(self.lang, "desk.changed.choice", what=self.label(field), before=before, after=after)

    def who(self, entry: Entry) -> str:
        """Who did it."""
        if entry.actor_kind == "account" and entry.actor_id is not None and entry.actor_id in self.names:
            return self.names[entry.actor_id]
        kind = entry.actor_kind if entry.actor_kind in {"account", "device"} else "system"
        return t(self.lang, f"desk.by.{kind}")


_DAYS = {"begins_on": "begins", "ends_on": "ends", "certified_on": "begins", "certified_until": "ends"}
HOUSE_NAMES = (
    "name",
    "office_name",
    "contact_email",
    "zone",
    "snapshot_limit_days",
    "silent_days",
    "digest_weekday",
    "digest_hour",
)
"""The rules of the house that the first page of settings shows, in its order; the history names them by the same words."""
_HOUSE_FIELDS = {*HOUSE_NAMES, *club.MEMBERSHIP_BOUNDS}


def _is_setting(key: str) -> bool:
    """Whether a detail of an act is a setting of the club that was changed."""
    return key in _HOUSE_FIELDS | {"asks_certificate"} or key.startswith(("keep.", "basis."))


DONE = {
    "added",
    "already",
    "saved",
    "invited",
    "invited-just-now",
    "invited-all",
    "paused",
    "resumed",
    "revoked",
    "paper-lost",
    "mandate",
    "benefit",
    "benefit-ended",
    "approved",
    "cut",
    "manager",
    "manager-gone",
    "archived",
    "answered",
    "answered-before",
    "cancelled",
    "confirmed",
    "corrected",
    "restored",
    "pairing-ended",
    "published",
    "erased",
    "answer",
    "officer",
    "officer-gone",
    "candidate-noted",
    "contacted",
    "declined",
    "admitted",
    "certified",
    "uncertified",
    "renewed",
    "imported",
    "pin",
    "all-confirmed",
    "closure",
    "closure-gone",
    "dissolved",
    "ordered",
    "copied",
    "proposed",
    "withdrawn",
    "accepted",
    "proposal-declined",
    "undone",
    "event-sent",
    "event-reopened",
    "event-changed",
    "event-closed",
    "event-cancelled",
    "event-removed",
    "event-replied",
    "event-waiting",
    "event-place",
    "event-presence",
    "event-summed",
    "event-served",
}
TROUBLES = {
    "too_many_devices",
    "device_cut",
    "not_counted",
    "not_to_confirm",
    "not_cancelled",
    "proof_used",
    "name_in_use",
    "last_officer",
    "no_paper",
    "in_use",
    "too_many_proposals",
    "proposal_answered",
    "benefit_ended",
    "too_late_to_undo",
    "event_over",
    "event_sent",
    "event_not_held",
    "event_without_slot",
    "event_without_deadline",
    "nobody_invited",
    "nobody_seen",
    "scanner_unheard",
}
"""What a page may say after a redirect: `?done=<word>`; anything else in the address is ignored."""


async def say_to(request: AnyRequest, actor: Actor | None, *, now: datetime, entries: list[Entry] | None = None) -> Say:
    """How to speak to whoever asked; `entries` are those whose authors the page will name."""
    house, looks = await club.house(), await identity.identity()
    is_officer = actor is not None and Role.OFFICER in actor.roles
    done = request.query_params.get("done", "")
    return Say(
        lang=page_lang(request),
        now=now,
        zone=ZoneInfo(house.zone),
        club=house.name,
        office=house.office_name,
        limit=timedelta(days=house.snapshot_limit_days),
        is_officer=is_officer,
        n_waiting=await inbox.count_open() if is_officer else 0,
        done=done if done in DONE | TROUBLES else "",
        names=await _names(entries or []),
        accent=looks.accent,
        logo=looks.logo_alt if looks.logo_type else "",
    )


async def _names(entries: list[Entry]) -> dict[UUID, str]:
    found: dict[UUID, str] = {}
    for account_id in {entry.actor_id for entry in entries if entry.actor_kind == "account" and entry.actor_id}:
        try:
            found[account_id] = (await access.account(account_id)).email
        except NotFound:
            continue
    return found


async def screen(
    request: AnyRequest,
    actor: Actor | None,
    template: str,
    /,
    *,
    now: datetime,
    within: str = "",
    here: str = "",
    form: Form | None = None,
    entries: list[Entry] | None = None,
    **values: object,
) -> Response[Any]:
    """The page `desk/<template>.html`. `within`: the place it belongs to; `here`: it is that place itself.

    A form with faults makes it 422.
    """
    say = await say_to(request, actor, now=now, entries=entries)
    return page(
        request,
        f"desk/{template}.html",
        status_code=422 if form is not None and form.faults else 200,
        say=say,
        within=within or here,
        here=here,
        form=form or Form(),
        entries=entries or [],
        **values,
    )


async def typed(request: AnyRequest) -> Form:
    """What was typed in the form; files and repeated fields are left out."""
    return Form({name: value for name, value in (await sent(request)).items() if isinstance(value, str)})


async def sent(request: AnyRequest) -> FormMultiDict:
    """The fields and files of a form. Raises Invalid for one that names an encoding that there is not."""
    try:
        return await request.form()
    except LookupError as error:
        raise Invalid("bad_request", "the form cannot be read: send it as UTF-8") from error


def attachment(content: bytes, filename: str, media_type: str) -> Response[bytes]:
    """A file to be saved, never kept by a cache on the way."""
    headers = {"Content-Disposition": f'attachment; filename="{filename}"', "Cache-Control": "no-store"}
    return Response(content, media_type=media_type, headers=headers)


def go(address: str, done: str = "") -> Redirect:
    """Off to a page of ours (303), which then says what was done."""
    return Redirect(f"{address}?done={done}" if done else address, status_code=303)


# How handlers take what the application provides.
Now = NamedDependency[datetime]
Who = NamedDependency[Actor]
