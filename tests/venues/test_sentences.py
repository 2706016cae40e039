"""Benefits in words: two languages, three readers, singular and plural."""

import re
from datetime import date
from itertools import product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estran.venues import sentences
from estran.venues.sentences import Reader, give, sentence
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

MUSEUMS, PHOTOGRAPHERS = UUID(int=1), UUID(int=2)
NAMES = {MUSEUMS: "Musées", PHOTOGRAPHERS: "Photographes"}
WHOLE = Terms(
    kind=Kind.FIXED_PRICE,
    price_cents=550,
    guests_max=2,
    children_under=12,
    quota=Quota(1, Per.SEASON, Scope.GROUP, MUSEUMS),
    seasons=(Span("04-01", "11-02"),),
    weekdays=(7,),
    hours=(Hours("14:00", "18:00"),),
    excluded=(Span("12-25", "12-25"), Span("2027-02-05", "2027-02-09")),
    who=Who.CIRCLE,
    circle_id=PHOTOGRAPHERS,
    booking=Booking.REQUIRED,
    booking_contact="02 33 00 00 00",
    booking_notice_days=2,
    least_proof=Proof.IDENTITY,
    excludes=Words("les nocturnes.", "night openings"),
    line=Words("Entrée par le jardin"),
    face_value_cents=900,
    face_value_on=date(2026, 5, 1),
    agreed_by="conseil municipal",
    agreed_on=date(2026, 3, 1),
)
SHARED_FR = (
    "Entrée à 5,50 €, avec 2 personnes invitées au plus, enfants de moins de 12 ans compris, 1 fois par saison"
    " (tous les lieux « Musées » ensemble), du 1er avril au 2 novembre, le dimanche de 14 h à 18 h. Sauf le 25 décembre et du"
    " 5 février au 9 février 2027. Réservé au cercle « Photographes ». Réservation obligatoire"
)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("terms", "fr", "en"),
    [
        (PLAIN, "Entrée gratuite", "Free entry"),
        (
            Terms(min_paying_companions=1),
            "Entrée gratuite avec au moins 1 personne payante",
            "Free entry with at least 1 paying person",
        ),
        (
            Terms(min_paying_companions=2, quota=Quota(2)),
            "Entrée gratuite avec au moins 2 personnes payantes, 2 fois par an",
            "Free entry with at least 2 paying people, twice a year",
        ),
        (Terms(quota=Quota(1)), "Entrée gratuite, 1 fois par an", "Free entry, once a year"),
        (Terms(quota=Quota(12, Per.MONTH)), "Entrée gratuite, 12 fois par mois", "Free entry, 12 times a month"),
        (
            Terms(quota=Quota(3, Per.VALIDITY, Scope.VENUE)),
            "Entrée gratuite, 3 fois pendant le mandat (tous les avantages du lieu ensemble)",
            "Free entry, 3 times during the mandate (all benefits of the venue together)",
        ),
        (Terms(guests_max=1), "Entrée gratuite, avec 1 personne invitée", "Free entry, with 1 guest"),
        (Terms(kind=Kind.PERCENTAGE, percent=20), "20 % de réduction", "20% off"),
        (
            Terms(kind=Kind.ONE_FOR_ONE),
            "Une entrée achetée, une entrée offerte",
            "Buy one entry, get one free",
        ),
        (
            Terms(kind=Kind.GIFT, gift=Words("un café offert", "a free coffee"), quota=Quota(1, Per.DAY)),
            "Un café offert, 1 fois par jour",
            "A free coffee, once a day",
        ),
        (
            Terms(kind=Kind.EVENT, gift=Words("Nuit des jardins")),
            "Accès à « Nuit des jardins »",
            "Entry to “Nuit des jardins”",
        ),
        (
            Terms(what=Words("collections permanentes", "permanent collections"), who=Who.CERTIFIED),
            "Entrée gratuite (collections permanentes). Réservé aux ambassadeurs certifiés.",
            "Free entry (permanent collections). For certified ambassadors only.",
        ),
        (
            Terms(booking=Booking.REQUIRED, booking_notice_days=1, least_proof=Proof.PAPER),
            "Entrée gratuite. Réservation obligatoire, au moins la veille. Le pass papier suffit.",
            "Free entry. Booking required, at least the day before. The paper pass is enough.",
        ),
    ],
)
def test_a_benefit_as_the_ambassador_reads_it(terms: Terms, fr: str, en: str) -> None:
    assert not faults(terms)
    assert plain(sentence(terms, Reader.AMBASSADOR, "fr")) == fr
    assert sentence(terms, Reader.AMBASSADOR, "en") == en


def test_three_readers_are_told_what_each_needs() -> None:
    said = {reader: plain(sentence(WHOLE, reader, "fr", NAMES)) for reader in Reader}
    contact = ", au moins 2 jours avant : 02 33 00 00 00"
    end = "Ne comprend pas : les nocturnes. Entrée par le jardin."
    assert said[Reader.AMBASSADOR] == f"{SHARED_FR}{contact}. Une pièce d’identité est demandée. {end}"
    assert said[Reader.DESK] == f"{SHARED_FR} : vérifiez-la. Regardez une pièce d’identité. {end}"
    assert said[Reader.OFFICER] == (
        f"{SHARED_FR}{contact}. Pièce d’identité demandée. {end} Valeur : 9 €, relevée le 1er mai 2026."
        " Accord : conseil municipal, le 1er mars 2026."
    )
    assert plain(give(WHOLE, "fr")) == (
        "Entrée à 5,50 €, avec 2 personnes invitées au plus, enfants de moins de 12 ans compris"
    )


@pytest.mark.parametrize(
    ("days", "fr", "en"),
    [
        ((), "", ""),
        ((1, 2, 3, 4, 5, 6, 7), "", ""),
        ((7,), "le dimanche", "on Sundays"),
        ((7, 6), "le samedi et le dimanche", "on Saturdays and on Sundays"),
        ((2, 3, 4, 5), "du mardi au vendredi", "Tuesday to Friday"),
        ((1, 3, 5), "le lundi, le mercredi et le vendredi", "on Mondays, on Wednesdays and on Fridays"),
        ((2, 3, 4, 5, 6, 7), "tous les jours sauf le lundi", "every day except Monday"),
    ],
)
def test_weekdays(days: tuple[int, ...], fr: str, en: str) -> None:
    assert (sentences.weekdays(days, "fr"), sentences.weekdays(days, "en")) == (fr, en)


@pytest.mark.parametrize(
    ("span", "fr", "en"),
    [
        (Span("04-01", "09-30"), "du 1er avril au 30 septembre", "from 1 April to 30 September"),
        (Span("10-01", "03-31"), "du 1er octobre au 31 mars", "from 1 October to 31 March"),
        (Span("02-29", "02-29"), "le 29 février", "on 29 February"),
        (
            Span("2026-04-12", "2026-11-02"),
            "du 12 avril au 2 novembre 2026",
            "from 12 April to 2 November 2026",
        ),
        (
            Span("2026-12-20", "2027-01-04"),
            "du 20 décembre 2026 au 4 janvier 2027",
            "from 20 December 2026 to 4 January 2027",
        ),
        (Span("2027-05-01", "2027-05-01"), "le 1er mai 2027", "on 1 May 2027"),
    ],
)
def test_days(span: Span, fr: str, en: str) -> None:
    assert (sentences.spans([span], "fr"), sentences.spans([span], "en")) == (fr, en)


@pytest.mark.parametrize(
    ("cents", "fr", "en"), [(500, "5 €", "€5"), (550, "5,50 €", "€5.50"), (5, "0,05 €", "€0.05"), (0, "0 €", "€0")]
)
def test_money(cents: int, fr: str, en: str) -> None:
    assert (plain(sentences.money(cents, "fr")), sentences.money(cents, "en")) == (fr, en)


def test_times_of_day() -> None:
    assert [plain(sentences.time(one, "fr")) for one in ("09:00", "09:05", "24:00")] == ["9 h", "9 h 05", "minuit"]
    assert [sentences.time(one, "en") for one in ("09:00", "24:00")] == ["09:00", "midnight"]


terms_ = st.builds(
    Terms,
    min_paying_companions=st.integers(0, 20),
    guests_max=st.integers(0, 4),
    children_under=st.none() | st.integers(1, 18),
    quota=st.none() | st.builds(Quota, st.integers(1, 366), st.sampled_from(Per), st.sampled_from(Scope)),
    weekdays=st.lists(st.integers(1, 7), unique=True).map(tuple),
    who=st.sampled_from(Who),
    booking=st.sampled_from(Booking),
    least_proof=st.sampled_from(Proof),
    line=st.builds(
        Words, st.sampled_from(["", " ", "entrée par le jardin", "Entrée par le jardin.", "Bonne visite !"])
    ),
)


@given(terms_)
def test_whatever_the_fields_say_is_a_sentence(terms: Terms) -> None:
    for reader, lang in product(Reader, ("fr", "en")):
        said = sentence(terms, reader, lang)
        assert said[0].isupper()
        assert not re.search(r"\{|None|  |\.\.|[!?…]\.|,,| ,| \.$", said)
        assert not re.search(r"\b1 personnes|\b1 times|\b0 |\b1 guests", said)
