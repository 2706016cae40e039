"""Mandates that end soon or not long ago: wishes, e-mails that left, and one click for the mandate that follows."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.di import NamedDependency

from estran.access.guards import officer_only
from estran.club import renewals
from estran.club import rules as club_rules
from estran.club import service as club
from estran.desk import service
from estran.desk.forms import Form
from estran.desk.screen import AnyRequest, Now, Who, go, screen, sent
from estran.mail.letters import Letterhead


@get("/", include_in_schema=False)
async def renewals_page(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """Whom it concerns, the first to end first."""
    return await _page(request, actor, now, Form())


@post("/", include_in_schema=False, status_code=200)
async def renew(request: AnyRequest, letterhead: NamedDependency[Letterhead], actor: Who, now: Now) -> Response[Any]:
    """A mandate that follows for one person, or for everybody ticked; each is told by letter. Twice is once."""
    form = Form()
    chosen = [found for value in (await sent(request)).getall("mandate", []) if (found := _id(value))]
    if not chosen:
        form.fault("mandate", "form.fault.nobody_ticked")
        return await _page(request, actor, now, form)
    n_made = await service.renew(actor, chosen, letterhead, now=now)
    return go("/desk/renewals", "renewed" if n_made else "already")


def _id(value: object) -> UUID | None:
    return Form({"id": value}).uuid("id") if isinstance(value, str) else None


async def _page(request: AnyRequest, actor: Who, now: datetime, form: Form) -> Response[Any]:
    return await screen(
        request,
        actor,
        "renewals",
        now=now,
        within="people",
        form=form,
        endings=await renewals.endings(now=now),
        months=(await club.house()).mandate_months,
        n_days=club_rules.RENEWAL_DAYS,
    )


routers = [Router("/desk/renewals", guards=[officer_only], route_handlers=[renewals_page, renew])]
