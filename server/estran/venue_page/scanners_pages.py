"""The venue's scanners: how they are, pairing one, agreeing to one, cutting one."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from estran.desk.forms import Form
from estran.desk.scanners import freshness
from estran.desk.screen import AnyRequest, Now, Who, go, say_to, typed
from estran.desk.venues_pages import make_secret, pairing_values
from estran.desk.ways_pages import paper_values, poster_values
from estran.errors import Conflict
from estran.settings import Settings
from estran.venue_page.show import home, own_device, own_venue, show
from estran.venues import service as venues
from estran.venues import ways
from estran.venues.tables import Device, Venue


def _scanners(venue_id: UUID) -> str:
    return f"{home(venue_id)}/scanners"


@get("/{venue_id:uuid}/scanners", include_in_schema=False)
async def scanners(request: AnyRequest, venue_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """Each scanner that works or waits, what it needs first."""
    venue, say = await own_venue(actor, venue_id), await say_to(request, actor, now=now)
    devices = await venues.devices_of(venue_id)
    return await show(
        request,
        actor,
        venue,
        "venue_page/scanners",
        now=now,
        here="scanners",
        devices=await freshness([device for device in devices if device.state != "cut"], {venue_id: venue}, say),
        n_cut=sum(device.state == "cut" for device in devices),
        pin=await ways.pin_of(venue_id),
        posters=[row for row in await venues.open_pairings(venue_id, now=now) if row.reusable],
    )


@get("/{venue_id:uuid}/pairing", include_in_schema=False)
async def pairing_form(
    request: AnyRequest, venue_id: FromPath[UUID], settings: NamedDependency[Settings], actor: Who, now: Now
) -> Response[Any]:
    """One scanner now, or a poster for several."""
    venue = await own_venue(actor, venue_id)
    return await _pairing_page(request, actor, now, venue, Form(), settings, secret="")


@post("/{venue_id:uuid}/pairing", include_in_schema=False, status_code=200)
async def make_pairing(
    request: AnyRequest, venue_id: FromPath[UUID], settings: NamedDependency[Settings], actor: Who, now: Now
) -> Response[Any]:
    """The code, on this page only; it is kept nowhere in clear."""
    venue, form = await own_venue(actor, venue_id), await typed(request)
    secret = await make_secret(actor, venue, form, now=now)
    return await _pairing_page(request, actor, now, venue, form, settings, secret=secret)


async def _pairing_page(
    request: AnyRequest, actor: Who, now: datetime, venue: Venue, form: Form, settings: Settings, *, secret: str
) -> Response[Any]:
    values = await pairing_values(form, settings, secret, now=now)
    back = _scanners(venue.id)
    return await show(request, actor, venue, "desk/pairing", now=now, within="scanners", form=form, back=back, **values)


@post("/{venue_id:uuid}/pairings/{pairing_id:uuid}/end", include_in_schema=False, status_code=303)
async def end_pairing(venue_id: FromPath[UUID], pairing_id: FromPath[UUID], actor: Who, now: Now) -> Redirect:
    """The poster pairs nothing any more. Twice is once."""
    await own_venue(actor, venue_id)
    if any(pairing.id == pairing_id for pairing in await venues.open_pairings(venue_id, now=now)):
        await venues.end_pairing(actor, venue_id, pairing_id, now=now)
    return go(_scanners(venue_id), "pairing-ended")


@post("/{venue_id:uuid}/devices/{device_id:uuid}/approve", include_in_schema=False, status_code=303)
async def approve(venue_id: FromPath[UUID], device_id: FromPath[UUID], actor: Who, now: Now) -> Redirect:
    """A scanner paired by a poster may work; the page says so when the venue has too many."""
    await own_device(actor, venue_id, device_id)
    try:
        await venues.approve_device(actor, device_id, now=now)
    except Conflict as problem:
        return go(_scanners(venue_id), problem.code)
    return go(_scanners(venue_id), "approved")


@get("/{venue_id:uuid}/devices/{device_id:uuid}/cut", include_in_schema=False)
async def cut_form(
    request: AnyRequest, venue_id: FromPath[UUID], device_id: FromPath[UUID], actor: Who, now: Now
) -> Response[Any]:
    """What cutting does, and why it is done."""
    venue, device = await own_device(actor, venue_id, device_id)
    return await _cut_form(request, actor, now, Form(), venue, device)


@post("/{venue_id:uuid}/devices/{device_id:uuid}/cut", include_in_schema=False, status_code=200)
async def cut(
    request: AnyRequest, venue_id: FromPath[UUID], device_id: FromPath[UUID], actor: Who, now: Now
) -> Response[Any]:
    """The scanner gets no more news, with a reason."""
    venue, device = await own_device(actor, venue_id, device_id)
    form = await typed(request)
    why = form.why()
    if form.faults:
        return await _cut_form(request, actor, now, form, venue, device)
    await venues.cut_device(actor, device_id, why, now=now)
    return go(_scanners(venue_id), "cut")


async def _cut_form(
    request: AnyRequest, actor: Who, now: datetime, form: Form, venue: Venue, device: Device
) -> Response[Any]:
    say = await say_to(request, actor, now=now)
    return await show(
        request,
        actor,
        venue,
        "desk/reason_form",
        now=now,
        within="scanners",
        form=form,
        act="device.cut",
        about=device.label,
        back=_scanners(venue.id),
        back_words=say.t("desk.devices"),
        is_hard=True,
    )


# --- without a scanner ------------------------------------------------------------------------------------------------


@post("/{venue_id:uuid}/pin", include_in_schema=False, status_code=303)
async def renew_pin(venue_id: FromPath[UUID], actor: Who, now: Now) -> Redirect:
    """Another PIN; the poster is to be printed anew."""
    await own_venue(actor, venue_id)
    await ways.renew_pin(actor, venue_id, now=now)
    return go(_scanners(venue_id), "pin")


@get("/{venue_id:uuid}/poster", include_in_schema=False)
async def poster(
    request: AnyRequest, venue_id: FromPath[UUID], settings: NamedDependency[Settings], actor: Who, now: Now
) -> Response[Any]:
    """What hangs at the entrance where there is no scanner."""
    venue, back = await own_venue(actor, venue_id), _scanners(venue_id)
    values = await poster_values(settings, venue)
    return await show(request, actor, venue, "desk/poster", now=now, within="scanners", back=back, **values)


@get("/{venue_id:uuid}/paper-list", include_in_schema=False)
async def printed_list(request: AnyRequest, venue_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """One page to fill by hand."""
    venue, back = await own_venue(actor, venue_id), _scanners(venue_id)
    values = await paper_values()
    return await show(request, actor, venue, "desk/paper_list", now=now, within="scanners", back=back, **values)


handlers = [
    scanners,
    pairing_form,
    make_pairing,
    end_pairing,
    approve,
    cut_form,
    cut,
    renew_pin,
    poster,
    printed_list,
]
