"""NFC takes the square of the length for piled-up accents: nobody may make the server busy with a megabyte of them."""

import time
from collections.abc import Callable

import httpx
import pytest

from estran.access import rules as access_rules
from estran.venues import rules as venue_rules

pytestmark = pytest.mark.anyio

PILE = "a" + "\u0300\u0316" * 150_000
AT_ONCE_S = 1.0
"""Without a bound each of these takes a minute."""


@pytest.mark.parametrize("clean", [access_rules.clean_email, access_rules.fold_email, venue_rules.clean_line])
def test_cleaning_is_bounded(clean: Callable[[str], str]) -> None:
    begun = time.perf_counter()
    clean(PILE)
    assert time.perf_counter() - begun < AT_ONCE_S


def test_a_long_address_stays_too_long() -> None:
    assert not access_rules.is_email(access_rules.clean_email("é" * 5000 + "@example.org"))
    assert not access_rules.is_email(access_rules.clean_email("a@" + "e\u0301" * 5000))


async def test_nobody_keeps_the_server_busy_from_outside(client: httpx.AsyncClient) -> None:
    begun = time.perf_counter()
    paired = await client.post("/api/v1/pairing", json={"secret": "AAAA", "label": PILE, "word": "mot"})
    asked = await client.post("/desk/sign-in", data={"email": PILE[:100_000]})
    assert (paired.status_code, asked.status_code) == (422, 422)
    assert time.perf_counter() - begun < 3 * AT_ONCE_S
