"""What stands on a printed pass: in French, English small, whoever prints it."""

from dataclasses import dataclass

from estran import clock
from estran.club import identity
from estran.club import service as club
from estran.desk.words import day_words
from estran.encoding import unb64
from estran.passes import token
from estran.passes.number import spaced_number
from estran.passes.tables import Pass
from estran.texts import t


@dataclass(frozen=True, slots=True)
class Lines:
    """The sentences of one language."""

    title: str
    until: str
    how: str
    lost: str


@dataclass(frozen=True, slots=True)
class Card:
    """One pass on paper: a page of A6."""

    club: str
    name: str
    number: str
    code: str
    """The text of the QR."""
    fr: Lines
    en: Lines


async def card_of(pass_: Pass, origin: str) -> Card:
    """The card of this pass on paper, for the club at `origin`."""
    house, looks = await club.house(), await identity.identity()
    last_day = clock.local_day(pass_.exp_at, await club.zone())
    contact = looks.phone or house.contact_email

    def lines(lang: str) -> Lines:
        whom = f"{house.office_name}, {contact}" if contact else house.office_name
        return Lines(
            title=t(lang, "desk.paper.card"),
            until=t(lang, "desk.paper.until", day=day_words(last_day, lang)),
            how=t(lang, "desk.paper.how"),
            lost=t(lang, "desk.paper.lost", office=whom),
        )

    return Card(
        club=house.name,
        name=pass_.name,
        number=t("fr", "desk.paper.number", number=spaced_number(pass_.number)),
        code=f"{origin}/scan/#{token.digits_of(unb64(pass_.credential))}",
        fr=lines("fr"),
        en=lines("en"),
    )
