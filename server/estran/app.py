"""Puts the rooms together: the only place that knows them all. `create_app` is what the server runs and tests drive.

It builds the application and moves an installation in; tests build once and move in again and again.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from litestar import Litestar, Request, Response, Router, get
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.stores.memory import MemoryStore
from litestar.stores.registry import StoreRegistry
from litestar.template import TemplateConfig

from estran import __version__, db, doctor
from estran.access import api as access_api
from estran.access import guards
from estran.access import pages as access_pages
from estran.access import service as access
from estran.clock import Clock, system_clock
from estran.club import api as club_api
from estran.club import manifesto, renewals
from estran.club import service as club
from estran.demo import pages as demo_pages
from estran.desk import pages as desk_pages
from estran.events import api as events_api
from estran.events import letters_pages, news, replies, rules, watch
from estran.events import pages as events_pages
from estran.log import Event, broke
from estran.mail import pages as mail_pages
from estran.mail.letters import Letterhead
from estran.mail.sender import Sender
from estran.passes import api as passes_api
from estran.passes import manifesto_api
from estran.passes import service as passes
from estran.passes.keys import Issuer
from estran.privacy import api as privacy_api
from estran.privacy import retention
from estran.public import pages as public_pages
from estran.settings import Settings
from estran.venue_page import api as venue_page_api
from estran.venue_page import pages as venue_page_pages
from estran.venues import api as venues_api
from estran.venues import service as venues
from estran.visits import api as visits_api
from estran.visits import quotas, silence, told_api
from estran.web import faults, pages
from estran.web.headers import Doorway
from estran.web.limits import per_address
from estran.web.static import Assets, Folder, front_end

log = logging.getLogger("estran")

HERE = Path(__file__).parent
CHORES_FIRST_AFTER_S = 60
CHORES_EVERY_S = 3600
NEWS_EVERY_S = 60
Chore = Callable[..., Awaitable[Any]]
BODY_MAX_BYTES = 1024 * 1024
"""A batch of 100 visits is about 120 kB."""


def create_app(settings: Settings, clock: Clock = system_clock, keys: Issuer | None = None) -> Litestar:
    """The whole server for one club. Nothing is opened before its lifespan begins; the database must be migrated."""
    app = build(settings)
    move_in(app, settings, clock, keys)
    return app


def build(settings: Settings) -> Litestar:
    """All rooms and routes, for whichever installation moves in; of `settings` only `origin` and `demo` are built in."""
    state = State(
        {
            "device_by_token": venues.device_by_token,
            "holder_by_proof": passes.holder_by_proof,
            "own_uses": quotas.own_uses,
        }
    )

    def now() -> datetime:
        clock: Clock = state.clock
        return clock()

    assets = Assets(_folders("static"))
    rooms: list[list[Router]] = [
        access_api.routers,
        access_pages.routers,
        club_api.routers,
        passes_api.routers,
        manifesto_api.routers,
        venues_api.routers,
        events_pages.routers,
        visits_api.routers,
        told_api.routers,
        events_api.routers,
        letters_pages.routers,
        privacy_api.routers,
        venue_page_api.routers,
        venue_page_pages.routers,
        desk_pages.routers,
        public_pages.routers,
    ]
    if settings.demo:
        rooms += [mail_pages.routers, demo_pages.routers]
    app = Litestar(
        state=state,
        route_handlers=[
            healthz,
            readyz,
            assets.router(),
            front_end("/pass", Folder(HERE / "static" / "pass")),
            front_end("/scan", Folder(HERE / "static" / "scan")),
            *(router for room in rooms for router in room),
        ],
        dependencies={
            "now": Provide(now, sync_to_thread=False),
            "settings": Provide(lambda: state.settings, sync_to_thread=False),
            "issuer": Provide(lambda: state.issuer, sync_to_thread=False),
            "actor": Provide(guards.current_actor, sync_to_thread=False),
            "caller_id": Provide(guards.caller_id, sync_to_thread=False),
            "letterhead": Provide(_letterhead),
        },
        guards=[guards.honest_write],
        exception_handlers={Exception: faults.to_response},
        lifespan=[_lifespan],
        template_config=TemplateConfig(instance=pages.template_engine(_folders("templates"), settings, assets)),
        openapi_config=OpenAPIConfig(
            title="Estran",
            version=__version__,
            path="/api/v1/openapi.json",
            # The bare text: a page for people would load scripts from elsewhere.
            render_plugins=[JsonRenderPlugin(path="/")],
            use_handler_docstrings=True,
        ),
        request_max_body_size=BODY_MAX_BYTES,
        # Litestar would log whole tracebacks with their values: faults.py logs type and place.
        logging_config=None,
    )
    app.asgi_handler = Doorway(app.asgi_handler, settings, now)
    return app


def move_in(app: Litestar, settings: Settings, clock: Clock, keys: Issuer | None = None) -> None:
    """Make it the server of this installation, which remembers nothing of another."""
    app.state.clock = clock
    app.state.settings = settings
    app.state.issuer = keys or Issuer(settings.origin, settings.data / "keys")
    app.stores = StoreRegistry()


@get("/healthz", include_in_schema=False)
async def healthz() -> dict[str, str]:
    """Whether the server can read its database; raises (500) when it cannot."""
    await club.house()
    return {"status": "ok", "version": __version__}


@get("/readyz", include_in_schema=False, middleware=[per_address("ready", "minute", 60)])
async def readyz(
    settings: NamedDependency[Settings], issuer: NamedDependency[Issuer], request: Request[Any, Any, Any]
) -> Response[dict[str, Any]]:
    """Whether the server can serve: 200, or 503 with what it lacks in words (docs/administrator.md)."""
    place = doctor.Place(settings, issuer, request.app.state.clock)
    lacking = await doctor.lacking(place)
    return Response({"ready": not lacking, "lacking": lacking}, status_code=503 if lacking else 200)


def _folders(name: str) -> list[Path]:
    """Every room's folder of that name, `web` first so that no room can replace the ground."""
    return sorted(
        (path for path in HERE.glob(f"*/{name}") if path.is_dir()), key=lambda path: (path.parent.name != "web", path)
    )


async def _letterhead(settings: NamedDependency[Settings]) -> Letterhead:
    return await _head(settings)


async def _head(settings: Settings) -> Letterhead:
    return Letterhead(club=(await club.house()).name, origin=settings.origin, demo=settings.demo)


@asynccontextmanager
async def _lifespan(app: Litestar) -> AsyncIterator[None]:
    settings, clock = app.state.settings, app.state.clock
    engine = db.make_engine(settings.database)
    db.bind(engine)
    await db.open_engine()
    try:
        async with Sender(settings, clock, club_name=_club_name, daytime=_daytime):
            tasks = [
                asyncio.create_task(_chores(app, settings, clock), name="estran chores"),
                asyncio.create_task(_news(app, settings, clock), name="estran news"),
            ]
            log.info(Event("server_started", version=__version__, database=settings.database.partition(":")[0]))
            try:
                yield
            finally:
                log.info(Event("server_stopping"))
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        db.bind(engine)
        await db.close_engine()


async def _chores(app: Litestar, settings: Settings, clock: Clock) -> None:
    await asyncio.sleep(CHORES_FIRST_AFTER_S)
    while True:
        await do_chores(settings, now=clock())
        counts = app.stores.get("rate_limit")
        if isinstance(counts, MemoryStore):
            await counts.delete_expired()
        await asyncio.sleep(CHORES_EVERY_S)


async def _news(app: Litestar, settings: Settings, clock: Clock) -> None:
    """What people are told about events leaves within a minute of its time: some of it is about this afternoon."""

    async def send_due_news(*, now: datetime) -> None:
        await news.send_due(app.state.issuer, await _head(settings), now=now)

    while True:
        await asyncio.sleep(NEWS_EVERY_S)
        await _try(send_due_news, now=clock())


async def do_chores(settings: Settings, *, now: datetime) -> None:
    """What time alone changes: states of passes, mandates near their end, and everything whose keeping time is over.

    Called every hour. Each by itself: one that fails (a key's file is gone) must not keep the others from forgetting what they
    must.
    """

    async def remind(*, now: datetime) -> None:
        head = await _head(settings)
        await renewals.remind(head, now=now)
        await manifesto.remind(head, now=now)

    chores: tuple[Chore, ...] = (
        passes.publish_status,
        remind,
        replies.release,
        news.remind,
        venues.cut_forgotten,
        silence.watch,
        watch.events_watch,
        access.clear_askings,
        retention.run,
    )
    n_failed = [await _try(chore, now=now) for chore in chores].count(False)
    log.info(Event("chores", failed=n_failed))


async def _try(chore: Chore, *, now: datetime) -> bool:
    """Whether it went well; if not it is noted, and tried again next time."""
    try:
        await chore(now=now)
    except Exception as error:  # noqa: BLE001 - whatever it was
        log.error(broke("chore_failed", error, chore=f"{chore.__module__}.{chore.__name__}"))  # noqa: TRY400
        return False
    return True


async def _club_name() -> str:
    return (await club.house()).name


async def _daytime(now: datetime) -> datetime:
    return rules.daytime(now, await club.zone())
