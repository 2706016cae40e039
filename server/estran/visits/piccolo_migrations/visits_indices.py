"""Indices over several columns: valid on both engines, so written by hand. What each is for stands beside it."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-23T21:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "indices of visits"

INDICES = {
    # The law of docs/sync.md §6 in the database itself: a proof stands at most once.
    "visits_proof_stands_once": "UNIQUE visits_visit (jti, iat, nonce) WHERE state IN ('counted', 'to_confirm')",
    # Gaps in a scanner's sequence.
    "visits_device_seq": "visits_visit (device_id, seq)",
    # Quotas: at intake by person, in the snapshot by benefit.
    "visits_quota": "visits_visit (benefit_id, ambassador_id, on_day) WHERE state = 'counted'",
    # One row a day and venue: what the upsert of the tally falls back on, and the order dashboards read it in.
    "visits_tally_once": "UNIQUE visits_tally (on_day, venue_id, state, reason)",
    # Lists, newest first: of all, of a venue, of a person.
    "visits_at": "visits_visit (at)",
    "visits_venue_at": "visits_visit (venue_id, at)",
    "visits_ambassador_at": "visits_visit (ambassador_id, at)",
    # Visits that wait; what is deleted after 30 days.
    "visits_waiting": "visits_visit (state, received_at) WHERE state IN ('to_confirm', 'quarantined')",
    "visits_change_device_seq": "visits_change (device_id, seq)",
    "visits_parked_device_seq": "visits_parked_item (device_id, seq)",
}


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="visits", description=DESCRIPTION)

    async def create() -> None:
        class RawTable(Table):
            """Only a way to the engine, made anew each time: a table keeps the engine that it first met."""

        for name, rest in INDICES.items():
            unique = "UNIQUE " if rest.startswith("UNIQUE ") else ""
            await RawTable.raw(f"CREATE {unique}INDEX {name} ON {rest.removeprefix('UNIQUE ')}")

    manager.add_raw(create)
    return manager
