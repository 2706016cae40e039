"""What a scanner should know to work without network: docs/sync.md §4."""

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from estran import clock
from estran.club import service as club
from estran.db import fetch, writes
from estran.passes import service as passes
from estran.passes.keys import Issuer
from estran.venues import rules as venue_rules
from estran.venues import service as venues
from estran.venues.tables import Benefit, Device


class SnapshotVenue(msgspec.Struct, rename="camel"):
    """The scanner's own venue."""

    id: str
    name: str
    paused: bool


class SnapshotSentence(msgspec.Struct):
    """A benefit in words."""

    fr: str
    en: str


class SnapshotBenefit(msgspec.Struct, rename="camel"):
    """What the check needs of a benefit, and how to say it."""

    id: str
    version: int
    kind: str
    min_paying_companions: int
    quota_per_year: int | None
    sentence: SnapshotSentence


class Snapshot(msgspec.Struct, rename="camel"):
    """All that a scanner needs to work without network: docs/sync.md §4."""

    version: str
    iss: str
    club: str
    zone: str
    snapshot_limit_s: int
    keys: list[dict[str, Any]]
    status_list: str
    venue: SnapshotVenue
    benefits: list[SnapshotBenefit]
    used: dict[str, dict[str, int]]
    used_year: int
    last_seq: int


async def snapshot(issuer: Issuer, device_id: UUID, *, now: datetime) -> Snapshot:
    """What this scanner should know at `now`. Raises NotFound, Forbidden `device_pending` or `device_cut`."""
    device = await venues.working_device(device_id)
    house = await club.house()
    place = await venues.venue(device.venue_id)
    benefits = await venues.benefits_of(place.id)
    status_list, status_tag = await passes.status_token(issuer, now=now)
    year = clock.local_day(now, ZoneInfo(house.zone)).year
    used, last_seq = await _used_here(device_id, benefits, year)
    made = Snapshot(
        version="",
        iss=issuer.iss,
        club=house.name,
        zone=house.zone,
        snapshot_limit_s=house.snapshot_limit_days * 86400,
        keys=await passes.jwks(issuer, now=now),
        status_list=status_tag,  # for the version: the token itself is signed anew each time
        venue=SnapshotVenue(str(place.id), place.name, place.paused_at is not None or place.archived_at is not None),
        benefits=[_snapshot_benefit(benefit) for benefit in benefits],
        used=used,
        used_year=year,
        last_seq=last_seq,
    )
    made.version = hashlib.sha256(msgspec.json.encode(made)).hexdigest()[:16]
    made.status_list = status_list
    return made


def _snapshot_benefit(benefit: Benefit) -> SnapshotBenefit:
    return SnapshotBenefit(
        id=str(benefit.id),
        version=benefit.version,
        kind=benefit.kind,
        min_paying_companions=benefit.min_paying_companions,
        quota_per_year=benefit.quota_per_year,
        sentence=SnapshotSentence(venue_rules.sentence(benefit, "fr"), venue_rules.sentence(benefit, "en")),
    )


@writes
async def _used_here(device_id: UUID, benefits: list[Benefit], year: int) -> tuple[dict[str, dict[str, int]], int]:
    """Counted visits of the year by benefit and `sub`, for benefits with a quota; and the scanner's last item among them.

    In one transaction: a count and a `lastSeq` that do not belong together would count the scanner's own visits twice, or not.
    """
    limited = [benefit.id for benefit in benefits if benefit.quota_per_year is not None]
    found: dict[str, dict[str, int]] = {str(benefit_id): {} for benefit_id in limited}
    if limited:
        sql = (
            "SELECT v.benefit_id, a.sub, v.n FROM (SELECT benefit_id, ambassador_id, COUNT(*) AS n FROM visits_visit"  # noqa: S608
            f" WHERE benefit_id IN ({', '.join(['{}'] * len(limited))}) AND state = 'counted'"
            " AND on_day >= {} AND on_day <= {} GROUP BY benefit_id, ambassador_id) v"
            " JOIN club_ambassador a ON a.id = v.ambassador_id"
        )
        for row in await fetch(sql, *limited, f"{year}-01-01", f"{year}-12-31"):
            found[str(row["benefit_id"])][row["sub"]] = int(row["n"])
    return found, (await venues.device(device_id)).last_seq


@writes
async def note_snapshot(device_id: UUID, status_version: int | None, *, now: datetime) -> None:
    """The scanner asked for its news just now; `status_version` is the list it shows to have. Raises NotFound."""
    device = await venues.device(device_id)
    device.seen_at = device.snapshot_at = now
    is_newer = status_version is not None and status_version > (device.status_version or 0)
    if is_newer and await passes.list_of_version(status_version):
        device.status_version, device.status_known_at = status_version, now
    await device.save([Device.seen_at, Device.snapshot_at, Device.status_version, Device.status_known_at])
