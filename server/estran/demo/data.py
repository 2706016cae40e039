"""Who and what the demonstration is made of. Places are public facts; people are plainly invented; so are all benefits."""

from typing import NamedTuple


class Person(NamedTuple):
    """A fictional ambassador; days count from the day the demonstration is made."""

    first_name: str
    last_name: str
    begins: int = -300
    ends: int = 400
    eagerness: int = 3
    """How often they visit: 0 never, 5 every week."""


class Place(NamedTuple):
    """A real venue of the Granville area with an invented benefit."""

    name: str
    commune: str
    address: str
    companions: int = 0
    quota: int | None = None
    has_benefit: bool = True
    popularity: int = 3


OFFICER = ("Hélène Sémaphore", "helene.semaphore@example.org")
IDENTITY = {
    "legal_name": "Office de tourisme de démonstration",
    "address": "1 place de la Laisse de mer, 50400 Granville",
    "phone": "02 61 91 00 01",  # numbers that belong to nobody (ARCEP keeps 02 61 91 for fiction)
    "publication_director": OFFICER[0],
    "host_name": "Hébergement de démonstration",
    "host_address": "2 place de la Laisse de mer, 50400 Granville",
    "host_phone": "02 61 91 00 02",
    "dpo_contact": "donnees.personnelles@example.org",
    "press_contact": "presse@example.org",
}
"""Who answers for the demonstration; all of it invented."""
MANAGER = ("Suzanne Cabestan", "suzanne.cabestan@example.org")
"""Manager of the first place."""

PEOPLE = (
    Person("Camille", "Varech", eagerness=0),  # the one to try: no pass on any phone yet
    Person("Anselme", "Bulot", eagerness=5),
    Person("Odile", "Praire", eagerness=4),
    Person("Gaspard", "Étoc"),
    Person("Maëlle", "Oyat", eagerness=4),
    Person("Firmin", "Estran", eagerness=2),
    Person("Solange", "Jusant"),
    Person("Théodule", "Bigorneau", eagerness=1),
    Person("Nacre", "Delavague"),
    Person("Ernest", "Marégraphe", eagerness=2),
    Person("Lison", "Goémon", eagerness=4),
    Person("Basile", "Cormoran"),
    Person("Rosalie", "Flot", eagerness=2),
    Person("Ulysse", "Balise", eagerness=1),
    Person("Perrine", "Embrun", ends=20),
    Person("Achille", "Bouée", begins=-800, ends=-60, eagerness=0),
    Person("Noé", "Cabestan", begins=12, ends=400, eagerness=0),
)
PAUSED = "Ulysse"
LOST = "Firmin"
"""Whose phone was lost yesterday."""
UNREACHED = "Noé"
"""Whose invitation came back."""
ALONE = "Basile"
"""Who was let in yesterday without the paying companions that the benefit asks for."""
AFTER_THE_GAP = "Lison"
"""Whose entry of yesterday arrived, while two before it did not."""
PLACES = (
    Place("Musée d’art moderne Richard Anacréon", "Granville", "Place de l’Isthme", companions=1, popularity=5),
    Place("Musée Christian Dior", "Granville", "Villa Les Rhumbs, rue d’Estouteville", quota=2, popularity=4),
    Place("L’Archipel", "Granville", "Place Maréchal-Foch", companions=2, quota=3, popularity=2),
    Place("Vedettes Jolie France", "Granville", "Gare maritime", companions=1, quota=1, popularity=2),
    Place("Abbaye de La Lucerne", "La Lucerne-d’Outremer", "", popularity=4),
    Place("Le Marité", "Granville", "Port de Granville", companions=1, quota=2, popularity=1),
    Place("Visite guidée de la Haute-Ville", "Granville", "Départ de l’office de tourisme", companions=1, popularity=3),
    Place("Le Roc des Curiosités", "Granville", "1 boulevard Vaufleury", has_benefit=False, popularity=0),
)
TITLE = "Manifeste des ambassadeurs (démonstration)"
MANIFESTO = """## Ce que nous faisons

Nous faisons connaître le pays de Granville à nos proches, à nos visiteurs, à celles et ceux que nous croisons.

- Nous disons ce que nous aimons, et nous le disons vrai.
- Nous accueillons avec le sourire, même quand il pleut.
- Nous prenons soin des lieux, du rivage et de qui y travaille.

## Ce que nous recevons

Un pass, pour connaître nous-mêmes ce dont nous parlons. Il ne dépend jamais de ce que nous publions sur les réseaux sociaux.

## Ce que nous déclarons

Si nous avons un intérêt dans un lieu du club, nous le disons en signant."""
DRAFT = MANIFESTO.replace("même quand il pleut", "même quand il pleut, même à marée basse")
REMARKS = (
    ("Odile", "Et les enfants ? On pourrait dire que nous accueillons aussi les familles."),
    ("Anselme", "Très bien. « Même à marée basse », j’aime beaucoup."),
)
INTERESTS = {"Gaspard": "Je tiens une chambre d’hôtes à Donville (démonstration)."}
CANDIDATE = (
    "Zélie",
    "Mouette",
    "J’habite ici depuis dix ans et j’aimerais faire découvrir la pêche à pied (démonstration).",
)
AT_SEA = "Le Marité"
AT_SEA_DAYS = 9
"""A ship whose scanner has had no network for longer than the club's limit."""
WORDS = ("goéland", "marée", "hublot", "vareuse", "phare", "bouée", "cale", "misaine")


def email_of(first_name: str, last_name: str) -> str:
    """Their address, at a domain that belongs to nobody (RFC 2606)."""
    plain = f"{first_name}.{last_name}".lower()
    for accented, letter in zip("éèëêàâîïôûç", "eeeeaaiiouc", strict=True):
        plain = plain.replace(accented, letter)
    return f"{plain}@example.org"
