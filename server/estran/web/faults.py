"""Every exception as an answer: `application/problem+json` (RFC 9457) on /api/, a page elsewhere.

What Litestar raises by itself is given the codes of docs/errors.md; what nobody foresaw becomes 500 `internal` and is logged
by its type and place, without the message, which might hold somebody's data.
"""

import logging
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import msgspec
from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.openapi import ResponseSpec
from litestar.response import Redirect

from estran.errors import Problem, Unauthorized
from estran.log import broke
from estran.texts import MissingText, t
from estran.web.pages import page, page_lang

log = logging.getLogger("estran.web")

PROBLEM_JSON = "application/problem+json"
SIGN_IN_PATH = "/desk/sign-in"

# Litestar's own refusals, by status.
CODES: Mapping[int, tuple[str, str]] = {
    400: ("bad_request", "the request cannot be read; send JSON as docs/sync.md describes it"),
    404: ("not_found", "nothing is here"),
    405: ("method_not_allowed", "this address takes other methods, see the Allow header"),
    413: ("too_large", "send less at once: at most 1 MiB"),
    415: ("unsupported_media_type", "send application/json"),
    429: ("too_many_requests", "wait for as long as Retry-After says"),
}
RETRY_AFTER_UNKNOWN_S = 60
BODY = (400, 403, 413, 415, 422)
"""What may be wrong with any call that brings a body: unreadable, from another site, too large, not JSON, unusable fields."""


class ProblemOut(msgspec.Struct):
    """What went wrong (RFC 9457). `code` is stable, docs/errors.md lists them; some codes bring further members."""

    title: str
    status: int
    code: str
    detail: str


def answer(kind: type[Any] | None, media_type: str = MediaType.JSON, *, of: str = "What was asked for") -> ResponseSpec:
    """A good answer for the document of the API, where the handler's annotation cannot say it: bytes, other types, nothing."""
    return ResponseSpec(data_container=kind, media_type=media_type, description=of, generate_examples=False)


def problems(*statuses: int) -> dict[int, ResponseSpec]:
    """What an operation's description says of its refusals: `responses=problems(*BODY, 404)`."""
    return {
        status: ResponseSpec(
            ProblemOut, generate_examples=False, description=HTTPStatus(status).phrase, media_type=PROBLEM_JSON
        )
        for status in sorted(statuses)
    }


# msgspec: "Object missing required field `email`", "Expected `str`, got `int` - at `$.email`"
_NAMED = re.compile(r"(?:required field `|- at `\$\.)([\w.\[\]]+)`")


def to_response(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """The answer for any exception raised while serving `request`."""
    status, code, detail, extra, headers = _read(error)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR and not isinstance(error, Problem):
        _log(request, error)
    path = request.scope["path"]
    if path.startswith("/api/"):
        return _problem(status, code, detail, extra, headers)
    if isinstance(error, Unauthorized) and path.startswith(("/desk", "/venue")) and request.method == "GET":
        return Redirect(f"{SIGN_IN_PATH}?next={quote(path)}", status_code=303)
    lang = page_lang(request)
    response = page(
        request,
        "fault.html",
        status_code=status,
        title=_sentence(lang, "title", code, status),
        sentence=_sentence(lang, "sentence", code, status),
        code=code,
    )
    response.headers.update(headers)
    return response


def _read(error: Exception) -> tuple[int, str, str, dict[str, Any], dict[str, str]]:
    """Status, code, detail, further members and headers."""
    if isinstance(error, Problem):
        return error.status, error.code, error.detail, dict(error.extra), {}
    if isinstance(error, ValidationException):
        fields = _fields(error)
        if not fields:
            return 400, *CODES[400], {}, {}
        return 422, "invalid", "some fields cannot be used as they are", {"fields": fields}, {}
    if isinstance(error, msgspec.ValidationError):
        return 422, "invalid", str(error), {"fields": []}, {}
    if isinstance(error, HTTPException) and error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        status = error.status_code
        code, detail = CODES.get(status, ("bad_request", HTTPStatus(status).phrase))
        headers = dict(error.headers or {})
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            reset = next((value for name, value in headers.items() if name.lower() == "ratelimit-reset"), "")
            headers["Retry-After"] = reset if reset.isdigit() else str(RETRY_AFTER_UNKNOWN_S)
        return status, code, detail, {}, headers
    # JSON nested a thousand deep, or with text that is no UTF-8: msgspec gives up this way
    if isinstance(error, (RecursionError, UnicodeDecodeError)):
        return 400, *CODES[400], {}, {}
    return 500, "internal", "something broke on our side; it was noted", {}, {}


def _fields(error: ValidationException) -> list[str]:
    """The fields to mend, as far as Litestar and msgspec name them; `data` is the body as a whole."""
    found = error.extra if isinstance(error.extra, list) else []
    return [
        named.group(1) if (named := _NAMED.search(str(item.get("message", "")))) else str(item.get("key", "data"))
        for item in found
        if isinstance(item, dict)
    ]


def _problem(
    status: int, code: str, detail: str, extra: Mapping[str, Any], headers: Mapping[str, str]
) -> Response[Any]:
    body = {"title": HTTPStatus(status).phrase, "status": status, "code": code, "detail": detail, **extra}
    return Response(msgspec.json.encode(body), status_code=status, media_type=PROBLEM_JSON, headers=dict(headers))


def _sentence(lang: str, part: str, code: str, status: int) -> str:
    for key in (f"fault.{code}.{part}", f"fault.{status}.{part}", f"fault.{status // 100}xx.{part}"):
        try:
            return t(lang, key)
        except MissingText:
            continue
    return code


def _log(request: Request[Any, Any, Any], error: Exception) -> None:
    """Type and place only: messages of exceptions may quote data, and paths may hold tokens."""
    handler = request.scope.get("route_handler")
    log.error(broke("unexpected", error, handler=handler))
