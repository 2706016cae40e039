"""Venues, when they are closed, the benefits they give, pairings, devices."""

from piccolo.columns import UUID, Boolean, Date, ForeignKey, Integer, OnDelete, Text, Timestamptz, Varchar
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
    pin = Varchar(length=6, default="", null=False)  #: six digits with which a visit is told without a scanner


class Closure(Table, tablename="venues_closure"):
    """Days, both included, on which a venue is closed to everybody: winter, works."""

    id = UUID(primary_key=True, default=UUID4())
    venue_id = ForeignKey(
        Venue, null=False, default=None, on_delete=OnDelete.cascade, db_column_name="venue_id", index=True
    )
    first_on = Date(default=None, null=False)
    last_on = Date(default=None, null=False)
    why = Varchar(length=120, default="", null=False)
    created_at = Timestamptz(default=None, null=False)


class Group(Table, tablename="venues_group"):
    """Venues that share a quota."""

    id = UUID(primary_key=True, default=UUID4())
    name = Varchar(length=80, default=None, null=False)
    created_at = Timestamptz(default=None, null=False)


class GroupMember(Table, tablename="venues_group_member"):
    """One venue of a group. A venue may be in several."""

    id = UUID(primary_key=True, default=UUID4())
    group_id = ForeignKey(
        Group, null=False, default=None, on_delete=OnDelete.cascade, db_column_name="group_id", index=True
    )
    venue_id = ForeignKey(
        Venue, null=False, default=None, on_delete=OnDelete.cascade, db_column_name="venue_id", index=True
    )


class Benefit(Table, tablename="venues_benefit"):
    """What a venue gives. An edit raises `version`; what each version said is in `BenefitVersion`."""

    id = UUID(primary_key=True, default=UUID4())
    venue_id = ForeignKey(
        Venue, null=False, default=None, on_delete=OnDelete.restrict, db_column_name="venue_id", index=True
    )
    version = Integer(default=1, null=False)
    kind = Varchar(length=20, default=None, null=False)  #: as in the terms; append-only
    min_paying_companions = Integer(default=0, null=False)  #: as in the terms: what an older server reads
    quota_per_year = Integer(default=None, null=True)  #: the same, where the quota is one of a calendar year
    created_at = Timestamptz(default=None, null=False)
    ended_at = Timestamptz(default=None, null=True)
    place = Integer(default=0, null=False)  #: the order in which a scan tries them, then `created_at`


class BenefitVersion(Table, tablename="venues_benefit_version"):
    """What a benefit said from `since` on: docs/benefits.md. Never changed. Unique over benefit and version (own migration)."""

    id = UUID(primary_key=True, default=UUID4())
    benefit_id = ForeignKey(
        Benefit, null=False, default=None, on_delete=OnDelete.cascade, db_column_name="benefit_id", index=True
    )
    version = Integer(default=None, null=False)
    terms = Text(default=None, null=False)  #: JSON of `terms.Terms`
    since = Timestamptz(default=None, null=False)
    account_id = UUID(default=None, null=True)  #: who wrote it


class Invited(Table, tablename="venues_invited"):
    """An ambassador whom a benefit for invited people names. The club's room is not below this one: no foreign key."""

    id = UUID(primary_key=True, default=UUID4())
    benefit_id = ForeignKey(
        Benefit, null=False, default=None, on_delete=OnDelete.cascade, db_column_name="benefit_id", index=True
    )
    ambassador_id = UUID(default=None, null=False, index=True)


class Proposal(Table, tablename="venues_proposal"):
    """What a venue's manager would like a benefit to say; the officer answers."""

    id = UUID(primary_key=True, default=UUID4())
    venue_id = ForeignKey(
        Venue, null=False, default=None, on_delete=OnDelete.cascade, db_column_name="venue_id", index=True
    )
    benefit_id = ForeignKey(Benefit, null=True, default=None, on_delete=OnDelete.cascade, db_column_name="benefit_id")
    terms = Text(default=None, null=False)  #: JSON of `terms.Terms`
    note = Text(default="", null=False)
    account_id = UUID(default=None, null=True)
    created_at = Timestamptz(default=None, null=False)
    answered_at = Timestamptz(default=None, null=True)
    answer = Varchar(length=10, default=None, null=True)  #: approved, declined, withdrawn


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
    """A paired scanner, and what the server knows of its news and its queue.

    A venue's ways in without a scanner are devices, too: `poster` (ambassadors tell a visit with their own phone) and `sheet`
    (the office copies a paper list). They have no token, no news and no queue, and stand in no list of scanners.
    """

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
    kind = Varchar(length=8, default="scanner", null=False)  #: scanner, poster, sheet
