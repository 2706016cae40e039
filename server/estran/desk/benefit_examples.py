"""Benefits to begin from: what such clubs give most often. Pure; the names are texts, `desk.benefit.example.<key>`."""

from collections.abc import Mapping

from estran.venues.terms import Booking, Kind, Per, Proof, Quota, Scope, Span, Terms, Who, Words

EXAMPLES: Mapping[str, Terms] = {
    "free": Terms(),
    "companion": Terms(min_paying_companions=1),
    "guest": Terms(guests_max=1),
    "twice": Terms(quota=Quota(2)),
    "once": Terms(quota=Quota(1, scope=Scope.VENUE), guests_max=1, children_under=18),
    "percentage": Terms(kind=Kind.PERCENTAGE, percent=20),
    "one_for_one": Terms(kind=Kind.ONE_FOR_ONE),
    "month": Terms(seasons=(Span("11-01", "11-30"),), booking=Booking.ADVISED),
    "permanent": Terms(
        what=Words("collections permanentes", "permanent collections"),
        excludes=Words("les expositions temporaires", "temporary exhibitions"),
    ),
    "event": Terms(
        kind=Kind.EVENT,
        gift=Words("soirée des ambassadeurs", "the ambassadors’ evening"),
        quota=Quota(1, Per.YEAR),
        booking=Booking.REQUIRED,
        who=Who.INVITED,
        least_proof=Proof.IDENTITY,
    ),
}
"""By key, in the order in which they are offered."""
