"""Who acts: the one type that services take and history records."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """What somebody may be here. One e-mail may hold several. Stored: never rename."""

    AMBASSADOR = "ambassador"
    MANAGER = "manager"
    OFFICER = "officer"
    DEVICE = "device"


@dataclass(frozen=True, slots=True)
class Actor:
    """An account (ambassador, manager, officer), a scanner (device), or the system itself (`id` None)."""

    kind: str
    id: UUID | None
    roles: frozenset[Role] = frozenset()
    venue_ids: frozenset[UUID] = frozenset()
    ambassador_id: UUID | None = None


SYSTEM = Actor(kind="system", id=None)
