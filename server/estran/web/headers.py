"""What every single response carries, whoever made it: files, 304, errors and unknown addresses included.

Litestar's own response headers miss static files and errors, so this wraps the whole application.
"""

from collections.abc import Mapping

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from estran.clock import Clock, to_ms
from estran.settings import Settings

# Nothing is allowed but our own origin; no inline script or style anywhere. `data:` images: small icons in style sheets.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; media-src 'self'; manifest-src 'self'; worker-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# The QR decoder is WebAssembly. A worker obeys the policy of its own file, hence the whole path and not just the page.
SCAN_POLICY = POLICY.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'")

# Features no page needs; `camera` is for the scanner alone.
UNUSED_FEATURES = (
    "accelerometer",
    "display-capture",
    "geolocation",
    "gyroscope",
    "hid",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "serial",
    "usb",
)
PERMISSIONS = ", ".join(f"{name}=()" for name in ("camera", *UNUSED_FEATURES))
SCAN_PERMISSIONS = PERMISSIONS.replace("camera=()", "camera=(self)")

UNLESS_SAID = ((b"cache-control", b"no-store"), (b"x-robots-tag", b"noindex, nofollow"))
HSTS = "max-age=63072000; includeSubDomains"
SCAN_PATH = "/scan/"


class Doorway:
    """The application behind the headers of docs/sync.md and the security ones; answers HEAD as GET without a body."""

    def __init__(self, app: ASGIApp, settings: Settings, clock: Clock) -> None:
        self._app = app
        self._clock = clock
        fixed = {
            "X-Content-Type-Options": "nosniff",
            # `no-referrer` would make browsers send `Origin: null` with forms.
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
        if settings.is_https:
            fixed["Strict-Transport-Security"] = HSTS
        self._everywhere = _encoded(fixed | {"Content-Security-Policy": POLICY, "Permissions-Policy": PERMISSIONS})
        self._on_scan = _encoded(
            fixed | {"Content-Security-Policy": SCAN_POLICY, "Permissions-Policy": SCAN_PERMISSIONS}
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        is_head = scope["method"] == "HEAD"
        if is_head:
            scope["method"] = "GET"
        path = scope["path"]

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = self._headers(list(message.get("headers", [])), path)
            elif is_head and message["type"] == "http.response.body":
                message["body"] = b""
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _headers(self, given: list[tuple[bytes, bytes]], path: str) -> list[tuple[bytes, bytes]]:
        """The answer's own headers, without those that are ours to say, and ours."""
        ours = [*(self._on_scan if path.startswith(SCAN_PATH) else self._everywhere)]
        ours.append((b"estran-time", b"%d" % to_ms(self._clock())))
        names = {name for name, _ in ours}
        kept = [(name, value) for name, value in given if name.lower() not in names]
        said = {name.lower() for name, _ in kept}
        # Whoever wants something kept, or found by search engines, says so; everything else may hold somebody's data.
        ours += [(name, value) for name, value in UNLESS_SAID if name not in said]
        return kept + ours


def _encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]
