"""The demo's mailbox: every letter on a page, codes included. Its routes do not exist outside the demo."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, get
from litestar.params import FromPath

from estran.mail import service
from estran.web.pages import page


@get("/", include_in_schema=False)
async def mailbox(request: Request[Any, Any, Any]) -> Response[Any]:
    """The last letters, newest first."""
    return page(request, "mailbox.html", letters=await service.letters())


@get("/{letter_id:uuid}", include_in_schema=False)
async def mailbox_letter(request: Request[Any, Any, Any], letter_id: FromPath[UUID]) -> Response[Any]:
    """One letter, as text."""
    return page(request, "mailbox_letter.html", letter=await service.letter(letter_id))


routers = [Router("/demo/mailbox", route_handlers=[mailbox, mailbox_letter])]
