"""House rules, candidates, ambassadors, mandates, the manifesto and who signed it."""

from piccolo.columns import UUID, Boolean, Date, ForeignKey, Integer, OnDelete, Text, Timestamptz, Varchar
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
    silent_days = Integer(
        default=14, null=False
    )  #: without a word from a scanner of an open venue: a line in the inbox
    ceiling = Integer(
        default=15, null=False
    )  #: how many active ambassadors the club wants at most; a warning, no block
    mandate_months = Integer(default=12, null=False)  #: what the forms propose
    notice_days = Integer(
        default=30, null=False
    )  #: from a manifesto's publication to the day on which it must be signed
    asks_certificate = Boolean(default=False, null=False)
    least_age = Integer(default=18, null=False)  #: told at the public form; no birth date is kept
    digest_weekday = Integer(
        default=2, null=False
    )  #: 1 Monday to 7 Sunday: when invitations and reminders leave together
    digest_hour = Integer(default=10, null=False)  #: of the club's clock, 8 to 19: never at night


class Identity(Table, tablename="club_identity"):
    """Who answers for the club, as the public and legal pages say it. One row; what is empty is said to be missing."""

    id = UUID(primary_key=True, default=UUID4())
    legal_name = Varchar(length=160, default="", null=False)
    address = Varchar(length=200, default="", null=False)
    phone = Varchar(length=30, default="", null=False)
    publication_director = Varchar(length=120, default="", null=False)
    host_name = Varchar(length=160, default="", null=False)
    host_address = Varchar(length=200, default="", null=False)
    host_phone = Varchar(length=30, default="", null=False)
    dpo_contact = Varchar(length=254, default="", null=False)  #: an e-mail address or a postal one
    press_contact = Varchar(length=254, default="", null=False)
    photo_credits = Text(default="", null=False)
    photo_reuse = Text(default="", null=False)
    accent = Varchar(length=7, default="", null=False)  #: #rrggbb; empty: Estran's own
    logo_type = Varchar(length=20, default="", null=False)  #: image/png, image/jpeg, image/webp; empty: none
    logo_alt = Varchar(length=120, default="", null=False)


class Logo(Table, tablename="club_logo"):
    """The picture itself, apart from what every page reads. One row or none."""

    id = UUID(primary_key=True, default=UUID4())
    content = Text(default=None, null=False)  #: base64


class Candidate(Table, tablename="club_candidate"):
    """Somebody who might join: by the public form, or noted by the officer. Deleted once admitted, declined or forgotten."""

    id = UUID(primary_key=True, default=UUID4())
    first_name = Varchar(length=60, default=None, null=False)
    last_name = Varchar(length=60, default=None, null=False)
    email = Varchar(length=254, default="", null=False)
    source = Varchar(length=10, default=None, null=False)  #: form, officer
    message = Text(default="", null=False)
    created_at = Timestamptz(default=None, null=False)
    contacted_at = Timestamptz(default=None, null=True)


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
    certified_on = Date(default=None, null=True)
    certified_until = Date(default=None, null=True)
    erased_at = Timestamptz(default=None, null=True)  #: anonymised in place: only the mandates' days are left


class Mandate(Table, tablename="club_mandate"):
    """From the morning of `begins_on` to the night of `ends_on`, in the club's zone. Kept as history."""

    id = UUID(primary_key=True, default=UUID4())
    ambassador_id = ForeignKey(
        Ambassador, null=False, default=None, on_delete=OnDelete.restrict, db_column_name="ambassador_id", index=True
    )
    begins_on = Date(default=None, null=False)
    ends_on = Date(default=None, null=False)
    created_at = Timestamptz(default=None, null=False)
    warned_30_at = Timestamptz(default=None, null=True)
    warned_15_at = Timestamptz(default=None, null=True)
    wish = Varchar(length=4, default=None, null=True)  #: yes, no: whether the person wants to go on after this mandate
    wish_at = Timestamptz(default=None, null=True)


class Manifesto(Table, tablename="club_manifesto"):
    """One version of the manifesto: a draft until `published_at`, then never changed.

    A major version must be signed from `effective_on` on; a minor one is only to be read.
    """

    id = UUID(primary_key=True, default=UUID4())
    major = Integer(default=None, null=False)
    minor = Integer(default=0, null=False)
    title = Varchar(length=120, default=None, null=False)
    body = Text(default=None, null=False)  #: paragraphs; `## ` begins a heading, `- ` a list's line
    created_at = Timestamptz(default=None, null=False)
    published_at = Timestamptz(default=None, null=True)
    effective_on = Date(default=None, null=True)


class Signature(Table, tablename="club_signature"):
    """Who signed (major) or read (minor) which version, and when."""

    id = UUID(primary_key=True, default=UUID4())
    ambassador_id = ForeignKey(
        Ambassador, null=False, default=None, on_delete=OnDelete.restrict, db_column_name="ambassador_id", index=True
    )
    manifesto_id = ForeignKey(
        Manifesto, null=False, default=None, on_delete=OnDelete.restrict, db_column_name="manifesto_id"
    )
    kind = Varchar(length=6, default=None, null=False)  #: signed, read
    at = Timestamptz(default=None, null=False)
    text_hash = Varchar(length=64, default=None, null=False)  #: SHA-256 of title and body, as they were shown
    interests = Text(default="", null=False)  #: what the signer declared


class Comment(Table, tablename="club_comment"):
    """What an ambassador says about a draft."""

    id = UUID(primary_key=True, default=UUID4())
    manifesto_id = ForeignKey(
        Manifesto, null=False, default=None, on_delete=OnDelete.cascade, db_column_name="manifesto_id", index=True
    )
    ambassador_id = ForeignKey(
        Ambassador, null=False, default=None, on_delete=OnDelete.restrict, db_column_name="ambassador_id"
    )
    at = Timestamptz(default=None, null=False)
    text = Text(default=None, null=False)


class Circle(Table, tablename="club_circle"):
    """Ambassadors with something in common (the photographers): a benefit may be for them alone."""

    id = UUID(primary_key=True, default=UUID4())
    name = Varchar(length=80, default=None, null=False)
    created_at = Timestamptz(default=None, null=False)


class CircleMember(Table, tablename="club_circle_member"):
    """One ambassador of a circle."""

    id = UUID(primary_key=True, default=UUID4())
    circle_id = ForeignKey(
        Circle, null=False, default=None, on_delete=OnDelete.cascade, db_column_name="circle_id", index=True
    )
    ambassador_id = ForeignKey(
        Ambassador, null=False, default=None, on_delete=OnDelete.cascade, db_column_name="ambassador_id", index=True
    )
