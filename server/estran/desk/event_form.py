"""An event's form: what was typed as a draft with its slots, and both as they are typed. Pure: the zone and `now` are given.

Slots are rows that a button adds or takes away; a row in which nothing stands is none.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from estran.desk.benefit_form import typed_time
from estran.desk.forms import Form
from estran.events import rules
from estran.events.planning import LINES, TEXTS, Draft, SlotDraft
from estran.events.rules import Who
from estran.events.tables import Event, Slot

COLUMNS = ("day", "starts", "ends", "note", "capacity")
REPLY_HOUR = "18:00"
REPLIED_BEFORE = timedelta(days=2)
"""Before the first slot's day: until when a reply is wished for, unless the officer says otherwise."""
EARLY = time(6)
"""An end before this hour is that of the night that follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What there is to choose from, and whether the event may still lie in the past: once it was sent, it may."""

    venues: Collection[str]
    circles: Collection[str]
    people: Collection[UUID]
    zone: ZoneInfo
    now: datetime
    is_sent: bool = False
    reply_by: datetime | None = None
    """The deadline that the event has: it may stay, though it is over."""


@dataclass(frozen=True, slots=True)
class Typed:
    """The event that was typed; of use only while the form has no fault."""

    draft: Draft
    times: list[SlotDraft]
    rows: list[int]
    """The row of the form in which each slot stands."""
    picked: list[UUID]
    releases: int
    """How many people's replies may be lost with a slot: of so many the form has told."""


# --- what was typed ---------------------------------------------------------------------------------------------------


def read(form: Form, choices: Choices) -> Typed:
    """What was typed; what cannot be used is noted in the form."""
    venue = form.choice("venue_id", choices.venues) if form.get("venue_id") else ""
    who = Who(form.choice("who", list(Who)) or Who.ALL) if form.get("who") else Who.ALL
    circle = form.choice("circle_id", choices.circles) if who is Who.CIRCLE else ""
    picked = [one for one in choices.people if form.get(f"pick-{one}") == "yes"]
    if who is Who.PICKED and not picked:
        form.fault("picked", "form.fault.event.nobody")
    title = form.text("title", most=rules.TITLE_MAX)
    place = form.text("place", most=rules.PLACE_MAX, required=False)
    if not venue and not place and "venue_id" not in form.faults:
        form.fault("place", "form.fault.event.place")
    slots, rows = _slots(form, choices)
    draft = Draft(
        title=title,
        title_en=form.text("title_en", most=rules.TITLE_MAX, required=False),
        about=form.long_text("about", most=rules.TEXT_MAX, required=False),
        about_en=form.long_text("about_en", most=rules.TEXT_MAX, required=False),
        venue_id=UUID(venue) if venue else None,
        place=place,
        place_en=form.text("place_en", most=rules.PLACE_MAX, required=False),
        access=form.long_text("access", most=rules.TEXT_MAX, required=False),
        access_en=form.long_text("access_en", most=rules.TEXT_MAX, required=False),
        bring=form.long_text("bring", most=rules.TEXT_MAX, required=False),
        bring_en=form.long_text("bring_en", most=rules.TEXT_MAX, required=False),
        guests_max=form.number("guests_max", least=0, most=rules.GUESTS_MAX, required=False) or 0,
        who=who,
        circle_id=UUID(circle) if circle else None,
        walk_ins=form.get("walk_ins") == "yes",
        newcomers_first=form.get("newcomers_first") == "yes",
        reply_by=read_deadline(form, slots, choices),
    )
    releases = form.number("releases", least=0, most=rules.CAPACITY_MAX, required=False) or 0
    return Typed(draft, slots, rows, picked, releases)


def blame(form: Form, typed: Typed, fields: Collection[str]) -> None:
    """Note what the service found wrong, under the names that the form has for it."""
    for name in fields:
        first, _, rest = name.partition("_")
        at, _, column = rest.partition("_")
        if first == "slot" and at.isdigit():
            form.fault(f"slot.{typed.rows[int(at)]}.{column}", "form.fault.refused")
        else:
            form.fault({"reply_by": "reply_by_day", "slots": "slot.0.day"}.get(name, name), "form.fault.refused")


def is_filled(form: Form, row: int) -> bool:
    """Whether something is typed in a row."""
    return any(form.get(f"slot.{row}.{column}").strip() for column in COLUMNS)


def _slots(form: Form, choices: Choices) -> tuple[list[SlotDraft], list[int]]:
    rows = [row for row in range(rules.SLOTS_MAX) if is_filled(form, row)] or [0]
    found, places = [], []
    for row in rows:
        name = f"slot.{row}"
        day = form.day(f"{name}.day")
        starts, ends = _time(form, f"{name}.starts"), _time(form, f"{name}.ends", at_the_end=True)
        note = form.text(f"{name}.note", most=rules.NOTE_MAX, required=False)
        capacity = form.number(f"{name}.capacity", least=1, most=rules.CAPACITY_MAX, required=False)
        if day is None or not starts or not ends:
            continue
        starts_at, ends_at = _at(day, starts, choices.zone), _at(day, ends, choices.zone)
        if ends_at <= starts_at and ends < f"{EARLY:%H:%M}":
            ends_at = _at(day + timedelta(days=1), ends, choices.zone)
        if ends_at <= starts_at:
            form.fault(f"{name}.ends", "form.fault.event.ends")
        if not choices.is_sent and starts_at <= choices.now:
            form.fault(f"{name}.day", "form.fault.event.past")
        found.append(
            SlotDraft(id=form.uuid(f"{name}.id"), starts_at=starts_at, ends_at=ends_at, note=note, capacity=capacity)
        )
        places.append(row)
    return found, places


def _time(form: Form, name: str, *, at_the_end: bool = False) -> str:
    text = form.get(name).strip()
    if not text:
        form.fault(name, "form.fault.missing")
        return ""
    found = typed_time(text, at_the_end=at_the_end)
    if found is None:
        form.fault(name, "form.fault.time")
    return found or ""


def _at(day: date, text: str, zone: ZoneInfo) -> datetime:
    """That day at `HH:MM` by the clocks of that zone; 24:00 is the end of the day."""
    hours, minutes = (int(part) for part in text.split(":"))
    return (datetime.combine(day, time(), zone) + timedelta(hours=hours, minutes=minutes)).astimezone(UTC)


def read_deadline(form: Form, slots: Sequence[Slot | SlotDraft], choices: Choices) -> datetime | None:
    """Until when a reply is wished for: what was typed, or what is usual; None when that is faulty, or there is no slot."""
    hour = _time(form, "reply_by_time") if form.get("reply_by_time").strip() else REPLY_HOUR
    first = min((one.starts_at for one in slots), default=None)
    if form.get("reply_by_day").strip():
        day = form.day("reply_by_day")
        if day is None or not hour:
            return None
        found = _at(day, hour, choices.zone)
    elif first is None or not hour:
        return None
    else:
        found = usual_deadline(first, choices.zone, hour)
        if found <= choices.now:
            form.fault("reply_by_day", "form.fault.event.soon")
    if first is not None and found > first:
        form.fault("reply_by_day", "form.fault.event.late_reply")
    elif found <= choices.now and not (choices.is_sent and found == choices.reply_by):
        form.fault("reply_by_day", "form.fault.event.past")
    return found


def usual_deadline(first: datetime, zone: ZoneInfo, hour: str = REPLY_HOUR) -> datetime:
    """Two days before the first slot."""
    return _at((first.astimezone(zone) - REPLIED_BEFORE).date(), hour, zone)


# --- as it is typed ---------------------------------------------------------------------------------------------------


def values_of(row: Event, slots: Sequence[Slot], picked: Collection[UUID], zone: ZoneInfo) -> dict[str, str]:
    """The fields' values for this event: what `read` makes the same of."""
    values = {name: getattr(row, name) for name in (*LINES, *TEXTS, "who")}
    values |= {name: str(getattr(row, name) or "") for name in ("venue_id", "circle_id")}
    values |= {name: "yes" for name in ("walk_ins", "newcomers_first") if getattr(row, name)}
    values |= {"guests_max": str(row.guests_max), "reply_by_time": REPLY_HOUR}
    values |= {f"pick-{one}": "yes" for one in picked}
    if row.reply_by is not None:
        values |= deadline_values(row.reply_by, zone)
    for at, slot in enumerate(slots):
        starts, ends = slot.starts_at.astimezone(zone), slot.ends_at.astimezone(zone)
        values |= {
            f"slot.{at}.id": str(slot.id),
            f"slot.{at}.day": starts.date().isoformat(),
            f"slot.{at}.starts": f"{starts:%H:%M}",
            f"slot.{at}.ends": f"{ends:%H:%M}",
            f"slot.{at}.note": slot.note,
            f"slot.{at}.capacity": "" if slot.capacity is None else str(slot.capacity),
        }
    return values


def deadline_values(reply_by: datetime, zone: ZoneInfo) -> dict[str, str]:
    """The fields of until when a reply is wished for."""
    local = reply_by.astimezone(zone)
    return {"reply_by_day": local.date().isoformat(), "reply_by_time": f"{local:%H:%M}"}


def as_new(values: dict[str, str]) -> dict[str, str]:
    """The same event another time: its days are still to be said."""
    gone = ("reply_by_day", "reply_by_time")
    return {name: value for name, value in values.items() if name not in gone and not name.endswith((".day", ".id"))}


def grown(form: Form, act: str) -> tuple[Form, int]:
    """The form after the button `more` or `drop.<row>`, and how many rows it then shows; filled rows move together."""
    filled = [row for row in range(rules.SLOTS_MAX) if is_filled(form, row) and act != f"drop.{row}"]
    values = {name: value for name, value in form.values.items() if not name.startswith("slot.")}
    for place, row in enumerate(filled):
        for column in ("id", *COLUMNS):
            values[f"slot.{place}.{column}"] = form.get(f"slot.{row}.{column}")
    return Form(values), min(max(len(filled) + (act == "more"), 1), rules.SLOTS_MAX)
