"""What stands before the server: both apps from a folder of the test's choice, whole or broken; the rest is passed on."""

import contextlib
import http.client
import mimetypes
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from estran.web.static import IMMUTABLE, REVALIDATE, TYPES

Fault = Callable[[bytes], tuple[int, bytes]]
"""What becomes of a file on its way out: status and body."""

HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}


def missing(_: bytes) -> tuple[int, bytes]:
    """Not uploaded yet."""
    return 404, b"nothing is here"


def half(body: bytes) -> tuple[int, bytes]:
    """The upload broke off."""
    return 200, body[: len(body) // 2]


def broken(_: bytes) -> tuple[int, bytes]:
    """The server is ill."""
    return 500, b"something went wrong"


@dataclass
class Front:
    """Serves `folder`/pass and `folder`/scan; every other call goes to the server at `port`, or fails when nobody listens."""

    port: int
    folder: Path = Path()
    faults: list[tuple[str, Fault]] = field(default_factory=list)
    """Applied to files whose path matches the pattern."""
    news: Callable[[bytes], bytes] | None = None
    """What a server of another time would have told a scanner instead."""

    def __post_init__(self) -> None:
        front = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                found = front.file(self.path.partition("?")[0])
                if found is None:
                    self.pass_on()
                else:
                    self.reply(*found)

            def do_POST(self) -> None:
                self.pass_on()

            do_PUT = do_DELETE = do_POST  # noqa: N815 - names of http.server

            def pass_on(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                server = http.client.HTTPConnection("127.0.0.1", front.port, timeout=20)
                try:
                    server.request(self.command, self.path, body or None, dict(self.headers))
                    answer = server.getresponse()
                    headers = [(name, value) for name, value in answer.getheaders() if name.lower() not in HOP]
                    body, tell = answer.read(), front.news
                    is_news = self.path == "/api/v1/snapshot" and answer.status == HTTPStatus.OK
                    self.reply(answer.status, tell(body) if tell and is_news else body, headers)
                except OSError:
                    self.reply(502, b"nobody answers", [])
                finally:
                    server.close()

            def reply(self, status: int, body: bytes, headers: list[tuple[str, str]]) -> None:
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                with contextlib.suppress(ConnectionError):  # who asked may have gone
                    self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        self.origin = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def serve(self, folder: Path, *faults: tuple[str, Fault]) -> None:
        """From now on this folder, with these faults."""
        self.folder, self.faults = folder, list(faults)

    def file(self, path: str) -> tuple[int, bytes, list[tuple[str, str]]] | None:
        """The answer for an app's file; None for what is no app's."""
        if not path.startswith(("/pass/", "/scan/")):
            return None
        name = path[1:] + ("index.html" if path.endswith("/") else "")
        file = self.folder / name
        status, body = (200, file.read_bytes()) if file.is_file() else (404, b"nothing is here")
        for pattern, fault in self.faults:
            if re.search(pattern, name):
                status, body = fault(body)
        kind = TYPES.get(file.suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
        cache = IMMUTABLE if status == 200 and "/assets/" in name else REVALIDATE
        return status, body, [("content-type", kind), ("cache-control", cache)]
