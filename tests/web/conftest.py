"""A small built front end, and a browser in front of it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.template import TemplateConfig

from estran.settings import Settings
from estran.web import faults, pages
from estran.web.headers import Doorway
from estran.web.static import Assets, Folder, front_end
from tests.conftest import ORIGIN, FrozenClock

SOURCE = Path(pages.__file__).parent
SECRET = "not for browsers"


def litestar_with(routers: list[Any], clock: FrozenClock, tmp_path: Path, origin: str = ORIGIN) -> Litestar:
    """An application of these routers alone, with the headers, pages and faults of the real one."""
    settings = Settings(origin=origin, data=tmp_path, database="sqlite:///x", mail="smtp://x", mail_from="a@b")
    assets = Assets([SOURCE / "static"])
    app = Litestar(
        [assets.router(), *routers],
        exception_handlers={Exception: faults.to_response},
        template_config=TemplateConfig(instance=pages.template_engine([SOURCE / "templates"], settings, assets)),
        openapi_config=None,
        logging_config=None,
    )
    app.asgi_handler = Doorway(app.asgi_handler, settings, clock)
    return app


def browser_of(app: Any, origin: str = ORIGIN) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=origin)


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """The folder of a built front end, with a secret beside it."""
    root = tmp_path / "scan"
    (root / "assets").mkdir(parents=True)
    (tmp_path / "secret.txt").write_text(SECRET, "utf-8")
    (root / "index.html").write_text("<!doctype html><title>scan</title>", "utf-8")
    (root / "sw.js").write_text("self.skipWaiting", "utf-8")
    (root / "assets" / "index-B4x9_c2Q.js").write_text("console.log(1);\n" * 400, "utf-8")
    (root / "assets" / "reader-Ab3_d-f9.wasm").write_bytes(b"\0asm" + bytes(5000))
    (root / "manifest.webmanifest").write_text("{}", "utf-8")
    (root / "outside.txt").symlink_to(tmp_path / "secret.txt")
    return root


@pytest.fixture
async def scan(built: Path, clock: FrozenClock, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A browser of that front end at /scan."""
    app = litestar_with([front_end("/scan", Folder(built))], clock, tmp_path)
    async with browser_of(app) as client:
        yield client
