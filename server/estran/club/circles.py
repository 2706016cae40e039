"""Circles: ambassadors with something in common, whom a benefit may be for. Every act leaves an entry in the history."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID, uuid4

from estran.actor import Actor
from estran.club.tables import Ambassador, Circle, CircleMember
from estran.db import writes
from estran.errors import Invalid, NotFound
from estran.history import service as history

NAME_MAX = 80


async def circles() -> list[Circle]:
    """The club's circles by name."""
    return await Circle.objects().order_by(Circle.name)


async def circle(circle_id: UUID) -> Circle:
    """That circle; raises NotFound."""
    row = await Circle.objects().where(Circle.id == circle_id).first()
    if row is None:
        raise NotFound("unknown_circle", "no such circle")
    return row


async def members() -> dict[UUID, set[UUID]]:
    """Who belongs to which circle: the ambassadors' ids by that of the circle."""
    found: dict[UUID, set[UUID]] = {row.id: set() for row in await circles()}
    for row in await CircleMember.select(CircleMember.circle_id, CircleMember.ambassador_id):
        found[row["circle_id"]].add(row["ambassador_id"])
    return found


async def circles_of(ambassador_id: UUID) -> list[Circle]:
    """The circles that somebody belongs to, by name."""
    theirs = [circle_id for circle_id, people in (await members()).items() if ambassador_id in people]
    return [row for row in await circles() if row.id in theirs]


@writes
async def set_circle(
    actor: Actor, circle_id: UUID | None, name: str, ambassador_ids: Collection[UUID], *, now: datetime
) -> Circle:
    """The circle, new (`circle_id` None) or changed, with these members and no others. Raises Invalid or NotFound."""
    name = " ".join(name.split())
    if not name or len(name) > NAME_MAX:
        raise Invalid("bad_name", "a circle needs a name of at most 80 characters", fields=["name"])
    if any(row.name == name and row.id != circle_id for row in await circles()):
        raise Invalid("name_in_use", "another circle has this name", fields=["name"])
    row = Circle(id=uuid4(), name=name, created_at=now) if circle_id is None else await circle(circle_id)
    before = (await members()).get(row.id, set())
    known = set(
        await Ambassador.select(Ambassador.id).where(Ambassador.erased_at.is_null()).output(as_list=True)
    ) & set(ambassador_ids)
    if circle_id is not None and (row.name, before) == (name, known):
        return row
    row.name = name
    await row.save()
    await CircleMember.delete().where(CircleMember.circle_id == row.id)
    for ambassador_id in sorted(known):
        await CircleMember(id=uuid4(), circle_id=row.id, ambassador_id=ambassador_id).save()
    action = "club.add_circle" if circle_id is None else "club.edit_circle"
    await history.record(actor, action, "circle", row.id, now=now, details={"n": len(known)})
    return row


@writes
async def remove_circle(actor: Actor, circle_id: UUID, *, now: datetime) -> None:
    """The circle is no more; its members stay in the club. Raises NotFound."""
    await circle(circle_id)
    await CircleMember.delete().where(CircleMember.circle_id == circle_id)
    await Circle.delete().where(Circle.id == circle_id)
    await history.record(actor, "club.remove_circle", "circle", circle_id, now=now)


@writes
async def forget(ambassador_id: UUID) -> None:
    """This person belongs to no circle any more; nothing says that they did."""
    await CircleMember.delete().where(CircleMember.ambassador_id == ambassador_id)
