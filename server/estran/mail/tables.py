"""The outbox of letters."""

from piccolo.columns import UUID, Integer, Text, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table


class Letter(Table, tablename="mail_letter"):
    """One letter. Its texts and what goes along are emptied once it is sent (they may hold a code); the demo keeps them."""

    id = UUID(primary_key=True, default=UUID4())
    kind = Varchar(length=30, default=None, null=False)  #: sign_in, invitation, …
    to_email = Varchar(length=254, default=None, null=False)
    subject_id = UUID(default=None, null=True, index=True)  #: the account or ambassador it is about
    message_id = Varchar(length=200, default=None, null=False, unique=True)
    subject = Varchar(length=200, default=None, null=False)
    text = Text(default="", null=False)
    html = Text(default="", null=False)
    calendar = Text(default="", null=False)  #: an iCalendar (RFC 5545) that goes along; emptied like the text
    unsubscribe = Text(default="", null=False)  #: where one says with one click that no more such letters are wanted
    created_at = Timestamptz(default=None, null=False, index=True)
    expires_at = Timestamptz(default=None, null=True)  #: pointless after this (a code's 15 minutes): then given up
    next_try_at = Timestamptz(default=None, null=True, index=True)  #: null: sent or given up
    tries = Integer(default=0, null=False)
    sent_at = Timestamptz(default=None, null=True)
    failed_at = Timestamptz(default=None, null=True)
    error = Varchar(length=200, default=None, null=True)  #: why it has not left, without the address
