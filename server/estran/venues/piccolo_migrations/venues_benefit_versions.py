"""Every benefit that is already there begins its list of versions with what it says now. Valid on both engines."""

import json
from uuid import uuid4

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-26T07:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "first versions of benefits, unique"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="venues", description=DESCRIPTION)

    async def fill() -> None:
        class RawTable(Table):
            """Only a way to the engine, made anew each time: a table keeps the engine that it first met."""

        await RawTable.raw(
            "CREATE UNIQUE INDEX venues_benefit_version_once ON venues_benefit_version (benefit_id, version)"
        )
        rows = await RawTable.raw(
            "SELECT id, version, kind, min_paying_companions, quota_per_year, created_at FROM venues_benefit"
            " WHERE id NOT IN (SELECT benefit_id FROM venues_benefit_version)"
        )
        for row in rows:
            quota = row["quota_per_year"]
            terms = {
                "kind": row["kind"],
                "minPayingCompanions": row["min_paying_companions"],
                "quota": None if quota is None else {"n": quota, "per": "year", "scope": "benefit", "groupId": None},
            }
            await RawTable.raw(
                "INSERT INTO venues_benefit_version (id, benefit_id, version, terms, since) VALUES ({}, {}, {}, {}, {})",
                uuid4(),
                row["id"],
                row["version"],
                json.dumps(terms),
                row["created_at"],
            )

    manager.add_raw(fill)
    return manager
