"""The one history table."""

from piccolo.columns import JSON, UUID, Text, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table


class Entry(Table, tablename="history_entry"):
    """One act. Never updated; removed only by retention."""

    id = UUID(primary_key=True, default=UUID4())
    at = Timestamptz(default=None, null=False, index=True)
    actor_kind = Varchar(length=16, default=None, null=False)  #: account, device, system
    actor_id = UUID(default=None, null=True)
    action = Varchar(length=40, default=None, null=False)  #: room.verb, such as club.pause; append-only words
    subject_kind = Varchar(length=20, default=None, null=False)  #: ambassador, venue, device, visit, club…
    subject_id = UUID(default=None, null=True, index=True)
    why = Text(default=None, null=True)
    details = JSON(default="{}", null=False)  #: old and new values; no names, no addresses
