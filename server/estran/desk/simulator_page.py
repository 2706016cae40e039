"""What would this venue give? The very rules of the door, asked in advance. Nothing is written, nobody is told."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, Router, get
from litestar.params import FromPath

from estran.access.guards import officer_only
from estran.club import circles
from estran.club import service as club
from estran.desk import queries
from estran.desk.benefit_form import typed_time
from estran.desk.forms import Form
from estran.desk.screen import AnyRequest, Now, Say, Who, say_to, screen
from estran.errors import NotFound
from estran.passes import entitlement
from estran.passes.rules import Answer as DeskAnswer
from estran.passes.rules import Decisions, Reason, Verdict
from estran.texts import MissingText
from estran.venues import sentences
from estran.venues import service as venues
from estran.venues.sentences import Reader, give, sentence
from estran.venues.terms import COMPANIONS_MAX, QUOTA_MAX, Terms
from estran.visits import door
from estran.visits.door import Comer

LOOKS = {"admit": ("good", "good"), "ask": ("care", "care"), "refuse": ("stop", "stop")}
FIELDS = ("who", "day", "time", "companions", "children", "visits", "medium", "identity", "booked", "benefit")
CHILDREN_MAX = 20
_COUNTED: Mapping[Reason, str] = {Reason.QUOTA_USED: "used", Reason.COMPANIONS_MISSING: "min"}
"""Sentences that agree with a number."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the desk would see, in the officer's language."""

    verdict: Verdict
    reason: str
    gives: str
    sentence: str
    children: str
    """What is to be said of the children who come along."""
    others: list[tuple[str, str]]
    """Benefits that fit, too: the address that tries them, and their sentence."""


@get("/", include_in_schema=False)
async def simulator_page(request: AnyRequest, venue_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """The question, and its answer once it was asked."""
    venue = await venues.venue(venue_id)
    say = await say_to(request, actor, now=now)
    asked = {name: request.query_params.get(name, "") for name in FIELDS}
    is_asked = bool(asked["day"])
    if not is_asked:
        asked |= {"who": "any", "day": say.today.isoformat(), "time": f"{now.astimezone(say.zone):%H:%M}"}
    form = Form(asked)
    answer = await _answer(venue_id, form, say) if is_asked else None
    return await screen(
        request,
        actor,
        "simulator",
        now=now,
        within="venues",
        form=form,
        venue=venue,
        answer=answer,
        looks=LOOKS,
        circles=await circles.circles(),
        people=await queries.people_to_choose(),
    )


async def _answer(venue_id: UUID, form: Form, say: Say) -> Answer | None:
    day, hour = form.day("day"), typed_time(form.get("time"))
    if hour is None or hour == "24:00":
        form.fault("time", "benefit.fault.time")
    companions = form.number("companions", least=0, most=COMPANIONS_MAX, required=False)
    visits = form.number("visits", least=0, most=QUOTA_MAX, required=False)
    children = form.number("children", least=0, most=CHILDREN_MAX, required=False)
    comer = await _comer(form)
    if form.faults or day is None or hour is None or comer is None:
        return None
    at = datetime.combine(day, time.fromisoformat(hour), tzinfo=say.zone)
    decisions = Decisions(
        identity=form.get("identity") == "yes",
        companions=companions,
        booked=form.get("booked") == "yes",
        benefit_id=form.get("benefit") or None,
    )
    is_paper = form.get("medium") == "paper"
    there = await door.door(venue_id, comer, at=at, decisions=decisions, is_paper=is_paper, used=visits)
    return await _said(venue_id, form, there.verdict(), say, children or 0)


async def _comer(form: Form) -> Comer | None:
    kind, _, key = form.get("who").partition("-")
    try:
        if kind == "circle":
            return Comer(circle_id=(await circles.circle(UUID(key))).id)
        if kind == "person":
            return Comer(ambassador_id=(await club.ambassador(UUID(key))).id)
    except (ValueError, NotFound):
        kind = ""
    if kind not in {"any", "certified"}:
        form.fault("who", "form.fault.choice")
        return None
    return Comer(is_certified=kind == "certified")


async def _said(venue_id: UUID, form: Form, verdict: Verdict, say: Say, children: int) -> Answer:
    benefits = {str(one.id): one for one in await venues.benefits_of(venue_id)}
    names = await entitlement.names()
    benefit = benefits.get(verdict.benefit_id or "")
    terms = benefit.terms if benefit else None
    return Answer(
        verdict=verdict,
        reason=_reason(verdict, terms, say),
        gives=give(terms, say.lang) if terms and verdict.answer is not DeskAnswer.REFUSE else "",
        sentence=sentence(terms, Reader.OFFICER, say.lang, names) if terms else "",
        children=say.t("desk.try.no_children") if terms and children and terms.children_under is None else "",
        others=[
            (_address(form, one), sentence(benefits[one].terms, Reader.DESK, say.lang, names)) for one in verdict.others
        ],
    )


def _reason(verdict: Verdict, terms: Terms | None, say: Say) -> str:
    """The scanner's sentence, with what it says of numbers and days."""
    values: dict[str, object] = {"previous": "", "min": 0, "used": verdict.used, "quota": 0, "period": "", "until": ""}
    if verdict.previous_at is not None:
        values["previous"] = say.hour(datetime.fromtimestamp(verdict.previous_at, UTC))
    if terms is not None:
        values["min"] = terms.min_paying_companions
        if terms.quota is not None:
            values |= {"quota": terms.quota.n, "period": say.t(f"desk.try.period.{terms.quota.per}")}
    if verdict.closed_until is not None:
        values["until"] = say.day(date.fromisoformat(verdict.closed_until))
    key, number = f"desk.try.reason.{verdict.reason}", _COUNTED.get(verdict.reason)
    try:
        said = say.t(key, **values, **({"n": values[number]} if number else {}))
    except MissingText:  # a reason that no door of ours can give to a pass in good order
        return say.reason(verdict.reason)
    return f"{said} {_opens(verdict, say)}" if verdict.reason is Reason.NOT_NOW else said


def _opens(verdict: Verdict, say: Say) -> str:
    """When it is given again."""
    if verdict.opens is None:
        return say.t("desk.try.never")
    day, minute = verdict.opens
    at = sentences.time(f"{minute // 60:02}:{minute % 60:02}", say.lang)
    return say.t("desk.try.again", day=say.long_day(date.fromisoformat(day)), hour=at)


def _address(form: Form, benefit_id: str) -> str:
    """The same question about that benefit."""
    return "?" + urlencode({name: form.get(name) for name in FIELDS if name != "benefit"} | {"benefit": benefit_id})


routers = [Router("/desk/venues/{venue_id:uuid}/try", guards=[officer_only], route_handlers=[simulator_page])]
