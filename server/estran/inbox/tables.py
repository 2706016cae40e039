"""The one inbox table."""

from piccolo.columns import JSON, UUID, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table


class Item(Table, tablename="inbox_item"):
    """One thing to look at. `key` makes dropping the same thing twice harmless."""

    id = UUID(primary_key=True, default=UUID4())
    key = Varchar(length=120, default=None, null=False, unique=True)  #: kind:subject, such as over_quota:<visit id>
    kind = Varchar(length=30, default=None, null=False)  #: docs/sync.md §6 and docs/glossary.md; append-only
    at = Timestamptz(default=None, null=False, index=True)
    subject_kind = Varchar(length=20, default=None, null=False)
    subject_id = UUID(default=None, null=True)
    venue_id = UUID(default=None, null=True)
    ambassador_id = UUID(default=None, null=True)
    details = JSON(default="{}", null=False)  #: figures for the sentence; no names
    answered_at = Timestamptz(default=None, null=True)
    answered_by = UUID(default=None, null=True)
    answer = Varchar(length=30, default=None, null=True)
