"""Limits per client address, against guessing and floods. Per-account limits are the rooms' own.

The address is uvicorn's, which believes X-Forwarded-For from ESTRAN_TRUSTED_PROXIES only. Counts live in memory: a restart
forgets them, which is fine for one process.
"""

import ipaddress
from collections.abc import Hashable
from datetime import datetime, timedelta
from typing import Any, Literal

from litestar import Request
from litestar.middleware import DefineMiddleware
from litestar.middleware.rate_limit import RateLimitConfig

IPV6_SITE_BITS = 64  # a household or a phone gets a whole /64: counting single addresses would count nothing


def per_address(name: str, unit: Literal["second", "minute", "hour", "day"], most: int) -> DefineMiddleware:
    """Middleware for a handler or router: at most `most` requests per `unit` and client address; beyond: 429.

    Handlers with the same `name` share one count.
    """

    def identifier(request: Request[Any, Any, Any]) -> str:
        return f"{name}:{client_site(request.client.host if request.client else '')}"

    return RateLimitConfig(rate_limit=(unit, most), identifier_for_request=identifier).middleware


class Allowance:
    """At most `most` acts within `per`, for each of those who act: for limits that only a handler can tell."""

    def __init__(self, most: int, per: timedelta) -> None:
        self._most = most
        self._per = per
        self._taken: dict[Hashable, tuple[datetime, int]] = {}

    def take(self, who: Hashable, *, now: datetime) -> bool:
        """Whether `who` may act once more at `now`; if so it is counted."""
        since, n = self._taken.get(who, (now, 0))
        if not now - since < self._per:
            since, n = now, 0
        if n >= self._most:
            return False
        self._taken[who] = since, n + 1
        return True


def client_site(host: str) -> str:
    """The part of an IP address that stands for one client; other text as it is."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:  # how a socket for both protocols sees everybody without IPv6
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, IPV6_SITE_BITS), strict=False).network_address)
    return str(address)
