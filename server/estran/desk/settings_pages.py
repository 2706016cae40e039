"""What the club decides beside its name: the rules of membership, who answers for it, and how it looks."""

from datetime import datetime
from typing import Any

from litestar import Response, Router, get, post
from litestar.datastructures import UploadFile

from estran.access.guards import officer_only
from estran.club import identity, rules
from estran.club import service as club
from estran.desk.forms import Form
from estran.desk.screen import AnyRequest, Now, Who, go, screen, sent, typed
from estran.errors import Invalid

UPLOAD_MAX_BYTES = 12_000_000
"""A photograph straight from a telephone: refused beside its field, and not by a page that says nothing of logos."""


# --- membership -------------------------------------------------------------------------------------------------------


@get("/membership", include_in_schema=False)
async def membership_page(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """The rules of membership as they are."""
    house = await club.house()
    values = {name: str(getattr(house, name)) for name in club.MEMBERSHIP_BOUNDS}
    values["asks_certificate"] = "yes" if house.asks_certificate else ""
    return await _section(request, actor, now, "membership", Form(values), {"bounds": club.MEMBERSHIP_BOUNDS})


@post("/membership", include_in_schema=False, status_code=200)
async def edit_membership(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """The new rules; they count for what is done from now on."""
    form = await typed(request)
    numbers = {
        name: form.number(name, least=least, most=most) for name, (least, most) in club.MEMBERSHIP_BOUNDS.items()
    }
    if form.faults:
        return await _section(request, actor, now, "membership", form, {"bounds": club.MEMBERSHIP_BOUNDS})
    values = {name: number for name, number in numbers.items() if number is not None}
    await club.edit_membership(actor, **values, asks_certificate=form.get("asks_certificate") == "yes", now=now)
    return go("/desk/settings/membership", "saved")


# --- who answers for the club -----------------------------------------------------------------------------------------

ANSWERS = tuple(name for name in identity.FIELD_MAX if name != "accent")


@get("/identity", include_in_schema=False)
async def identity_page(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """What the legal pages say, and what they still lack."""
    row = await identity.identity()
    return await _identity(request, actor, now, Form({name: getattr(row, name) for name in ANSWERS}))


@post("/identity", include_in_schema=False, status_code=200)
async def edit_identity(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """As much as is known today; what stays empty is said to be missing."""
    form = await typed(request)
    values = {name: form.text(name, most=identity.FIELD_MAX[name], required=False) for name in ANSWERS}
    if form.faults:
        return await _identity(request, actor, now, form)
    await identity.edit_identity(actor, values, now)
    return go("/desk/settings/identity", "saved")


async def _identity(request: AnyRequest, actor: Who, now: datetime, form: Form) -> Response[Any]:
    missing = [name for name in await identity.missing() if name != "contact_email"]
    return await _section(request, actor, now, "identity", form, {"missing": missing, "most": identity.FIELD_MAX})


# --- looks ------------------------------------------------------------------------------------------------------------


@get("/looks", include_in_schema=False)
async def looks_page(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """The club's colour and its logo."""
    return await _looks(request, actor, now, Form())


@post("/looks", include_in_schema=False, status_code=200)
async def edit_accent(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """Another colour, or Estran's own when the field is empty."""
    form = await typed(request)
    typed_accent = form.text("accent", most=30, required=False).lower()
    colour = f"#{typed_accent}" if len(typed_accent) == 6 and "#" not in typed_accent else typed_accent  # noqa: PLR2004
    if not form.faults and colour and not rules.is_colour(colour):
        form.fault("accent", "form.fault.colour")
    if not form.faults and colour and rules.accent(colour) is None:
        form.fault("accent", "form.fault.pale")
    if form.faults:
        return await _looks(request, actor, now, form)
    await identity.edit_identity(actor, {"accent": colour}, now)
    return go("/desk/settings/looks", "saved")


@post("/logo", include_in_schema=False, status_code=200, request_max_body_size=UPLOAD_MAX_BYTES)
async def set_logo(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """Another picture, or other words for the one that is there."""
    form = await typed(request)
    alt = form.text("logo_alt", most=identity.LOGO_ALT_MAX)
    found = (await sent(request)).get("logo")
    content = await found.read(identity.LOGO_MAX_BYTES + 1) if isinstance(found, UploadFile) else b""
    has_logo = bool((await identity.identity()).logo_type)
    if not content and not has_logo:
        form.fault("logo", "form.fault.no_file")
    if not form.faults:
        try:
            if content:
                await identity.set_logo(actor, content, alt, now)
            else:
                await identity.describe_logo(actor, alt, now)
        except Invalid as problem:
            form.blame(problem.extra.get("fields", ["logo"]), f"form.fault.{problem.code}")
    return await _looks(request, actor, now, form) if form.faults else go("/desk/settings/looks", "saved")


@post("/logo/remove", include_in_schema=False, status_code=303)
async def remove_logo(actor: Who, now: Now) -> Response[Any]:
    """Estran's own mark again."""
    await identity.remove_logo(actor, now)
    return go("/desk/settings/looks", "saved")


async def _looks(request: AnyRequest, actor: Who, now: datetime, form: Form) -> Response[Any]:
    row = await identity.identity()
    values = {"accent": row.accent, "logo_alt": row.logo_alt} | dict(form.values)
    looks = {
        "pair": rules.accent(row.accent),
        "light": rules.LIGHT_SURFACES[0],
        "dark": rules.DARK_SURFACES[0],
        "has_logo": bool(row.logo_type),
        "alt_most": identity.LOGO_ALT_MAX,
    }
    return await _section(request, actor, now, "looks", Form(values, form.faults), looks)


async def _section(
    request: AnyRequest, actor: Who, now: datetime, section: str, form: Form, values: dict[str, Any]
) -> Response[Any]:
    return await screen(
        request, actor, f"settings_{section}", now=now, within="settings", section=section, form=form, **values
    )


routers = [
    Router(
        "/desk/settings",
        guards=[officer_only],
        route_handlers=[
            membership_page,
            edit_membership,
            identity_page,
            edit_identity,
            looks_page,
            edit_accent,
            set_logo,
            remove_logo,
        ],
    )
]
