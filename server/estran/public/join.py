"""« Devenir ambassadeur »: what it means, what is done with what is written, and the form."""

from datetime import datetime
from typing import Any

from litestar import Response, Router, get

from estran.desk.forms import Form
from estran.desk.screen import AnyRequest, Now
from estran.privacy import service as privacy
from estran.public.show import show

MESSAGE_MAX = 1000


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


routers = [Router("/join", route_handlers=[join])]
