"""Groups: venues that share a quota. Every act leaves an entry in the history."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID, uuid4

from estran.actor import Actor
from estran.db import writes
from estran.errors import Invalid, NotFound
from estran.history import service as history
from estran.venues import rules
from estran.venues.tables import Group, GroupMember, Venue

NAME_MAX = 80


async def groups() -> list[Group]:
    """The club's groups by name."""
    return await Group.objects().order_by(Group.name)


async def group(group_id: UUID) -> Group:
    """That group; raises NotFound."""
    row = await Group.objects().where(Group.id == group_id).first()
    if row is None:
        raise NotFound("unknown_group", "no such group of venues")
    return row


async def members() -> dict[UUID, set[UUID]]:
    """Which venues belong to which group: their ids by that of the group."""
    found: dict[UUID, set[UUID]] = {row.id: set() for row in await groups()}
    for row in await GroupMember.select(GroupMember.group_id, GroupMember.venue_id):
        found[row["group_id"]].add(row["venue_id"])
    return found


@writes
async def set_group(
    actor: Actor, group_id: UUID | None, name: str, venue_ids: Collection[UUID], *, now: datetime
) -> Group:
    """The group, new (`group_id` None) or changed, with these venues and no others. Raises Invalid or NotFound."""
    name = rules.clean_line(name)
    if not name or len(name) > NAME_MAX:
        raise Invalid("bad_name", "a group needs a name of at most 80 characters", fields=["name"])
    if any(row.name == name and row.id != group_id for row in await groups()):
        raise Invalid("name_in_use", "another group has this name", fields=["name"])
    row = Group(id=uuid4(), name=name, created_at=now) if group_id is None else await group(group_id)
    before = (await members()).get(row.id, set())
    known = set(await Venue.select(Venue.id).output(as_list=True)) & set(venue_ids)
    if group_id is not None and (row.name, before) == (name, known):
        return row
    row.name = name
    await row.save()
    await GroupMember.delete().where(GroupMember.group_id == row.id)
    for venue_id in sorted(known):
        await GroupMember(id=uuid4(), group_id=row.id, venue_id=venue_id).save()
    action = "venues.add_group" if group_id is None else "venues.edit_group"
    await history.record(actor, action, "group", row.id, now=now, details={"n": len(known)})
    return row


@writes
async def remove_group(actor: Actor, group_id: UUID, *, now: datetime) -> None:
    """The group is no more; its venues stay. Raises NotFound."""
    await group(group_id)
    await GroupMember.delete().where(GroupMember.group_id == group_id)
    await Group.delete().where(Group.id == group_id)
    await history.record(actor, "venues.remove_group", "group", group_id, now=now)
