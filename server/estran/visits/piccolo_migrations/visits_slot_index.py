"""Who arrived at a slot of an event: asked by every scanner at its door. A small index, since most visits are none."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-26T10:51:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "arrivals"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="visits", description=DESCRIPTION)

    async def create() -> None:
        class RawTable(Table):
            """Only a way to the engine, made anew each time: a table keeps the engine that it first met."""

        await RawTable.raw("CREATE INDEX visits_slot ON visits_visit (slot_id, ambassador_id) WHERE slot_id IS NOT NULL")

    manager.add_raw(create)
    return manager
