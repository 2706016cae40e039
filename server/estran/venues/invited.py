"""The ambassadors whom a benefit for invited people names, by their ids: the club's room is not below this one."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID, uuid4

from estran.actor import Actor
from estran.db import writes
from estran.history import service as history
from estran.venues.tables import Invited


async def invited_to(benefit_id: UUID) -> set[UUID]:
    """The ambassadors whom this benefit names."""
    return set(await Invited.select(Invited.ambassador_id).where(Invited.benefit_id == benefit_id).output(as_list=True))


async def invitations_of(ambassador_id: UUID) -> list[UUID]:
    """The benefits that name this ambassador."""
    found: list[UUID] = (
        await Invited.select(Invited.benefit_id).where(Invited.ambassador_id == ambassador_id).output(as_list=True)
    )
    return found


@writes
async def set_invited(
    actor: Actor, venue_id: UUID, benefit_id: UUID, ambassador_ids: Collection[UUID], *, now: datetime
) -> None:
    """This benefit of this venue names these ambassadors and no others. The ids are the caller's care."""
    wanted = set(ambassador_ids)
    if wanted == await invited_to(benefit_id):
        return
    await Invited.delete().where(Invited.benefit_id == benefit_id)
    for ambassador_id in sorted(wanted):
        await Invited(id=uuid4(), benefit_id=benefit_id, ambassador_id=ambassador_id).save()
    details = {"benefit": str(benefit_id), "n": len(wanted)}
    await history.record(actor, "venues.set_invited", "venue", venue_id, now=now, details=details)


@writes
async def forget(ambassador_id: UUID) -> None:
    """No benefit names this person any more."""
    await Invited.delete().where(Invited.ambassador_id == ambassador_id)
