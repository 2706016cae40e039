"""Files: the two built front ends and the small style sheets of the server's pages.

Litestar's static router answers no 304 and refuses HEAD; here a file is read once, kept with its gzip and its ETag, and read
again when it changes on disk.
"""

import gzip
import hashlib
import mimetypes
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from litestar import Request, Response, Router, get
from litestar.params import FromPath
from litestar.response import Redirect

from estran.errors import NotFound, Unavailable

IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"
GZIP_FROM_BYTES = 1024
INDEX = "index.html"

# mimetypes reads the machine's own tables, which differ; these are ours.
TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".ico": "image/vnd.microsoft.icon",
    ".js": "text/javascript",
    ".json": "application/json",
    ".map": "application/json",
    ".mp3": "audio/mpeg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
PACKED = {".ico", ".mp3", ".png", ".woff2"}

# Vite's names: `index-B4x9_c2Q.js`; such a file never changes under its name.
_HASHED = re.compile(r"-[A-Za-z0-9_-]{8}\.[a-z0-9]+$")


@dataclass(frozen=True, slots=True)
class File:
    """A file as it is sent."""

    body: bytes
    packed: bytes | None
    """gzip, when that is smaller."""
    etag: str
    version: str
    media_type: str
    mtime_ns: int


class Folder:
    """Files below one folder, kept in memory. Links out of the folder and names that climb are not found."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._kept: dict[str, File] = {}

    @property
    def is_built(self) -> bool:
        """Whether there is a page to begin with."""
        return (self._root / INDEX).is_file()

    def file(self, name: str) -> File | None:
        """The file of that relative name with forward slashes, or None."""
        if "\\" in name or "\0" in name or any(part in {"", ".", ".."} for part in name.split("/")):
            return None
        path = self._root / name
        try:
            if not path.resolve().is_relative_to(self._root.resolve()) or not path.is_file():
                return None
            mtime_ns = path.stat().st_mtime_ns
            kept = self._kept.get(name)
            if kept is None or kept.mtime_ns != mtime_ns:
                kept = self._kept[name] = _read(path, mtime_ns)
        except OSError:  # a name too long for the disk, or a file that is just being replaced
            return None
        return kept


def _read(path: Path, mtime_ns: int) -> File:
    body = path.read_bytes()
    version = hashlib.sha256(body).hexdigest()[:16]
    packed = None
    if len(body) >= GZIP_FROM_BYTES and path.suffix not in PACKED:
        packed = gzip.compress(body, mtime=0)
        packed = packed if len(packed) < len(body) else None
    guessed = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return File(
        body=body,
        packed=packed,
        etag=f'W/"{version}"',  # weak: the same for both encodings
        version=version,
        media_type=TYPES.get(path.suffix, guessed),
        mtime_ns=mtime_ns,
    )


def answer(request: Request[Any, Any, Any], file: File, cache_control: str) -> Response[bytes]:
    """The file, packed when the browser takes it, or 304 when it has it already."""
    headers = {"ETag": file.etag, "Cache-Control": cache_control, "Vary": "Accept-Encoding"}
    if has_already(request.headers.get("if-none-match", ""), file.etag):
        return Response(b"", status_code=304, headers=headers, media_type=file.media_type)
    body = file.body
    if file.packed is not None and takes_gzip(request.headers.get("accept-encoding", "")):
        body = file.packed
        headers["Content-Encoding"] = "gzip"
    return Response(body, headers=headers, media_type=file.media_type)


def has_already(if_none_match: str, etag: str) -> bool:
    """Whether If-None-Match names this ETag, compared weakly (RFC 9110 §13.1.2)."""
    wanted = etag.removeprefix("W/")
    return if_none_match.strip() == "*" or any(
        tag.strip().removeprefix("W/") == wanted for tag in if_none_match.split(",")
    )


def takes_gzip(accept_encoding: str) -> bool:
    """Whether Accept-Encoding allows gzip (RFC 9110 §12.5.3)."""
    for part in accept_encoding.lower().split(","):
        coding, _, parameter = part.strip().partition(";")
        if coding.strip() in {"gzip", "*"}:
            return parameter.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


def front_end(prefix: str, folder: Folder) -> Router:
    """A single-page application at `prefix` (such as `/pass`): its files, and its page for every address within it."""

    @get("/", include_in_schema=False)
    async def front_end_page(request: Request[Any, Any, Any]) -> Response[Any]:
        """The page."""
        if request.scope["raw_path"] == prefix.encode():  # Litestar drops the slash from `path`
            return Redirect(f"{prefix}/", status_code=308)
        return _front_end_answer(request, folder, "")

    @get("/{name:path}", include_in_schema=False)
    async def front_end_file(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[Any]:
        """A built file, or the page for an address without extension."""
        return _front_end_answer(request, folder, name.strip("/"))

    return Router(prefix, route_handlers=[front_end_page, front_end_file])


def _front_end_answer(request: Request[Any, Any, Any], folder: Folder, name: str) -> Response[Any]:
    if not folder.is_built:
        raise Unavailable("not_built", "run `make build` first: the front ends are not built")
    file = folder.file(name or INDEX)
    if file is not None:
        return answer(request, file, IMMUTABLE if _HASHED.search(name) else REVALIDATE)
    index = folder.file(INDEX)
    if "." in name.rsplit("/", 1)[-1] or "\\" in name or index is None:
        raise NotFound("unknown_page", "nothing is here")
    return answer(request, index, REVALIDATE)


class Assets:
    """Style sheets and pictures of the server's own pages, from several rooms, at `/assets/<name>`."""

    def __init__(self, roots: Sequence[Path]) -> None:
        self._folders = [Folder(root) for root in roots]

    def file(self, name: str) -> File | None:
        """The first room's file of that name."""
        return next((file for folder in self._folders if (file := folder.file(name)) is not None), None)

    def address(self, name: str) -> str:
        """The address of a file with its version, so that it may be kept for ever; raises NotFound."""
        file = self.file(name)
        if file is None:
            raise NotFound("unknown_asset", f"no such file: {name}")
        return f"/assets/{name}?v={file.version}"

    def router(self) -> Router:
        """Serves them."""

        @get("/{name:path}", include_in_schema=False, name="assets")
        async def asset(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
            """A style sheet, script or picture."""
            file = self.file(name.strip("/"))
            if file is None:
                raise NotFound("unknown_page", "nothing is here")
            return answer(request, file, IMMUTABLE if request.query_params.get("v") == file.version else REVALIDATE)

        return Router("/assets", route_handlers=[asset])
