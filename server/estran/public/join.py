"""« Devenir ambassadeur »: what it means, what is done with what is written, and the form."""

from datetime import datetime
from typing import Any

from litestar import Response, Router, get, post

from estran.desk.candidates_pages import JOIN_LIMIT, read_application
from estran.desk.forms import Form
from estran.desk.screen import AnyRequest, Now, go, typed
from estran.privacy import service as privacy
from estran.public.show import show

MESSAGE_MAX = 1000
BAIT = "website"
"""A field that people do not see: whoever fills it in is a program, and is thanked like everybody."""


async def join_page(request: AnyRequest, now: datetime, form: Form) -> Response[Any]:
    """The page with its form as it was typed; 422 with the faults beside their fields when there are some."""
    return await show(
        request,
        "join",
        now=now,
        form=form,
        kept=await privacy.kept(),
        bases=await privacy.bases(),
        most={"first_name": 60, "last_name": 60, "email": 254, "message": MESSAGE_MAX},
    )


@get("/", include_in_schema=False)
async def join(request: AnyRequest, now: Now) -> Response[Any]:
    """The page with an empty form."""
    return await join_page(request, now, Form())


@post("/", include_in_schema=False, status_code=200, middleware=[JOIN_LIMIT])
async def apply(request: AnyRequest, now: Now) -> Response[Any]:
    """Take the application, or show the form again as it was typed."""
    form = await typed(request)
    if form.get(BAIT) or await read_application(form, now=now):
        return go("/join/thanks")
    return await join_page(request, now, form)


@get("/thanks", include_in_schema=False)
async def thanks(request: AnyRequest, now: Now) -> Response[Any]:
    """What happens next."""
    return await show(request, "joined", now=now, kept=(await privacy.kept())["candidates"])


routers = [Router("/join", route_handlers=[join, apply, thanks])]
