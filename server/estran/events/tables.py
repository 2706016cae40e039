"""Events, the slots at which they take place, who is asked and what they said, what is still to be told by letter."""

from piccolo.columns import UUID, Boolean, ForeignKey, Integer, OnDelete, Text, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table

from estran.club.tables import Ambassador
from estran.venues.tables import Venue


class Event(Table, tablename="events_event"):
    """Something to which ambassadors are invited. Its stage is made of its instants: `rules.stage`."""

    id = UUID(primary_key=True, default=UUID4())
    title = Varchar(length=120, default=None, null=False)
    title_en = Varchar(length=120, default="", null=False)  #: empty: the French one is shown
    about = Text(default="", null=False)
    about_en = Text(default="", null=False)
    venue_id = ForeignKey(
        Venue, null=True, default=None, on_delete=OnDelete.restrict, db_column_name="venue_id", index=True
    )  #: whose scanners welcome; null: the officer ticks a list
    place = Varchar(length=200, default="", null=False)  #: where exactly, or where at all without a venue
    place_en = Varchar(length=200, default="", null=False)
    access = Text(default="", null=False)  #: how accessible the place is, in words
    access_en = Text(default="", null=False)
    bring = Text(default="", null=False)  #: what to bring
    bring_en = Text(default="", null=False)
    guests_max = Integer(default=0, null=False)  #: whom an ambassador may bring along, 0 to 4
    who = Varchar(length=12, default="all", null=False)  #: all, certified, circle, picked, never_been
    circle_id = UUID(default=None, null=True)
    walk_ins = Boolean(default=False, null=False)  #: who is not on the list is welcome while there is room
    newcomers_first = Boolean(default=False, null=False)  #: from the waiting list, who has never been to an event
    reply_by = Timestamptz(default=None, null=True)
    created_at = Timestamptz(default=None, null=False)
    opened_at = Timestamptz(default=None, null=True)  #: invitations were sent
    closed_at = Timestamptz(default=None, null=True)  #: the officer ended the replies before their time
    cancelled_at = Timestamptz(default=None, null=True)
    cancelled_why = Text(default=None, null=True)
    summed_at = Timestamptz(default=None, null=True)  #: the officer has looked at who came
    thanks = Text(default="", null=False)  #: the officer's own line in the letter of thanks
    revision = Integer(default=0, null=False)  #: of its calendar entry (RFC 5545 SEQUENCE)
    forgotten_at = Timestamptz(default=None, null=True)  #: its people are named no more; what is left is the next six
    gone_invited = Integer(default=0, null=False)  #: of people who are named no more: `sums`
    gone_coming = Integer(default=0, null=False)
    gone_present = Integer(default=0, null=False)
    gone_absent = Integer(default=0, null=False)
    gone_walk_ins = Integer(default=0, null=False)
    gone_guests = Integer(default=0, null=False)


class Slot(Table, tablename="events_slot"):
    """One of the times at which an event takes place. Whoever comes, comes to one of them."""

    id = UUID(primary_key=True, default=UUID4())
    event_id = ForeignKey(
        Event, null=False, default=None, on_delete=OnDelete.cascade, db_column_name="event_id", index=True
    )
    starts_at = Timestamptz(default=None, null=False, index=True)
    ends_at = Timestamptz(default=None, null=False)
    note = Varchar(length=200, default="", null=False)  #: such as the tide it is bound to
    capacity = Integer(default=None, null=True)  #: heads, guests included; null: no limit


class Invitee(Table, tablename="events_invitee"):
    """One ambassador who is asked, and what they said. Once per event and ambassador (a migration of its own)."""

    id = UUID(primary_key=True, default=UUID4())
    event_id = ForeignKey(
        Event, null=False, default=None, on_delete=OnDelete.cascade, db_column_name="event_id", index=True
    )
    ambassador_id = ForeignKey(
        Ambassador, null=False, default=None, on_delete=OnDelete.cascade, db_column_name="ambassador_id", index=True
    )
    invited_at = Timestamptz(default=None, null=True)  #: null: picked for a draft
    reply = Varchar(length=10, default="awaited", null=False)  #: awaited, coming, waiting, declined
    slot_id = ForeignKey(Slot, null=True, default=None, on_delete=OnDelete.restrict, db_column_name="slot_id")
    guests = Integer(default=0, null=False)
    replied_at = Timestamptz(default=None, null=True)  #: of this reply: the waiting list's order
    said_at = Timestamptz(default=None, null=True)  #: when they last said so: on a phone, perhaps before it was heard
    reminded_at = Timestamptz(default=None, null=True)
    came = Boolean(default=None, null=True)  #: the officer's word; null: what the scanners saw
    came_guests = Integer(default=None, null=True)


class News(Table, tablename="events_news"):
    """Something that a person is still to be told by letter; what is due together makes one letter."""

    id = UUID(primary_key=True, default=UUID4())
    ambassador_id = ForeignKey(
        Ambassador, null=False, default=None, on_delete=OnDelete.cascade, db_column_name="ambassador_id", index=True
    )
    event_id = ForeignKey(Event, null=False, default=None, on_delete=OnDelete.cascade, db_column_name="event_id")
    kind = Varchar(length=10, default=None, null=False)  #: one of `rules.Told`: invited, noted, reminder, …
    created_at = Timestamptz(default=None, null=False)
    due_at = Timestamptz(default=None, null=False)
    sent_at = Timestamptz(default=None, null=True)


class Quiet(Table, tablename="events_quiet"):
    """A topic of letters that this person does not want. Never what concerns somebody who comes: a change, a cancellation."""

    id = UUID(primary_key=True, default=UUID4())
    ambassador_id = ForeignKey(
        Ambassador, null=False, default=None, on_delete=OnDelete.cascade, db_column_name="ambassador_id", index=True
    )
    topic = Varchar(length=12, default=None, null=False)  #: invitations, reminders, thanks


class Feed(Table, tablename="events_feed"):
    """The secret address of one person's calendar; only its hash is kept."""

    id = UUID(primary_key=True, default=UUID4())
    ambassador_id = ForeignKey(
        Ambassador, null=False, default=None, on_delete=OnDelete.cascade, db_column_name="ambassador_id", index=True
    )
    token_hash = Varchar(length=64, default=None, null=False, unique=True)
    created_at = Timestamptz(default=None, null=False)
    ended_at = Timestamptz(default=None, null=True)
