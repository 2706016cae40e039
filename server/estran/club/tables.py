"""House rules, ambassadors, mandates."""

from piccolo.columns import UUID, Date, ForeignKey, Integer, OnDelete, Text, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table

from estran.access.tables import Account


class House(Table, tablename="club_house"):
    """The club's own settings: one row, made at the first start, edited at the desk."""

    id = UUID(primary_key=True, default=UUID4())
    name = Varchar(length=80, default=None, null=False)
    office_name = Varchar(length=80, default=None, null=False)
    contact_email = Varchar(length=254, default="", null=False)  #: shown to ambassadors and venues
    zone = Varchar(length=40, default=None, null=False)  #: IANA time zone; days begin and end there
    snapshot_limit_days = Integer(default=7, null=False)


class Ambassador(Table, tablename="club_ambassador"):
    """A member of the club. `sub` is what passes carry: opaque, the same for life."""

    id = UUID(primary_key=True, default=UUID4())
    sub = Varchar(length=11, default=None, null=False, unique=True)  #: base64url of 8 random bytes
    account_id = ForeignKey(Account, null=False, default=None, on_delete=OnDelete.restrict, db_column_name="account_id")
    first_name = Varchar(length=60, default=None, null=False)
    last_name = Varchar(length=60, default=None, null=False)
    created_at = Timestamptz(default=None, null=False)
    invited_at = Timestamptz(default=None, null=True)
    paused_at = Timestamptz(default=None, null=True)
    paused_why = Text(default=None, null=True)


class Mandate(Table, tablename="club_mandate"):
    """From the morning of `begins_on` to the night of `ends_on`, in the club's zone. Kept as history."""

    id = UUID(primary_key=True, default=UUID4())
    ambassador_id = ForeignKey(
        Ambassador, null=False, default=None, on_delete=OnDelete.restrict, db_column_name="ambassador_id", index=True
    )
    begins_on = Date(default=None, null=False)
    ends_on = Date(default=None, null=False)
    created_at = Timestamptz(default=None, null=False)
