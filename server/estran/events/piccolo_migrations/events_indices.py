"""Indices over several columns: valid on both engines, so written by hand. What each is for stands beside it."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-26T10:50:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "indices of events"

INDICES = {
    # Somebody is asked once, whoever presses the button twice.
    "events_invitee_once": "UNIQUE events_invitee (event_id, ambassador_id)",
    # Who sits in which slot: counted at every reply.
    "events_invitee_slot": "events_invitee (slot_id, reply)",
    # What is still to be told.
    "events_news_due": "events_news (due_at) WHERE sent_at IS NULL",
    "events_quiet_once": "UNIQUE events_quiet (ambassador_id, topic)",
}


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="events", description=DESCRIPTION)

    async def create() -> None:
        class RawTable(Table):
            """Only a way to the engine, made anew each time: a table keeps the engine that it first met."""

        for name, rest in INDICES.items():
            unique = "UNIQUE " if rest.startswith("UNIQUE ") else ""
            await RawTable.raw(f"CREATE {unique}INDEX {name} ON {rest.removeprefix('UNIQUE ')}")

    manager.add_raw(create)
    return manager
