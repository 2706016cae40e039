"""What a venue gives: a guided form whose sentences grow while one types, its order, its versions.

Without JavaScript the same form asks for its sentences by a button, and for one more row by another.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from estran.access import service as access
from estran.access.guards import officer_only
from estran.actor import Actor
from estran.club import circles
from estran.desk import benefit_form, queries, service
from estran.desk.benefit_examples import EXAMPLES
from estran.desk.benefit_form import Choices
from estran.desk.benefit_words import Change, changes, summaries
from estran.desk.forms import Form
from estran.desk.screen import AnyRequest, Now, Say, Who, go, say_to, screen, typed
from estran.errors import NotFound
from estran.passes import entitlement
from estran.texts import LANGS
from estran.venues import groups, invited
from estran.venues import service as venues
from estran.venues.sentences import Reader, sentence
from estran.venues.service import Given
from estran.venues.tables import Venue
from estran.venues.terms import PLAIN, Booking, Kind, Per, Proof, Scope, Terms
from estran.venues.terms import Who as ForWhom
from estran.venues.terms import read as read_terms

Sentences = Mapping[str, Mapping[str, str]]
Values = dict[str, Any]


def sentences_of(terms: Terms, names: Mapping[UUID, str]) -> Sentences:
    """What the benefit says: by reader, in both languages."""
    return {reader.value: {lang: sentence(terms, reader, lang, names) for lang in LANGS} for reader in Reader}


async def _draw(
    request: AnyRequest, actor: Actor, editor: "Editor", now: datetime, form: Form, values: Values
) -> Response[Any]:
    return await screen(
        request, actor, "benefit_form", now=now, within="venues", form=form, venue=editor.venue, **values
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Editor:
    """The form's surroundings: an officer's, who keeps benefits, or a manager's, who proposes them."""

    venue: Venue
    benefit: Given | None
    back: str
    preview: str
    mode: str = "officer"
    draw: Callable[..., Awaitable[Response[Any]]] = _draw
    """Puts the form in its frame."""

    @property
    def present(self) -> Terms:
        """What the benefit says now; of a new one, the plainest."""
        return self.benefit.terms if self.benefit else PLAIN

    async def read(self, form: Form) -> Terms:
        """The terms that were typed. For whom a benefit is stays the office's own matter."""
        return benefit_form.read(form, await _choices(), None if self.mode == "officer" else self.present)

    async def page(self, request: AnyRequest, actor: Actor, now: datetime, form: Form, **more: object) -> Response[Any]:
        """The form as it stands, with its sentences unless something is wrong with them."""
        is_officer = self.mode == "officer"
        looked = Form(form.values, dict(form.faults))
        terms = await self.read(looked)
        names = await entitlement.names()
        say = await say_to(request, actor, now=now)
        values: Values = {
            "mode": self.mode,
            "back": self.back,
            "preview": self.preview,
            "benefit_id": self.benefit.id if self.benefit else None,
            "more": "",
            "examples": [],
            "example": "",
            "open_parts": _parts_of(form),
            **_options(say, await groups.groups(), await circles.circles(), are_circles=is_officer),
            "people": await queries.people_to_choose() if is_officer else [],
            "sentences": sentences_of(terms, names) if not looked.faults else {},
            "summaries": summaries(terms, say.lang, names),
            **more,
        }
        values["n_rows"] = benefit_form.rows_of(form, str(values["more"]))
        return await self.draw(request, actor, self, now, form, values)

    async def live(self, request: AnyRequest, actor: Actor, now: datetime) -> Response[Any]:
        """The sentences of what is typed so far, and what is wrong with it: parts of the page. Nothing is kept."""
        form = await typed(request)
        terms = await self.read(form)
        names = await entitlement.names()
        say = await say_to(request, actor, now=now)
        answer = await screen(
            request,
            actor,
            "benefit_preview",
            now=now,
            form=form,
            faulty=benefit_form.FAULTY,
            sentences=sentences_of(terms, names) if not form.faults else {},
            summaries=summaries(terms, say.lang, names),
        )
        answer.status_code = 200  # a form that is not finished is no fault of anybody's
        return answer

    async def grown(self, request: AnyRequest, actor: Actor, now: datetime, form: Form) -> Response[Any] | None:
        """The same form with one more row, or only looked at, when that button was pressed; None: it is to be kept."""
        asked = form.get("add")
        if not asked:
            return None
        parts = {"when"} if asked in benefit_form.ROWS else set()
        return await self.page(request, actor, now, form, more=asked, open_parts=parts | _parts_of(form))


def _parts_of(form: Form) -> set[str]:
    """The closed parts in which something is wrong."""
    return {part for part, fields in benefit_form.SECTIONS.items() if form.faults.keys() & set(fields)}


def _options(say: Say, of_venues: Sequence[Any], of_people: Sequence[Any], *, are_circles: bool) -> dict[str, Any]:
    none = [("", say.t("desk.benefit.choose"))]
    return {
        "kinds": [kind.value for kind in Kind],
        "quota_pers": [
            (per.value, say.t(f"benefit.per.{per}")) for per in (Per.YEAR, *(p for p in Per if p != Per.YEAR))
        ],
        "quota_scopes": [(scope.value, say.t(f"desk.benefit.scope.{scope}")) for scope in Scope],
        "groups": none + [(str(row.id), row.name) for row in of_venues],
        "circles": none + [(str(row.id), row.name) for row in of_people] if are_circles else [],
        "whos": [who.value for who in ForWhom],
        "proofs": [Proof.LIVE.value, Proof.IDENTITY.value, Proof.PAPER.value],
        "bookings": [booking.value for booking in Booking],
    }


async def _choices() -> Choices:
    return Choices(
        circles={str(row.id) for row in await circles.circles()}, groups={str(row.id) for row in await groups.groups()}
    )


async def benefit_of(venue_id: UUID, benefit_id: UUID) -> Given:
    """That benefit, which the venue still gives; NotFound otherwise."""
    found = await venues.benefit(venue_id, benefit_id)
    if found.ended_at is not None:
        raise NotFound("unknown_benefit", "no such benefit of this venue")
    return found


async def _editor(venue_id: UUID, benefit_id: UUID | None = None) -> Editor:
    return Editor(
        venue=await venues.venue(venue_id),
        benefit=await benefit_of(venue_id, benefit_id) if benefit_id else None,
        back=f"/desk/venues/{venue_id}",
        preview=f"/desk/venues/{venue_id}/benefits/preview",
    )


# --- writing one ------------------------------------------------------------------------------------------------------


@get("/new", include_in_schema=False)
async def new_benefit_form(request: AnyRequest, venue_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """Free entry without conditions, or an example, to begin with."""
    editor, example = await _editor(venue_id), request.query_params.get("example", "")
    form = Form(benefit_form.values_of(EXAMPLES.get(example, PLAIN)))
    return await editor.page(request, actor, now, form, examples=list(EXAMPLES), example=example)


@post("/new", include_in_schema=False, status_code=200)
async def new_benefit(request: AnyRequest, venue_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """A further benefit."""
    return await _keep(request, await _editor(venue_id), actor, now)


@get("/{benefit_id:uuid}", include_in_schema=False)
async def edit_benefit_form(
    request: AnyRequest, venue_id: FromPath[UUID], benefit_id: FromPath[UUID], actor: Who, now: Now
) -> Response[Any]:
    """The benefit's terms."""
    editor = await _editor(venue_id, benefit_id)
    people = {f"invited-{one}": "yes" for one in await invited.invited_to(benefit_id)}
    return await editor.page(request, actor, now, Form(benefit_form.values_of(editor.present) | people))


@post("/{benefit_id:uuid}", include_in_schema=False, status_code=200)
async def edit_benefit(
    request: AnyRequest, venue_id: FromPath[UUID], benefit_id: FromPath[UUID], actor: Who, now: Now
) -> Response[Any]:
    """Other terms, under a new version."""
    return await _keep(request, await _editor(venue_id, benefit_id), actor, now)


@post("/preview", include_in_schema=False, status_code=200)
async def preview_benefit(request: AnyRequest, venue_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """The sentences of what is typed so far."""
    return await (await _editor(venue_id)).live(request, actor, now)


async def _keep(request: AnyRequest, editor: Editor, actor: Actor, now: datetime) -> Response[Any]:
    form = await typed(request)
    if (grown := await editor.grown(request, actor, now, form)) is not None:
        return grown
    terms = await editor.read(form)
    if form.faults:
        return await editor.page(request, actor, now, form)
    people = [one for one, _ in await queries.people_to_choose() if form.get(f"invited-{one}") == "yes"]
    benefit_id = editor.benefit.id if editor.benefit else None
    await service.set_benefit(
        actor, editor.venue.id, benefit_id, terms, people if terms.who is ForWhom.INVITED else [], now=now
    )
    return go(f"/desk/venues/{editor.venue.id}", "benefit")


# --- ending, moving, copying ------------------------------------------------------------------------------------------


@get("/{benefit_id:uuid}/end", include_in_schema=False)
async def end_benefit_form(
    request: AnyRequest, venue_id: FromPath[UUID], benefit_id: FromPath[UUID], actor: Who, now: Now
) -> Response[Any]:
    """Is this what you want?"""
    benefit = await benefit_of(venue_id, benefit_id)
    return await _about(request, actor, now, "benefit_end", venue_id, benefit)


@post("/{benefit_id:uuid}/end", include_in_schema=False, status_code=303)
async def end_benefit(venue_id: FromPath[UUID], benefit_id: FromPath[UUID], actor: Who, now: Now) -> Redirect:
    """The venue gives this no more. Twice is once."""
    if (await venues.benefit(venue_id, benefit_id)).ended_at is None:
        await venues.end_benefit(actor, venue_id, benefit_id, now=now)
    return go(f"/desk/venues/{venue_id}", "benefit-ended")


@post("/{benefit_id:uuid}/up", include_in_schema=False, status_code=303)
async def benefit_up(venue_id: FromPath[UUID], benefit_id: FromPath[UUID], actor: Who, now: Now) -> Redirect:
    """Tried one place earlier."""
    return await _moved(actor, venue_id, benefit_id, -1, now)


@post("/{benefit_id:uuid}/down", include_in_schema=False, status_code=303)
async def benefit_down(venue_id: FromPath[UUID], benefit_id: FromPath[UUID], actor: Who, now: Now) -> Redirect:
    """Tried one place later."""
    return await _moved(actor, venue_id, benefit_id, 1, now)


async def _moved(actor: Actor, venue_id: UUID, benefit_id: UUID, step: int, now: datetime) -> Redirect:
    order = [one.id for one in await venues.benefits_of(venue_id)]
    if benefit_id not in order:
        raise NotFound("unknown_benefit", "no such benefit of this venue")
    place = order.index(benefit_id)
    order.insert(max(place + step, 0), order.pop(place))
    await venues.order_benefits(actor, venue_id, order, now=now)
    return go(f"/desk/venues/{venue_id}", "ordered")


@get("/{benefit_id:uuid}/copy", include_in_schema=False)
async def copy_benefit_form(
    request: AnyRequest, venue_id: FromPath[UUID], benefit_id: FromPath[UUID], actor: Who, now: Now
) -> Response[Any]:
    """To which venue?"""
    return await _copy_form(request, actor, now, Form(), venue_id, await venues.benefit(venue_id, benefit_id))


@post("/{benefit_id:uuid}/copy", include_in_schema=False, status_code=200)
async def copy_benefit(
    request: AnyRequest, venue_id: FromPath[UUID], benefit_id: FromPath[UUID], actor: Who, now: Now
) -> Response[Any]:
    """The other venue gives the same, as a benefit of its own. Who agreed, and when, is not copied."""
    benefit, form = await venues.benefit(venue_id, benefit_id), await typed(request)
    others = {str(row.id): row for row in await venues.venues() if row.id != venue_id}
    chosen = form.choice("copy_to", others)
    if not chosen:
        return await _copy_form(request, actor, now, form, venue_id, benefit)
    made = await service.copy_benefit(actor, benefit, others[chosen].id, now=now)
    return go(f"/desk/venues/{others[chosen].id}/benefits/{made.id}", "copied")


async def _copy_form(
    request: AnyRequest, actor: Actor, now: datetime, form: Form, venue_id: UUID, benefit: Given
) -> Response[Any]:
    others = [(str(row.id), row.name) for row in await venues.venues() if row.id != venue_id]
    return await _about(request, actor, now, "benefit_copy", venue_id, benefit, {"form": form, "others": others})


async def _about(
    request: AnyRequest,
    actor: Actor,
    now: datetime,
    template: str,
    venue_id: UUID,
    benefit: Given,
    values: dict[str, Any] | None = None,
) -> Response[Any]:
    say, venue = await say_to(request, actor, now=now), await venues.venue(venue_id)
    said = sentence(benefit.terms, Reader.OFFICER, say.lang, await entitlement.names())
    more: dict[str, Any] = {"venue": venue, "benefit": benefit, "sentence": said} | (values or {})
    return await screen(request, actor, template, now=now, within="venues", **more)


# --- versions ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Edition:
    """One version as the page tells it; `changes`: what differs from the one before."""

    version: int
    since: datetime
    who: str
    sentence: str
    changes: list[Change]


@get("/{benefit_id:uuid}/versions", include_in_schema=False)
async def benefit_versions(
    request: AnyRequest, venue_id: FromPath[UUID], benefit_id: FromPath[UUID], actor: Who, now: Now
) -> Response[Any]:
    """What the benefit said, since when, and who changed it; an ended one, too."""
    benefit, names = await venues.benefit(venue_id, benefit_id), await entitlement.names()
    say = await say_to(request, actor, now=now)
    rows = await venues.versions_of(benefit_id)
    editions = []
    for row, before in zip(rows, [*rows[1:], None], strict=True):
        terms, earlier = read_terms(row.terms), read_terms(before.terms) if before else None
        editions.append(
            Edition(
                version=row.version,
                since=row.since,
                who=await _author(row.account_id, say),
                sentence=sentence(terms, Reader.OFFICER, say.lang, names) if terms else "…",
                changes=changes(earlier, terms, say.lang, names) if terms and earlier else [],
            )
        )
    return await _about(request, actor, now, "benefit_versions", venue_id, benefit, {"editions": editions})


async def _author(account_id: UUID | None, say: Say) -> str:
    if account_id is None:
        return say.t("desk.by.system")
    try:
        return (await access.account(account_id)).email
    except NotFound:
        return say.t("desk.by.account")


routers = [
    Router(
        "/desk/venues/{venue_id:uuid}/benefits",
        guards=[officer_only],
        route_handlers=[
            new_benefit_form,
            new_benefit,
            preview_benefit,
            edit_benefit_form,
            edit_benefit,
            end_benefit_form,
            end_benefit,
            benefit_up,
            benefit_down,
            copy_benefit_form,
            copy_benefit,
            benefit_versions,
        ],
    )
]
