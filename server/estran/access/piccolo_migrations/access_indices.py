"""An index over several columns: valid on both engines, so written by hand."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-23T21:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "a role is held once"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="access", description=DESCRIPTION)

    async def create() -> None:
        class RawTable(Table):
            """Only a way to the engine, made anew each time: a table keeps the engine that it first met."""

        # Officers have no scope, and NULLs differ from each other: for them access.service.grant looks first.
        await RawTable.raw("CREATE UNIQUE INDEX access_grant_once ON access_grant (account_id, role, scope_id)")

    manager.add_raw(create)
    return manager
