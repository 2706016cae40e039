"""Pages about venues: what they give, their scanners, who runs them. A manager's own page is in `venue_page`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import qrcode
import qrcode.image.svg
from anyio import to_thread
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from markupsafe import Markup

from estran.access import service as access
from estran.access.guards import officer_only
from estran.actor import Actor, Role
from estran.desk import service
from estran.desk.forms import Form
from estran.desk.lists import asked, folded, holds
from estran.desk.scanners import freshness
from estran.desk.screen import AnyRequest, Now, Who, go, say_to, screen, typed
from estran.errors import Conflict, Invalid, NotFound
from estran.history import service as history
from estran.history.service import Entry
from estran.mail.letters import Letterhead
from estran.passes import entitlement
from estran.settings import Settings
from estran.texts import LANGS
from estran.venues import closures, rules, ways
from estran.venues import service as venues
from estran.venues.sentences import Reader, sentence
from estran.venues.tables import Device, Venue
from estran.visits import arrivals, queries
from estran.web.pages import page_lang

ONCE_LIFETIME = timedelta(hours=1)
POSTER_LIFETIME = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Line:
    """One venue in the list."""

    venue: Venue
    sentences: list[str]
    closed_until: date | None
    n_devices: int
    n_pending: int


SORTS: dict[str, Callable[[Line], Any]] = {
    "name": lambda line: folded(line.venue.name),
    "benefit": lambda line: folded(" ".join(line.sentences)),
    "state": lambda line: line.venue.paused_at is None and line.closed_until is None,
    "devices": lambda line: (-line.n_pending, line.n_devices),
}
"""What the list is sorted by; what waits for the officer comes first."""


# --- the list and one venue ---------------------------------------------------------------------


@get("/", include_in_schema=False)
async def venues_page(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """The club's venues, or those whose name, place or benefit holds the words searched for."""
    order = asked("/desk/venues", request.query_params, SORTS, "name")
    names = await entitlement.names()
    lang, benefits, devices = page_lang(request), await venues.benefits(), await venues.devices()
    say = await say_to(request, actor, now=now)
    shut = await closures.closures(since=say.today)
    found = await venues.venues(archived=True)
    lines = [
        Line(
            venue=venue,
            sentences=[
                sentence(benefit.terms, Reader.OFFICER, lang, names)
                for benefit in benefits
                if benefit.venue_id == venue.id
            ],
            closed_until=closures.closed_until(shut.get(venue.id, []), say.today),
            n_devices=sum(device.state == "active" for device in devices if device.venue_id == venue.id),
            n_pending=sum(device.state == "pending" for device in devices if device.venue_id == venue.id),
        )
        for venue in found
        if venue.archived_at is None
    ]
    archived = [venue for venue in found if venue.archived_at is not None]
    shown = [
        line for line in lines if holds(" ".join([line.venue.name, line.venue.commune, *line.sentences]), order.query)
    ]
    return await screen(
        request,
        actor,
        "venues",
        now=now,
        here="venues",
        venues=order.sorted(shown, SORTS),
        asked=order,
        n_all=len(lines),
        archived=[] if order.is_narrowed else archived,
    )


@get("/{venue_id:uuid}", include_in_schema=False)
async def venue_page(request: AnyRequest, venue_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """All about one venue."""
    venue = await venues.venue(venue_id)
    devices, names = await venues.devices_of(venue_id), await entitlement.names()
    say = await say_to(request, actor, now=now)
    year = (say.today.replace(month=1, day=1), say.today, venue_id)
    counted = await queries.totals(*year)
    ahead = await closures.closures_of(venue_id, since=say.today)
    return await screen(
        request,
        actor,
        "venue",
        now=now,
        within="venues",
        entries=await _entries(venue_id, devices),
        venue=venue,
        benefits=[
            (benefit, *(sentence(benefit.terms, Reader.OFFICER, lang, names) for lang in LANGS))
            for benefit in await venues.benefits_of(venue_id)
        ],
        devices=await freshness([device for device in devices if device.state != "cut"], {venue_id: venue}, say),
        n_cut=sum(device.state == "cut" for device in devices),
        pin=await ways.pin_of(venue_id),
        posters=[row for row in await venues.open_pairings(venue_id, now=now) if row.reusable],
        managers=await access.holders(Role.MANAGER, venue_id),
        closures=ahead,
        closed_until=closures.closed_until(ahead, say.today),
        n_visits=counted.visits,
        n_companions=counted.companions,
        refused=await queries.refused_by_reason(*year),
    )


async def _entries(venue_id: UUID, devices: list[Device]) -> list[Entry]:
    """What was done about the venue and its scanners, newest first."""
    found = await history.entries_about(venue_id)
    for device in devices:
        found += await history.entries_about(device.id, limit=10)
    return sorted(found, key=lambda entry: entry.at, reverse=True)[:50]


# --- adding and editing -------------------------------------------------------------------------


@get("/new", include_in_schema=False)
async def new_venue_form(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """An empty form."""
    return await _venue_form(request, actor, now, Form())


@post("/new", include_in_schema=False, status_code=200)
async def new_venue(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """Add a venue; its benefit and its scanner come next."""
    form = await typed(request)
    values = _particulars(form)
    if not form.faults:
        try:
            venue, is_new = await service.add_venue(actor, **values, now=now)
        except Invalid as problem:
            _blame(form, problem)
        else:
            return go(f"/desk/venues/{venue.id}", "added" if is_new else "already")
    return await _venue_form(request, actor, now, form)


@get("/{venue_id:uuid}/edit", include_in_schema=False)
async def edit_venue_form(request: AnyRequest, venue_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """The form with what is known."""
    venue = await venues.venue(venue_id)
    names = ("name", "commune", "address", "url", "contact_email")
    return await _venue_form(request, actor, now, Form({name: getattr(venue, name) for name in names}), venue)


@post("/{venue_id:uuid}/edit", include_in_schema=False, status_code=200)
async def edit_venue(request: AnyRequest, venue_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """Correct a venue's particulars."""
    venue = await venues.venue(venue_id)
    form = await typed(request)
    values = _particulars(form)
    if not form.faults:
        try:
            await venues.edit_venue(actor, venue_id, **values, now=now)
        except Invalid as problem:
            _blame(form, problem)
        else:
            return go(f"/desk/venues/{venue_id}", "saved")
    return await _venue_form(request, actor, now, form, venue)


def _particulars(form: Form) -> dict[str, str]:
    return {
        "name": form.text("name", most=120),
        "commune": form.text("commune", most=80, required=False),
        "address": form.text("address", most=200, required=False),
        "url": form.link("url"),
        "contact_email": form.email("contact_email", required=False),
    }


def _blame(form: Form, problem: Invalid) -> None:
    """What a service found, beside its fields."""
    known = {"name_in_use": "form.fault.name_in_use"}
    form.blame(problem.extra.get("fields", ["name"]), known.get(problem.code, "form.fault.refused"))


async def _venue_form(
    request: AnyRequest, actor: Who, now: datetime, form: Form, venue: Venue | None = None
) -> Response[Any]:
    return await screen(
        request,
        actor,
        "venue_form",
        now=now,
        within="venues",
        form=form,
        venue_id=venue.id if venue else None,
        about=venue.name if venue else "",
    )


# --- pausing and archiving ----------------------------------------------------------------------


@get("/{venue_id:uuid}/pause", include_in_schema=False)
async def pause_form(request: AnyRequest, venue_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """What a pause does, and why it is made."""
    return await _act_form(request, actor, now, Form(), await venues.venue(venue_id), "pause")


@post("/{venue_id:uuid}/pause", include_in_schema=False, status_code=200)
async def pause(request: AnyRequest, venue_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """The venue's benefits rest, with a reason."""
    venue, form = await venues.venue(venue_id), await typed(request)
    why = form.why()
    if form.faults:
        return await _act_form(request, actor, now, form, venue, "pause")
    await venues.pause_venue(actor, venue_id, why, now=now)
    return go(f"/desk/venues/{venue_id}", "paused")


@post("/{venue_id:uuid}/resume", include_in_schema=False, status_code=303)
async def resume(venue_id: FromPath[UUID], actor: Who, now: Now) -> Redirect:
    """The pause is over."""
    await venues.resume_venue(actor, venue_id, now=now)
    return go(f"/desk/venues/{venue_id}", "resumed")


@get("/{venue_id:uuid}/archive", include_in_schema=False)
async def archive_form(request: AnyRequest, venue_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """What archiving does, and why it is done."""
    return await _act_form(request, actor, now, Form(), await venues.venue(venue_id), "archive")


@post("/{venue_id:uuid}/archive", include_in_schema=False, status_code=200)
async def archive(request: AnyRequest, venue_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """The venue leaves the club; its visits stay."""
    venue, form = await venues.venue(venue_id), await typed(request)
    why = form.why()
    if form.faults:
        return await _act_form(request, actor, now, form, venue, "archive")
    await venues.archive_venue(actor, venue_id, why, now=now)
    return go("/desk/venues", "archived")


@post("/{venue_id:uuid}/restore", include_in_schema=False, status_code=303)
async def restore(venue_id: FromPath[UUID], actor: Who, now: Now) -> Redirect:
    """The venue is back; its scanners are not. Twice is once."""
    try:
        await service.restore_venue(actor, venue_id, now=now)
    except Conflict as problem:
        return go(f"/desk/venues/{venue_id}", problem.code)
    return go(f"/desk/venues/{venue_id}", "restored")


async def _act_form(
    request: AnyRequest, actor: Who, now: datetime, form: Form, venue: Venue, act: str, device: Device | None = None
) -> Response[Any]:
    return await screen(
        request,
        actor,
        "reason_form",
        now=now,
        within="venues",
        form=form,
        act=f"device.{act}" if device else f"venue.{act}",
        about=device.label if device else venue.name,
        back=f"/desk/venues/{venue.id}",
        back_words=venue.name,
        is_hard=act != "pause",
        care=await _ahead(request, actor, now, venue) if act == "archive" else "",
    )


async def _ahead(request: AnyRequest, actor: Actor, now: datetime, venue: Venue) -> str:
    """That events are still to take place there; empty when there is none."""
    ahead = [one.event.title for one in await arrivals.hosted(venue.id, since=now) if one.event.cancelled_at is None]
    say = await say_to(request, actor, now=now)
    return say.t("desk.act.venue.archive.events", n=len(ahead), titles=", ".join(ahead)) if ahead else ""


# --- managers -----------------------------------------------------------------------------------


@get("/{venue_id:uuid}/managers", include_in_schema=False)
async def manager_form(request: AnyRequest, venue_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """An empty form."""
    return await _manager_form(request, actor, now, Form(), await venues.venue(venue_id))


@post("/{venue_id:uuid}/managers", include_in_schema=False, status_code=200)
async def add_manager(
    request: AnyRequest,
    venue_id: FromPath[UUID],
    letterhead: NamedDependency[Letterhead],
    actor: Who,
    now: Now,
) -> Response[Any]:
    """Somebody who may open this venue's page, told by letter."""
    venue, form = await venues.venue(venue_id), await typed(request)
    email = form.email("email")
    if not form.faults:
        try:
            await service.add_manager(actor, venue_id, email, letterhead, now=now)
        except Invalid:
            form.fault("email", "form.fault.email")
        else:
            return go(f"/desk/venues/{venue_id}", "manager")
    return await _manager_form(request, actor, now, form, venue)


@get("/{venue_id:uuid}/managers/{account_id:uuid}/remove", include_in_schema=False)
async def remove_manager_form(
    request: AnyRequest, venue_id: FromPath[UUID], account_id: FromPath[UUID], actor: Who, now: Now
) -> Response[Any]:
    """What removing does, and why it is done. Whoever is no manager of this venue: NotFound."""
    return await _remove_form(request, actor, now, Form(), await venues.venue(venue_id), account_id)


@post("/{venue_id:uuid}/managers/{account_id:uuid}/remove", include_in_schema=False, status_code=200)
async def remove_manager(
    request: AnyRequest, venue_id: FromPath[UUID], account_id: FromPath[UUID], actor: Who, now: Now
) -> Response[Any]:
    """This account opens the venue's page no more, with a reason. Twice is once."""
    venue, form = await venues.venue(venue_id), await typed(request)
    why = form.why()
    if form.faults:
        return await _remove_form(request, actor, now, form, venue, account_id)
    await service.remove_manager(actor, venue_id, account_id, why, now=now)
    return go(f"/desk/venues/{venue_id}", "manager-gone")


async def _remove_form(
    request: AnyRequest, actor: Who, now: datetime, form: Form, venue: Venue, account_id: UUID
) -> Response[Any]:
    managers = {holder.id: holder.email for holder in await access.holders(Role.MANAGER, venue.id)}
    if account_id not in managers:
        raise NotFound("unknown_account", "no such manager of this venue")
    return await screen(
        request,
        actor,
        "reason_form",
        now=now,
        within="venues",
        form=form,
        act="manager.remove",
        about=managers[account_id],
        back=f"/desk/venues/{venue.id}",
        back_words=venue.name,
        is_hard=True,
    )


async def _manager_form(request: AnyRequest, actor: Who, now: datetime, form: Form, venue: Venue) -> Response[Any]:
    return await screen(
        request,
        actor,
        "manager_form",
        now=now,
        within="venues",
        form=form,
        venue_id=venue.id,
        about=venue.name,
    )


# --- scanners -----------------------------------------------------------------------------------


@get("/{venue_id:uuid}/pairing", include_in_schema=False)
async def pairing_form(
    request: AnyRequest, venue_id: FromPath[UUID], settings: NamedDependency[Settings], actor: Who, now: Now
) -> Response[Any]:
    """One scanner now, or a poster for several."""
    venue = await venues.venue(venue_id)
    return await _pairing_page(request, actor, now, venue, Form(), settings, secret="")


@post("/{venue_id:uuid}/pairing", include_in_schema=False, status_code=200)
async def make_pairing(
    request: AnyRequest, venue_id: FromPath[UUID], settings: NamedDependency[Settings], actor: Who, now: Now
) -> Response[Any]:
    """The code, on this page only; it is kept nowhere in clear."""
    venue, form = await venues.venue(venue_id), await typed(request)
    secret = await make_secret(actor, venue, form, now=now)
    return await _pairing_page(request, actor, now, venue, form, settings, secret=secret)


async def _pairing_page(
    request: AnyRequest,
    actor: Who,
    now: datetime,
    venue: Venue,
    form: Form,
    settings: Settings,
    *,
    secret: str,
) -> Response[Any]:
    values = await pairing_values(form, settings, secret, now=now)
    back = f"/desk/venues/{venue.id}"
    return await screen(
        request, actor, "pairing", now=now, within="venues", form=form, venue=venue, back=back, **values
    )


async def make_secret(actor: Actor, venue: Venue, form: Form, *, now: datetime) -> str:
    """The code of the pairing that the form asks for; empty when it asks for none. Raises NotFound for a venue that left."""
    kind = form.choice("kind", ("once", "poster"))
    if form.faults:
        return ""
    if venue.archived_at is not None:
        raise NotFound("unknown_venue", "no such venue")
    reusable = kind == "poster"
    lifetime = POSTER_LIFETIME if reusable else ONCE_LIFETIME
    return await venues.make_pairing(actor, venue.id, reusable=reusable, lifetime=lifetime, now=now)


async def pairing_values(form: Form, settings: Settings, secret: str, *, now: datetime) -> dict[str, Any]:
    """What the page of a pairing shows: the form, or the code that was just made."""
    address = f"{settings.origin}/scan/"
    reusable = form.get("kind") == "poster"
    return {
        "secret": rules.spaced_secret(secret) if secret else "",
        "qr": await to_thread.run_sync(qr_svg, f"{address}#pair={secret}") if secret else "",
        "scan_address": address.removeprefix("https://"),
        "reusable": reusable,
        "expires_at": now + (POSTER_LIFETIME if reusable else ONCE_LIFETIME),
    }


def qr_svg(text: str) -> Markup:
    """A QR of `text` as SVG with a quiet zone of four modules; slow enough (ms) to be drawn off the event loop."""
    drawn = qrcode.QRCode(
        error_correction=qrcode.constants.ERROR_CORRECT_M,
        border=4,
        image_factory=qrcode.image.svg.SvgPathImage,
    )
    drawn.add_data(text)
    out = BytesIO()
    drawn.make_image().save(out)
    svg = out.getvalue().decode().replace(' id="qr-path"', "", 1)  # a page may hold many
    return Markup(svg[svg.index("<svg") :])  # noqa: S704 - drawn here, the text is only dots


@post("/{venue_id:uuid}/pairings/{pairing_id:uuid}/end", include_in_schema=False, status_code=303)
async def end_pairing(venue_id: FromPath[UUID], pairing_id: FromPath[UUID], actor: Who, now: Now) -> Redirect:
    """The poster pairs nothing any more. Twice is once."""
    await venues.venue(venue_id)
    if any(pairing.id == pairing_id for pairing in await venues.open_pairings(venue_id, now=now)):
        await venues.end_pairing(actor, venue_id, pairing_id, now=now)
    return go(f"/desk/venues/{venue_id}", "pairing-ended")


@post("/desk/devices/{device_id:uuid}/approve", include_in_schema=False, status_code=303)
async def approve(device_id: FromPath[UUID], actor: Who, now: Now) -> Redirect:
    """A scanner paired by a poster may work; the page says so when the venue has too many."""
    device = await venues.device(device_id)
    try:
        await venues.approve_device(actor, device_id, now=now)
    except Conflict as problem:
        return go(f"/desk/venues/{device.venue_id}", problem.code)
    return go(f"/desk/venues/{device.venue_id}", "approved")


@get("/desk/devices/{device_id:uuid}/cut", include_in_schema=False)
async def cut_form(request: AnyRequest, device_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """What cutting does, and why it is done."""
    device = await venues.device(device_id)
    venue = await venues.venue(device.venue_id)
    return await _act_form(request, actor, now, Form(), venue, "cut", device)


@post("/desk/devices/{device_id:uuid}/cut", include_in_schema=False, status_code=200)
async def cut(request: AnyRequest, device_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """The scanner gets no more news, with a reason."""
    device = await venues.device(device_id)
    form = await typed(request)
    why = form.why()
    if form.faults:
        return await _act_form(request, actor, now, form, await venues.venue(device.venue_id), "cut", device)
    await venues.cut_device(actor, device_id, why, now=now)
    return go(f"/desk/venues/{device.venue_id}", "cut")


routers = [
    Router(
        "/desk/venues",
        guards=[officer_only],
        route_handlers=[
            new_venue_form,
            new_venue,
            edit_venue_form,
            edit_venue,
            pause_form,
            pause,
            resume,
            archive_form,
            archive,
            restore,
            manager_form,
            add_manager,
            remove_manager_form,
            remove_manager,
            venues_page,
            venue_page,
            pairing_form,
            make_pairing,
            end_pairing,
        ],
    ),
    Router("/", guards=[officer_only], route_handlers=[approve, cut_form, cut]),
]
