"""What is noted of a venue's reading: that its entries left as a file."""

from datetime import datetime
from uuid import UUID

from estran.actor import Actor
from estran.db import writes
from estran.history import service as history


@writes
async def save_entries(actor: Actor, venue_id: UUID, month: str, *, now: datetime) -> None:
    """That somebody takes a month (`YYYY-MM`) of the venue's entries away as a file: recorded before it is made."""
    await history.record(actor, "venue_page.save_entries", "venue", venue_id, now=now, details={"month": month})
