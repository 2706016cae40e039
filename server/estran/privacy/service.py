"""What the data protection officer has chosen: keeping times and legal bases."""

from collections.abc import Mapping
from datetime import datetime
from uuid import uuid4

from estran.actor import Actor
from estran.db import writes
from estran.errors import Invalid
from estran.history import service as history
from estran.privacy.rules import PERIODS, TREATMENTS, Basis
from estran.privacy.tables import Choice


async def kept() -> dict[str, int]:
    """How long each period's data is kept now, in the period's own unit, by key."""
    chosen = await _chosen("keep.")
    return {key: int(chosen.get(key, period.default)) for key, period in PERIODS.items()}


async def bases() -> dict[str, Basis]:
    """The legal basis of each treatment now, by key."""
    chosen = await _chosen("basis.")
    return {one.key: Basis(chosen.get(one.key, one.basis)) for one in TREATMENTS}


async def _chosen(prefix: str) -> dict[str, str]:
    rows = await Choice.objects().where(Choice.key.like(f"{prefix}%"))
    return {row.key.removeprefix(prefix): row.value for row in rows}


@writes
async def choose(actor: Actor, *, kept: Mapping[str, int], bases: Mapping[str, Basis], now: datetime) -> None:
    """Keep these times and bases from now on. Raises Invalid outside a period's bounds or a treatment's bases."""
    bad = [key for key, value in kept.items() if not PERIODS[key].least <= value <= PERIODS[key].most]
    bad += [one.key for one in TREATMENTS if one.key in bases and bases[one.key] not in one.bases]
    if bad:
        raise Invalid("bad_choice", "outside what may be chosen", fields=bad)
    wanted = {f"keep.{key}": str(value) for key, value in kept.items()}
    wanted |= {f"basis.{key}": basis.value for key, basis in bases.items()}
    known = {row.key: row for row in await Choice.objects()}
    defaults = {f"keep.{key}": str(period.default) for key, period in PERIODS.items()}
    defaults |= {f"basis.{one.key}": one.basis.value for one in TREATMENTS}
    changed: dict[str, list[str]] = {}
    for key, value in wanted.items():
        before = known[key].value if key in known else defaults[key]
        if before == value:
            continue
        changed[key] = [before, value]
        row = known.get(key) or Choice(id=uuid4(), key=key, value=value)
        row.value = value
        await row.save()
    if changed:
        await history.record(actor, "privacy.choose", "club", None, now=now, details=changed)
