"""A public page: the frame of the desk without a desk, in the reader's language, open to search engines."""

from datetime import datetime
from typing import Any

from litestar import Response

from estran.club import identity
from estran.club import service as club
from estran.desk.forms import Form
from estran.desk.screen import AnyRequest, say_to
from estran.web.pages import page


async def show(
    request: AnyRequest, template: str, /, *, now: datetime, form: Form | None = None, **values: object
) -> Response[Any]:
    """The page `public/<template>.html`; a form with faults makes it 422.

    Every template has `house` and `identity`, and says with `said(…)` what is there and what the office has still to fill in.
    """
    response = page(
        request,
        f"public/{template}.html",
        status_code=422 if form is not None and form.faults else 200,
        say=await say_to(request, None, now=now),
        within="",
        here=template,
        form=form or Form(),
        house=await club.house(),
        identity=await identity.identity(),
        **values,
    )
    response.headers["X-Robots-Tag"] = "all"
    return response
