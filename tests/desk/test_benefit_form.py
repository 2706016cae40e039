"""The benefit's form: each real programme can be typed, what people type is understood, and nothing is lost."""

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estran.desk import benefit_form
from estran.desk.benefit_examples import EXAMPLES
from estran.desk.benefit_form import Choices, read, rows_of, typed_day, typed_time, values_of
from estran.desk.benefit_words import changes, summaries
from estran.desk.forms import Form
from estran.texts import LANGS, t
from estran.venues.terms import (
    PLAIN,
    Booking,
    Hours,
    Kind,
    Per,
    Proof,
    Quota,
    Scope,
    Span,
    Terms,
    Who,
    Words,
    faults,
)

CIRCLE, GROUP = UUID(int=5), UUID(int=6)
CLUB = Choices(circles={str(CIRCLE)}, groups={str(GROUP)})

PROGRAMMES: dict[str, tuple[dict[str, str], Terms]] = {
    "free at 22 sites when accompanied by several people": (
        {"min_paying_companions": "2"},
        Terms(min_paying_companions=2),
    ),
    "free if one or more companions pay the full price": (
        {"min_paying_companions": "1"},
        Terms(min_paying_companions=1),
    ),
    "free entry on a condition, and outings": (
        {"kind": "event", "gift_fr": "Les sorties du club", "gift_en": "The club’s outings", "booking": "advised"},
        Terms(kind=Kind.EVENT, gift=Words("Les sorties du club", "The club’s outings"), booking=Booking.ADVISED),
    ),
    "residents, with a paying visitor, a ticket from the venue's own till": (
        {"min_paying_companions": "1", "line_fr": "La caisse remet un billet à zéro euro."},
        Terms(min_paying_companions=1, line=Words("La caisse remet un billet à zéro euro.")),
    ),
    "two guided visits a year": (
        {"quota_n": "2", "what_fr": "visites guidées", "what_en": "guided visits"},
        Terms(quota=Quota(2), what=Words("visites guidées", "guided visits")),
    ),
    "one free crossing": (
        {"quota_n": "1", "quota_per": "validity", "what_fr": "traversée"},
        Terms(quota=Quota(1, Per.VALIDITY), what=Words("traversée")),
    ),
    "unlimited entry, yearly evening by invitation": (
        {
            "kind": "event",
            "gift_fr": "Soirée annuelle",
            "who": "invited",
            "quota_n": "1",
            "quota_per": "year",
            "booking": "required",
            "booking_contact": "02 61 91 00 01",
            "booking_notice_days": "7",
        },
        Terms(
            kind=Kind.EVENT,
            gift=Words("Soirée annuelle"),
            who=Who.INVITED,
            quota=Quota(1),
            booking=Booking.REQUIRED,
            booking_contact="02 61 91 00 01",
            booking_notice_days=7,
        ),
    ),
    "a resident's price, told with the public one": (
        {"kind": "fixed_price", "price": "12,50", "face_value": "18 €", "face_value_on": "12/03/2026"},
        Terms(kind=Kind.FIXED_PRICE, price_cents=1250, face_value_cents=1800, face_value_on=date(2026, 3, 12)),
    ),
    "unlimited for one month of low season, booked online": (
        {"season-0-first": "1er novembre", "season-0-last": "30 novembre", "booking": "availability"},
        Terms(seasons=(Span("11-01", "11-30"),), booking=Booking.AVAILABILITY),
    ),
    "under fourteen counted with an adult, identity checked": (
        {"children_under": "14", "least_proof": "identity"},
        Terms(children_under=14, least_proof=Proof.IDENTITY),
    ),
    "free for the holder and one guest": ({"guests_max": "1"}, Terms(guests_max=1)),
    "each venue once, with children, within weeks": (
        {
            "quota_n": "1",
            "quota_per": "season",
            "quota_scope": "venue",
            "children_under": "18",
            "season-0-first": "01/05/2027",
            "season-0-last": "14/05/2027",
        },
        Terms(
            quota=Quota(1, Per.SEASON, Scope.VENUE),
            children_under=18,
            seasons=(Span("2027-05-01", "2027-05-14"),),
        ),
    ),
    "permanent collections only": (
        {"what_fr": "collections permanentes", "excludes_fr": "les expositions temporaires"},
        Terms(what=Words("collections permanentes"), excludes=Words("les expositions temporaires")),
    ),
    "at each venue's discretion, agreed and dated": (
        {"agreed_by": "Conseil municipal", "agreed_on": "2026-02-01", "booking": "advised"},
        Terms(agreed_by="Conseil municipal", agreed_on=date(2026, 2, 1), booking=Booking.ADVISED),
    ),
    "member price for two guests, some days excluded": (
        {
            "kind": "percentage",
            "percent": "20",
            "guests_max": "2",
            "excluded-0-first": "25/12",
            "excluded-1-first": "13/02/2026",
            "excluded-1-last": "17/02/2026",
        },
        Terms(
            kind=Kind.PERCENTAGE,
            percent=20,
            guests_max=2,
            excluded=(Span("12-25", "12-25"), Span("2026-02-13", "2026-02-17")),
        ),
    ),
    "only those who are certified": ({"who": "certified"}, Terms(who=Who.CERTIFIED)),
    "a shop's discount for the photographers": (
        {"kind": "percentage", "percent": "10", "who": "circle", "circle_id": str(CIRCLE)},
        Terms(kind=Kind.PERCENTAGE, percent=10, who=Who.CIRCLE, circle_id=CIRCLE),
    ),
    "three times a month at all the museums together": (
        {"quota_n": "3", "quota_per": "month", "quota_scope": "group", "group_id": str(GROUP)},
        Terms(quota=Quota(3, Per.MONTH, Scope.GROUP, GROUP)),
    ),
    "one bought, one given, on paper": (
        {"kind": "one_for_one", "least_proof": "paper"},
        Terms(kind=Kind.ONE_FOR_ONE, least_proof=Proof.PAPER),
    ),
    "free with one paying, twice a season, Sundays 14-18, closed in winter": (
        {
            "min_paying_companions": "1",
            "quota_n": "2",
            "quota_per": "season",
            "season-0-first": "01/04",
            "season-0-last": "02/11",
            "weekday-7": "yes",
            "hours-0-first": "14 h",
            "hours-0-last": "18 h",
        },
        Terms(
            min_paying_companions=1,
            quota=Quota(2, Per.SEASON),
            seasons=(Span("04-01", "11-02"),),
            weekdays=(7,),
            hours=(Hours("14:00", "18:00"),),
        ),
    ),
}


@pytest.mark.parametrize("name", PROGRAMMES)
def test_each_real_programme_can_be_typed(name: str) -> None:
    typed, terms = PROGRAMMES[name]
    form = Form(typed)
    assert read(form, CLUB) == terms
    assert form.faults == {}
    again = Form(values_of(terms))
    assert read(again, CLUB) == terms
    assert again.faults == {}


@pytest.mark.parametrize("key", EXAMPLES)
def test_each_example_can_be_saved_as_it_is(key: str) -> None:
    assert faults(EXAMPLES[key]) == []
    assert read(Form(values_of(EXAMPLES[key])), CLUB) == EXAMPLES[key]


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("12/04/2026", "2026-04-12"),
        ("2026-04-12", "2026-04-12"),
        ("12.4.2026", "2026-04-12"),
        ("12 avril 2026", "2026-04-12"),
        ("1er Août", "08-01"),
        ("1 August", "08-01"),
        ("01/10", "10-01"),
        ("29/02", "02-29"),
        ("29/02/2027", None),
        ("31/04", None),
        ("1er brumaire", None),
        ("demain", None),
        ("04-12", "12-04"),
        ("", None),
    ],
)
def test_days_as_people_type_them(typed: str, day: str | None) -> None:
    assert typed_day(typed) == day


@pytest.mark.parametrize(
    ("typed", "time"),
    [
        ("14 h", "14:00"),
        ("14h30", "14:30"),
        ("9:05", "09:05"),
        ("14", "14:00"),
        ("24 h", "24:00"),
        ("minuit", "24:00"),
        ("25 h", None),
        ("14:60", None),
        ("midi", None),
    ],
)
def test_hours_as_people_type_them(typed: str, time: str | None) -> None:
    assert typed_time(typed, at_the_end=True) == time


def test_midnight_begins_a_day_or_ends_it() -> None:
    assert typed_time("minuit") == "00:00"


@pytest.mark.parametrize(
    ("typed", "field", "code"),
    [
        ({"kind": "percentage"}, "percent", "percent"),
        ({"percent": "20"}, "percent", "not_this_kind"),
        ({"kind": "percentage", "percent": "100"}, "percent", None),
        ({"kind": "fixed_price", "price": "cinq"}, "price", "money"),
        (
            {"kind": "fixed_price", "price": "12", "face_value": "10", "face_value_on": "2026-01-01"},
            "price",
            "dearer_than_public",
        ),
        ({"kind": "gift"}, "gift_fr", "gift_missing"),
        ({"kind": "gift", "gift_en": "A poster"}, "gift_fr", "french_missing"),
        ({"kind": "one_for_one", "guests_max": "1"}, "guests_max", "one_for_one_guests"),
        ({"quota_n": "2", "quota_per": "season"}, "quota_n", "quota_without_season"),
        ({"quota_n": "2", "quota_scope": "group"}, "quota_n", "quota_group"),
        ({"season-0-first": "01/04", "season-0-last": "01/05/2026"}, "seasons", "day"),
        ({"season-0-first": "01/05/2026", "season-0-last": "01/04/2026"}, "seasons", "span_backwards"),
        ({"season-0-first": "mai"}, "seasons", "typed_day"),
        ({"hours-0-first": "18 h", "hours-0-last": "14 h"}, "hours", "hours_backwards"),
        (
            {"hours-0-first": "10 h", "hours-0-last": "14 h", "hours-1-first": "13", "hours-1-last": "15"},
            "hours",
            "hours_overlap",
        ),
        ({"hours-0-first": "10 h"}, "hours", "typed_time"),
        ({"face_value": "10"}, "face_value_on", "value_and_day"),
        ({"agreed_by": "La direction"}, "agreed_on", "authority_and_day"),
        ({"who": "circle"}, "circle_id", "circle"),
        ({"who": "circle", "circle_id": str(UUID(int=9))}, "circle_id", "circle"),
        ({"booking_contact": "02 61"}, "booking_contact", "contact_without_booking"),
        ({"booking": "advised", "booking_notice_days": "2"}, "booking_notice_days", "notice_without_booking"),
        ({"what_en": "the garden"}, "what_fr", "french_missing"),
        ({"kind": "free_beer"}, "kind", None),
        ({"min_paying_companions": "-1"}, "min_paying_companions", None),
        ({"guests_max": "5"}, "guests_max", None),
        ({"line_fr": "x" * 161}, "line_fr", None),
    ],
)
def test_what_contradicts_itself_is_said_beside_its_field(typed: dict[str, str], field: str, code: str | None) -> None:
    form = Form(typed)
    read(form, CLUB)
    assert field in form.faults
    assert field in benefit_form.FAULTY
    if code is not None:
        assert form.faults[field].key == f"benefit.fault.{code}"
        for lang in LANGS:
            assert t(lang, f"desk.{form.faults[field].key}", **form.faults[field].values)
    assert form.values == typed


def test_for_whom_it_is_stays_as_it_was_whoever_types() -> None:
    present = Terms(who=Who.CIRCLE, circle_id=CIRCLE)
    assert read(Form({"who": "all", "guests_max": "2"}), Choices(), present) == Terms(
        who=Who.CIRCLE, circle_id=CIRCLE, guests_max=2
    )


def test_lists_show_one_row_and_grow_by_one() -> None:
    form = Form({"season-0-first": "01/04", "season-2-first": "01/06"})
    assert {row: len(n) for row, n in rows_of(form, "season").items()} == {"season": 4, "excluded": 1, "hours": 1}
    assert len(read(form, CLUB).seasons) == 2
    full = Form({f"season-{place}-first": "01/04" for place in range(12)})
    assert len(rows_of(full, "season")["season"]) == 12


@given(
    st.dictionaries(st.sampled_from([*benefit_form.FAULTY, "season-0-first", "hours-0-last", "weekday-3"]), st.text())
)
def test_nothing_that_is_typed_breaks_the_form(typed: dict[str, str]) -> None:
    form = Form(typed)
    terms = read(form, CLUB)
    for lang in LANGS:
        assert summaries(terms, lang, {})


def test_what_differs_is_said_part_by_part() -> None:
    assert changes(PLAIN, PLAIN, "fr", {}) == []
    after = Terms(
        min_paying_companions=1, quota=Quota(2), weekdays=(7,), booking=Booking.REQUIRED, booking_contact="02 61"
    )
    found = {change.part: (change.before, change.after) for change in changes(PLAIN, after, "fr", {})}
    assert found == {
        "party": ("Personne d’autre\u00a0: l’ambassadeur peut venir seul", "avec au moins 1 personne payante"),
        "quota": ("Sans limite", "2 fois par an"),
        "when": ("Toute l’année, tous les jours", "le dimanche"),
        "booking": ("Sans réservation", "Réservation obligatoire\u00a0: 02 61"),
    }
