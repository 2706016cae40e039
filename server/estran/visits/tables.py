"""Visits, what was changed about them, and items that could not be read."""

from piccolo.columns import UUID, BigInt, Boolean, ForeignKey, Integer, OnDelete, Text, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table

from estran.club.tables import Ambassador
from estran.events.tables import Slot
from estran.passes.tables import Pass
from estran.venues.tables import Benefit, Device, Venue


class Visit(Table, tablename="visits_visit"):
    """One scan that somebody acted on. The scanner made `id` before it showed anything.

    Its indices, among them the one by which a proof stands at most once, are a migration of their own, written by hand.
    """

    id = UUID(primary_key=True, default=UUID4())
    device_id = ForeignKey(Device, null=False, default=None, on_delete=OnDelete.restrict, db_column_name="device_id")
    venue_id = ForeignKey(Venue, null=False, default=None, on_delete=OnDelete.restrict, db_column_name="venue_id")
    seq = Integer(default=None, null=False)
    body_hash = Varchar(length=64, default=None, null=False)  #: SHA-256 of the item; tells a repeat from a clash
    at = Timestamptz(default=None, null=False)  #: the scan, by the best clock known
    on_day = Varchar(length=10, default=None, null=False)  #: its day in the club's zone, ISO
    device_ms = BigInt(default=None, null=False)  #: raw clock of the device
    skew_scan_ms = BigInt(default=None, null=True)
    skew_sync_ms = BigInt(default=None, null=True)
    received_at = Timestamptz(default=None, null=False)
    ambassador_id = ForeignKey(
        Ambassador, null=True, default=None, on_delete=OnDelete.restrict, db_column_name="ambassador_id"
    )
    pass_id = ForeignKey(Pass, null=True, default=None, on_delete=OnDelete.restrict, db_column_name="pass_id")
    jti = Varchar(length=8, default=None, null=True)
    iat = BigInt(default=None, null=True)
    nonce = Varchar(length=6, default=None, null=True)
    proof = Varchar(length=8, default=None, null=False)  #: live, paper, identity, none
    answer = Varchar(length=8, default=None, null=False)  #: the scanner's
    reason = Varchar(length=24, default=None, null=False)  #: the scanner's
    server_reason = Varchar(length=24, default=None, null=False)  #: ours, as of the scan
    state = Varchar(length=12, default=None, null=False)  #: docs/sync.md §6
    benefit_id = ForeignKey(Benefit, null=True, default=None, on_delete=OnDelete.restrict, db_column_name="benefit_id")
    benefit_version = Integer(default=None, null=True)
    companions = Integer(default=0, null=False)
    again = Varchar(length=16, default=None, null=True)  #: another_visit, let_in
    identity = Boolean(default=False, null=False)
    why = Text(default=None, null=True)
    guests = Integer(default=0, null=False)  #: who came in with the ambassador, free
    children = Integer(default=0, null=False)  #: below the benefit's age, free, counted apart
    slot_id = ForeignKey(
        Slot, null=True, default=None, on_delete=OnDelete.restrict, db_column_name="slot_id"
    )  #: an arrival at an event; null: an entry


class Change(Table, tablename="visits_change"):
    """What was done about a visit afterwards. An undo may come before its visit, so no foreign key."""

    id = UUID(primary_key=True, default=UUID4())
    visit_id = UUID(default=None, null=False, index=True)
    kind = Varchar(length=12, default=None, null=False)  #: undo, late_undo, cancel, confirm, correct, reinstate
    at = Timestamptz(default=None, null=False)
    received_at = Timestamptz(default=None, null=False)
    device_id = UUID(default=None, null=True)
    seq = Integer(default=None, null=True)
    body_hash = Varchar(length=64, default=None, null=True)
    account_id = UUID(default=None, null=True)
    why = Text(default=None, null=True)
    details = Text(default="{}", null=False)


class ParkedItem(Table, tablename="visits_parked_item"):
    """An item that could not be read or contradicts another; kept without its presentation, shown to the officer."""

    id = UUID(primary_key=True, default=UUID4())
    device_id = ForeignKey(Device, null=False, default=None, on_delete=OnDelete.restrict, db_column_name="device_id")
    body_hash = Varchar(length=64, default=None, null=False, index=True)
    received_at = Timestamptz(default=None, null=False)
    seq = Integer(default=None, null=True)  #: its place in the queue, when that much could be read
    reason = Varchar(length=60, default=None, null=False)
    body = Text(default=None, null=False)


class Tally(Table, tablename="visits_tally"):
    """How many visits counted, and how many were refused for what, by day and venue: what dashboards are drawn from.

    Nobody's name hangs on it, so it may outlive the visits. Unique over day, venue, state and reason (own migration);
    written only by `tally.add`, in the transaction that changes the visit.
    """

    id = UUID(primary_key=True, default=UUID4())
    on_day = Varchar(length=10, default=None, null=False)  #: in the club's zone, ISO
    venue_id = ForeignKey(Venue, null=False, default=None, on_delete=OnDelete.restrict, db_column_name="venue_id")
    state = Varchar(length=12, default=None, null=False)  #: counted, refused
    reason = Varchar(length=24, default="", null=False)  #: the scanner's, for refusals; empty for what counts
    n = Integer(default=0, null=False)
    companions = Integer(default=0, null=False)
