"""Who is let through which door. A guard finds the actor and leaves it for the handler; the service decides the rest."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.types import HTTPScope, Scope

from estran.access import cookies, service
from estran.access.rules import Realm
from estran.actor import Actor, Role
from estran.errors import Forbidden, NotFound, Unauthorized, UnsupportedMedia

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
DEVICE_SCHEME, PASS_SCHEME = "device ", "pass "

Connection = ASGIConnection[Any, Any, Any, Any]


# --- every request ----------------------------------------------------------------------------------------------------


async def honest_write(connection: Connection, _: BaseRouteHandler) -> None:
    """Refuses what another site may have had a browser send. Raises Forbidden `cross_site`, UnsupportedMedia.

    One guard for two questions: Litestar copies the handler for each, on the way of every visit.
    """
    if cast("HTTPScope", connection.scope)["method"] not in SAFE_METHODS:
        _same_site(connection)
        _json_only(connection)


def _same_site(connection: Connection) -> None:
    """Browsers since 2020-2023 send Sec-Fetch-Site, which no page can forge; older ones send Origin with every write.

    Where a cookie comes with neither, nobody can tell who asked: refused. A caller without cookies (a scanner, a script) has
    nothing that another site could borrow.
    """
    fetch_site = connection.headers.get("sec-fetch-site")
    origin = connection.headers.get("origin")
    if fetch_site is not None:
        allowed = fetch_site in {"same-origin", "none"}
    elif origin is not None:
        allowed = origin == connection.app.state.settings.origin
    else:
        allowed = "cookie" not in connection.headers
    if not allowed:
        raise Forbidden("cross_site", "send this from the club's own pages")


def _json_only(connection: Connection) -> None:
    """Bodies on /api/ say that they are JSON: forms of other sites cannot."""
    headers = connection.headers
    has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
    if not connection.scope["path"].startswith("/api/") or not has_body:
        return
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise UnsupportedMedia("unsupported_media_type", "send application/json")


# --- people -----------------------------------------------------------------------------------------------------------


async def pass_actor(connection: Connection, _: BaseRouteHandler) -> None:
    """An ambassador signed in to the pass; raises Unauthorized `signed_out`."""
    _leave(connection, await _signed_in(connection, Realm.PASS))


async def pass_or_session(connection: Connection, handler: BaseRouteHandler) -> None:
    """An ambassador whose phone proves that it holds their pass, as of now; where it sends no proof, one who is signed in.

    Raises Unauthorized: `signed_out`, or what is wrong with the proof.
    """
    digits = _authorization(connection, PASS_SCHEME)
    if digits is None:
        await pass_actor(connection, handler)
    else:
        # The passes' room is above this one: the application hands its look-up down.
        account_id, ambassador_id = await connection.app.state.holder_by_proof(
            connection.app.state.issuer, digits, now=connection.app.state.clock()
        )
        roles = frozenset({Role.AMBASSADOR})
        _leave(connection, Actor(kind="account", id=account_id, roles=roles, ambassador_id=ambassador_id))


async def desk_actor(connection: Connection, _: BaseRouteHandler) -> None:
    """An officer or a manager signed in to the desk; raises Unauthorized `signed_out`."""
    _leave(connection, await _signed_in(connection, Realm.DESK))


async def officer_only(connection: Connection, _: BaseRouteHandler) -> None:
    """An officer; raises Unauthorized `signed_out` or Forbidden `officers_only`."""
    actor = await _signed_in(connection, Realm.DESK)
    if Role.OFFICER not in actor.roles:
        raise Forbidden("officers_only", "only the club's officers may do this")
    _leave(connection, actor)


async def manager_or_officer(connection: Connection, handler: BaseRouteHandler) -> None:
    """An officer, or a manager whose `actor.venue_ids` the service must still compare. Raises Unauthorized `signed_out`."""
    await desk_actor(connection, handler)


async def _signed_in(connection: Connection, realm: Realm) -> Actor:
    token = cookies.session(connection, realm)
    now: datetime = connection.app.state.clock()
    actor = await service.session_actor(token, realm, now=now) if token else None
    if actor is None:
        raise Unauthorized("signed_out", "sign in first")
    return actor


# --- scanners ---------------------------------------------------------------------------------------------------------


async def device(connection: Connection, _: BaseRouteHandler) -> None:
    """A paired scanner, pending and cut ones included: the handler says what those may do.

    Leaves an actor with the scanner's id, bound to its venue. Raises Unauthorized `unknown_device`.
    """
    token = _authorization(connection, DEVICE_SCHEME)
    # The venues' room is above this one: the application hands its look-up down.
    found = await connection.app.state.device_by_token(token) if token else None
    if found is None:
        raise Unauthorized("unknown_device", "pair this scanner again")
    device_id, venue_id = found
    roles = frozenset({Role.DEVICE})
    _leave(connection, Actor(kind="device", id=device_id, roles=roles, venue_ids=frozenset({venue_id})))


def _authorization(connection: Connection, scheme: str) -> str | None:
    header = connection.headers.get("authorization", "")
    return header[len(scheme) :].strip() if header.lower().startswith(scheme) else None


# --- what handlers take -----------------------------------------------------------------------------------------------


def _leave(connection: Connection, actor: Actor) -> None:
    connection.scope["state"]["actor"] = actor


def current_actor(scope: Scope) -> Actor:
    """The actor a guard found. A handler that takes `actor` without a guard is a fault of ours (500)."""
    return cast("Actor", scope["state"]["actor"])


def caller_id(scope: Scope) -> UUID:
    """The id of the scanner that `device` found."""
    return cast("UUID", current_actor(scope).id)


def ambassador_of(actor: Actor) -> UUID:
    """The ambassador who is signed in; raises NotFound `not_an_ambassador` for an account of another role."""
    if actor.ambassador_id is None:
        raise NotFound("not_an_ambassador", "no ambassador has this e-mail address")
    return actor.ambassador_id
