"""The club's own settings, and who changed them."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import available_timezones

from litestar import Response, Router, get, post

from estran.access.guards import officer_only
from estran.club import service as club
from estran.desk.forms import Form
from estran.desk.screen import HOUSE_NAMES, AnyRequest, Now, Who, go, screen, typed
from estran.errors import Invalid
from estran.events import news
from estran.history import service as history
from estran.passes import service as passes
from estran.texts import t, weekday_words
from estran.web.pages import page_lang

MONDAY = date(2024, 1, 1)
LATEST = 200
SHOWN = 20
FRENCH_ZONES = (
    "Europe/Paris",
    "America/Cayenne",
    "America/Guadeloupe",
    "America/Martinique",
    "America/Miquelon",
    "Indian/Mayotte",
    "Indian/Reunion",
    "Pacific/Noumea",
    "Pacific/Tahiti",
)
"""Proposed; any other zone of the IANA may be typed."""


@get("/", include_in_schema=False)
async def settings_page(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """The form with the present values."""
    house = await club.house()
    return await _page(request, actor, now, Form({name: str(getattr(house, name)) for name in HOUSE_NAMES}))


@post("/", include_in_schema=False, status_code=200)
async def edit_settings(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """The new values; another zone moves the ends of days, so scanners are told."""
    form = await typed(request)
    name, office_name = form.text("name", most=80), form.text("office_name", most=80)
    contact_email, zone_name = form.email("contact_email", required=False), form.text("zone", most=40)
    if zone_name and zone_name not in available_timezones():
        form.fault("zone", "form.fault.zone")
    days = form.number("snapshot_limit_days", least=1, most=30)
    silent_days = form.number("silent_days", least=3, most=90)
    weekday = form.choice("digest_weekday", [str(one) for one in club.DIGEST_WEEKDAYS])
    hour = form.choice("digest_hour", [str(one) for one in club.DIGEST_HOURS])
    if form.faults or days is None or silent_days is None:
        return await _page(request, actor, now, form)
    before = await club.house()
    try:
        await club.edit_house(
            actor,
            name=name,
            office_name=office_name,
            contact_email=contact_email,
            zone_name=zone_name,
            snapshot_limit_days=days,
            silent_days=silent_days,
            digest_weekday=int(weekday),
            digest_hour=int(hour),
            now=now,
        )
    except Invalid as problem:
        form.blame(problem.extra.get("fields", ["name"]), "form.fault.refused")
        return await _page(request, actor, now, form)
    await passes.publish_status(now=now)
    await news.move_digest(before, now=now)
    return go("/desk/settings", "saved")


async def _page(request: AnyRequest, actor: Who, now: datetime, form: Form) -> Response[Any]:
    entries = [entry for entry in await history.latest(LATEST) if entry.subject_kind == "club"][:SHOWN]
    return await screen(
        request,
        actor,
        "settings",
        now=now,
        here="settings",
        section="club",
        form=form,
        entries=entries,
        zones=FRENCH_ZONES,
        weekdays=[
            (str(one), weekday_words(MONDAY + timedelta(days=one - 1), page_lang(request)))
            for one in club.DIGEST_WEEKDAYS
        ],
        hours=[(str(one), t(page_lang(request), "desk.digest_hour", hour=one)) for one in club.DIGEST_HOURS],
    )


routers = [Router("/desk/settings", guards=[officer_only], route_handlers=[settings_page, edit_settings])]
