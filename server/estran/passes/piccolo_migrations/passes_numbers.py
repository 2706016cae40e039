"""Passes that were issued before pass numbers get theirs. Valid on both engines."""

from base64 import urlsafe_b64decode

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-26T07:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "numbers of passes"
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def number_of(jti: str) -> str:
    """As docs/pass-format.md §9 has it; written out, for a migration outlives the house."""
    rest = int.from_bytes(urlsafe_b64decode(jti), "big") % 31**7
    digits = [rest // 31**place % 31 for place in range(6, -1, -1)]
    check = sum(weight * digit for weight, digit in enumerate(digits, start=1)) % 31
    return "".join(ALPHABET[digit] for digit in [*digits, check])


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="passes", description=DESCRIPTION)

    async def fill() -> None:
        class RawTable(Table):
            """Only a way to the engine, made anew each time: a table keeps the engine that it first met."""

        for row in await RawTable.raw("SELECT id, jti FROM passes_pass WHERE number = '' AND LENGTH(jti) = 8"):
            await RawTable.raw("UPDATE passes_pass SET number = {} WHERE id = {}", number_of(row["jti"]), row["id"])

    manager.add_raw(fill)
    return manager
