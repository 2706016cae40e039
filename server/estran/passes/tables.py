"""Signing keys (public parts), passes, published status lists."""

from piccolo.columns import JSON, UUID, ForeignKey, Integer, OnDelete, Text, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table

from estran.club.tables import Ambassador


class SigningKey(Table, tablename="passes_signing_key"):
    """The public part and the life of an issuer's key; the private part is a file of mode 0600."""

    id = UUID(primary_key=True, default=UUID4())
    kid = Varchar(length=4, default=None, null=False)  #: may collide: never a lookup key on its own
    jwk = JSON(default=None, null=False)
    created_at = Timestamptz(default=None, null=False)
    starts_at = Timestamptz(default=None, null=False)  #: signs from here on; published since created_at
    retired_at = Timestamptz(default=None, null=True)  #: signs no more; still published
    revoked_at = Timestamptz(default=None, null=True)  #: compromised: no longer published


class Pass(Table, tablename="passes_pass"):
    """One credential, on one phone or (`medium` paper) on paper, which has no key."""

    id = UUID(primary_key=True, default=UUID4())
    ambassador_id = ForeignKey(
        Ambassador, null=False, default=None, on_delete=OnDelete.restrict, db_column_name="ambassador_id", index=True
    )
    jti = Varchar(length=8, default=None, null=False, unique=True)  #: base64url of 6 random bytes
    idx = Integer(default=None, null=False, unique=True)  #: place in the status list
    signing_key_id = ForeignKey(
        SigningKey, null=False, default=None, on_delete=OnDelete.restrict, db_column_name="signing_key_id"
    )
    credential = Text(default=None, null=False)  #: base64url of the credential bytes (pass-format §2.1)
    name = Varchar(length=32, default=None, null=False)
    exp_at = Timestamptz(default=None, null=False)
    key_x = Varchar(length=43, default=None, null=False)
    key_y = Varchar(length=43, default=None, null=False)
    phone = Varchar(
        length=40, default="", null=False
    )  #: coarse: "iPhone", "Android"; to say which phone loses the pass
    issued_at = Timestamptz(default=None, null=False)
    proved_at = Timestamptz(default=None, null=True)  #: first proof that reached the server
    seen_at = Timestamptz(default=None, null=True)
    ends_at = Timestamptz(default=None, null=True)  #: replaced by a newer one: dead from here on (null: not replaced)
    revoked_at = Timestamptz(default=None, null=True)
    revoked_why = Text(default=None, null=True)
    medium = Varchar(length=5, default="live", null=False)  #: live, paper
    number = Varchar(length=8, default="", null=False, index=True)  #: what can be typed instead (pass-format §9)


class StatusList(Table, tablename="passes_status_list"):
    """Every version that was published: what a scanner could know at a scan is looked up here."""

    id = UUID(primary_key=True, default=UUID4())
    version = Integer(default=None, null=False, unique=True)
    lst = Text(default=None, null=False)  #: base64url of zlib, as in the token
    published_at = Timestamptz(default=None, null=False)
