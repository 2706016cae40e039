"""What can go wrong, said once.

A `Problem` is a broken promise or a conflict: it ends the request. Expected outcomes of a scan are values
(`passes.rules.Reason`), never exceptions. Codes are stable, append-only and listed in docs/errors.md.
"""

from typing import Any, ClassVar


class Problem(Exception):
    """Ends the request with `application/problem+json` (RFC 9457) or a page; `detail` names the remedy."""

    status: ClassVar[int] = 400

    def __init__(self, code: str, detail: str, **extra: Any) -> None:  # noqa: ANN401
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.extra = extra


class Unauthorized(Problem):
    """Nobody is signed in, or the proof of who asks does not hold."""

    status = 401


class Forbidden(Problem):
    """Known, but not allowed."""

    status = 403


class NotFound(Problem):
    """Unknown, or not yours: the same answer on purpose (design: no probing)."""

    status = 404


class Conflict(Problem):
    """The state of things does not allow it now."""

    status = 409


class Gone(Problem):
    """It was there; its time is over."""

    status = 410


class Invalid(Problem):
    """The input cannot be used as it is; `fields` in the extra names what to mend."""

    status = 422


class TooMany(Problem):
    """Asked too often; try again later."""

    status = 429


class Unavailable(Problem):
    """Not now, and not the caller's fault."""

    status = 503


class UnsupportedMedia(Problem):
    """The body is of a kind that nobody here reads."""

    status = 415
