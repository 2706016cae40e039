"""Venues, benefits, pairings, devices."""

from piccolo.columns import UUID, Boolean, ForeignKey, Integer, OnDelete, Text, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table


class Venue(Table, tablename="venues_venue"):
    """A place that welcomes ambassadors. Paused: its benefits rest. Archived: out of every list, its visits stay."""

    id = UUID(primary_key=True, default=UUID4())
    name = Varchar(length=120, default=None, null=False)
    commune = Varchar(length=80, default="", null=False)
    address = Varchar(length=200, default="", null=False)
    url = Varchar(length=300, default="", null=False)
    contact_email = Varchar(length=254, default="", null=False)
    created_at = Timestamptz(default=None, null=False)
    paused_at = Timestamptz(default=None, null=True)
    paused_why = Text(default=None, null=True)
    archived_at = Timestamptz(default=None, null=True)


class Benefit(Table, tablename="venues_benefit"):
    """What a venue gives. An edit raises `version`; the old and new values are in the history."""

    id = UUID(primary_key=True, default=UUID4())
    venue_id = ForeignKey(
        Venue, null=False, default=None, on_delete=OnDelete.restrict, db_column_name="venue_id", index=True
    )
    version = Integer(default=1, null=False)
    kind = Varchar(length=20, default=None, null=False)  #: free_entry; append-only
    min_paying_companions = Integer(default=0, null=False)
    quota_per_year = Integer(default=None, null=True)  #: per ambassador at this venue, calendar year; null: unlimited
    created_at = Timestamptz(default=None, null=False)
    ended_at = Timestamptz(default=None, null=True)


class Pairing(Table, tablename="venues_pairing"):
    """A way to pair a scanner: once, or a poster that may be used again (its devices then wait for approval)."""

    id = UUID(primary_key=True, default=UUID4())
    venue_id = ForeignKey(
        Venue, null=False, default=None, on_delete=OnDelete.restrict, db_column_name="venue_id", index=True
    )
    secret_hash = Varchar(length=64, default=None, null=False, unique=True)
    reusable = Boolean(default=False, null=False)
    created_at = Timestamptz(default=None, null=False)
    expires_at = Timestamptz(default=None, null=False)
    used_at = Timestamptz(default=None, null=True)
    ended_at = Timestamptz(default=None, null=True)


class Device(Table, tablename="venues_device"):
    """A paired scanner, and what the server knows of its news and its queue."""

    id = UUID(primary_key=True, default=UUID4())
    venue_id = ForeignKey(
        Venue, null=False, default=None, on_delete=OnDelete.restrict, db_column_name="venue_id", index=True
    )
    token_hash = Varchar(length=64, default=None, null=False, unique=True)
    label = Varchar(length=40, default=None, null=False)
    word = Varchar(length=20, default=None, null=False)
    state = Varchar(length=10, default=None, null=False)  #: pending, active, cut
    created_at = Timestamptz(default=None, null=False)
    approved_at = Timestamptz(default=None, null=True)
    cut_at = Timestamptz(default=None, null=True)
    seen_at = Timestamptz(default=None, null=True)
    synced_at = Timestamptz(default=None, null=True)
    queue_length = Integer(default=0, null=False)
    last_seq = Integer(default=0, null=False)
    status_version = Integer(default=None, null=True)  #: the newest status list it has shown to have
    status_known_at = Timestamptz(default=None, null=True)  #: since when
    snapshot_at = Timestamptz(default=None, null=True)  #: its last snapshot, 304 included
    app_version = Varchar(length=20, default="", null=False)
