"""Who and what the demonstration is made of. Places are public facts; people are plainly invented; so are all benefits."""

from datetime import date, time
from typing import NamedTuple

from estran.venues.terms import PLAIN, Booking, Kind, Per, Span, Terms, Words

Days = tuple[int, int]
"""First and last day, counted from the day the demonstration is made."""
MonthDay = tuple[int, int]


class Person(NamedTuple):
    """A fictional ambassador."""

    first_name: str
    last_name: str
    mandates: tuple[Days, ...]
    eagerness: int = 3
    """How often they visit: 0 never, 5 every week in summer."""


class Opening(NamedTuple):
    """From which day of the year to which, on which weekdays (0 is Monday) and between which hours."""

    first: MonthDay
    last: MonthDay
    weekdays: tuple[int, ...]
    hours: range

    def is_on(self, day: date) -> bool:
        """Whether it is open that day; one that ends before it begins goes over the new year."""
        today = (day.month, day.day)
        is_within = self.first <= today <= self.last if self.first <= self.last else not self.last < today < self.first
        return is_within and day.weekday() in self.weekdays


class Closure(NamedTuple):
    """A winter in which the venue is closed; `back`: the day on which it opens again."""

    first: MonthDay
    back: MonthDay
    why: str


class Place(NamedTuple):
    """A real venue of the Granville area with an invented benefit."""

    name: str
    commune: str
    address: str
    openings: tuple[Opening, ...] = ()
    companions: int = 0
    quota: int | None = None
    per: Per = Per.YEAR
    terms: Terms = PLAIN
    """What else the benefit says, beside companions and quota."""
    popularity: int = 3
    closure: Closure | None = None
    scanner: str = "Accueil"


class Slot(NamedTuple):
    """When an event takes place: the day, counted from today, and the hours."""

    day: int
    first: time
    last: time
    capacity: int
    note: str = ""


class Said(NamedTuple):
    """A reply: whose, how many hours after the invitation, to which slot (None: declined), with how many guests."""

    first_name: str
    hours: int
    slot: int | None
    guests: int = 0


class Outing(NamedTuple):
    """A fictional event; no venue named here organises or has agreed to anything."""

    title: str
    title_en: str
    about: str
    about_en: str
    place: str
    """Where exactly; the whole of where without a venue."""
    access: str
    slots: tuple[Slot, ...]
    venue: str | None = None
    place_en: str = ""
    access_en: str = ""
    bring: str = ""
    bring_en: str = ""
    guests_max: int = 0
    walk_ins: bool = False
    newcomers_first: bool = False
    asked: int | None = None
    """The day on which the invitations left; None: a draft."""
    reply_by: int = 0
    replies: tuple[Said, ...] = ()


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
LOGO_SHOWS = "Phare de démonstration"
MANAGER = ("Suzanne Cabestan", "suzanne.cabestan@example.org")
"""Manager of the first place."""

# --- people -----------------------------------------------------------------------------------------------------------

PEOPLE = (
    Person("Camille", "Varech", ((-9, 355),), eagerness=0),  # the one to try: nothing signed, no pass on any phone yet
    Person("Anselme", "Bulot", ((-990, -626), (-625, -261), (-260, 104)), eagerness=5),
    Person("Odile", "Praire", ((-930, -566), (-565, -201), (-200, 164)), eagerness=4),
    Person("Gaspard", "Étoc", ((-685, -321), (-320, 44))),
    Person("Maëlle", "Oyat", ((-610, -246), (-245, 119)), eagerness=4),
    Person("Firmin", "Estran", ((-1010, -646), (-645, -281), (-280, 84)), eagerness=2),
    Person("Solange", "Jusant", ((-1000, -636), (-635, -271), (-270, 94))),
    Person("Théodule", "Bigorneau", ((-655, -291), (-290, 74)), eagerness=1),
    Person("Nacre", "Delavague", ((-420, -56), (-55, 309))),
    Person("Ernest", "Marégraphe", ((-980, -616), (-615, -251), (-250, 114)), eagerness=2),
    Person("Lison", "Goémon", ((-240, 124),), eagerness=4),
    Person("Basile", "Cormoran", ((-600, -236), (-235, 129))),
    Person("Rosalie", "Flot", ((-702, -338), (-337, 27)), eagerness=2),
    Person("Ulysse", "Balise", ((-560, -196), (-195, 169)), eagerness=2),
    Person("Perrine", "Embrun", ((-709, -345), (-344, 20))),
    # Those who were there last season, and whoever comes next.
    Person("Achille", "Bouée", ((-790, -426), (-425, -61))),
    Person("Zacharie", "Ressac", ((-700, -336),)),
    Person("Blandine", "Galet", ((-755, -391),), eagerness=2),  # gone for more than a year: retention erases her
    Person("Noé", "Cabestan", ((12, 376),), eagerness=0),
)
PAUSED = "Ulysse"
"""Away since three days ago."""
WAS_PAUSED = ("Rosalie", -310, -230)
"""Away last winter, and tried the pass all the same."""
ON_PAPER = "Solange"
"""Who keeps a printed pass in her handbag, beside the phone."""
LOST = "Firmin"
"""Whose phone was lost yesterday."""
NEWCOMER = "Noé"
"""Who asked to join three weeks ago, was admitted, and whose invitation came back."""
ALONE = "Basile"
"""Who was let in yesterday without the paying companions that the benefit asks for."""
AFTER_THE_GAP = "Lison"
"""Whose entry of yesterday arrived, while two before it did not."""
TWICE_AT_SEA = "Nacre"
"""Who crossed twice yesterday, with a benefit for once a year."""
AT_TWO_DOORS = "Théodule"
"""Whose one code two scanners without network let in."""
AT_BOTH_GUIDES = "Maëlle"
"""Whom both guides scanned, two minutes apart: one visit or two?"""
UNDONE_LATE = "Anselme"
"""Whose entry the desk wanted to take back after twenty-five minutes."""
UNDONE = "Odile"
"""Whose entry the desk took back three minutes later."""
ASHORE = (AFTER_THE_GAP, TWICE_AT_SEA)
"""They never cross but in their own story."""
PHONES = ("Gaspard", -150, "Tombé à l’eau (démonstration)")
"""Who changed phones after a loss, and when."""
WISHES = (("Gaspard", "yes"), ("Perrine", "no"))
"""Who has said already whether they go on after the mandate."""
INTERESTS = {"Gaspard": "Je tiens une chambre d’hôtes à Donville (démonstration)."}
CERTIFIED = {
    "Anselme": (-400, 330),
    "Odile": (-210, 520),
    "Maëlle": (-190, 540),
    "Ernest": (-600, 130),
    "Lison": (-60, 670),
}
"""Who followed the training, on which day, and until when it counts."""
CANDIDATE = (
    "Zélie",
    "Mouette",
    "J’habite ici depuis dix ans et j’aimerais faire découvrir la pêche à pied (démonstration).",
)
NOTED = ("Octave", "Hublot", "Rencontré aux Grandes Marées, photographe amateur : à rappeler (démonstration).")
"""Whom the officer met and wrote down."""
NEWCOMER_SAYS = "Je navigue toute l’année et je reçois souvent des amis (démonstration)."
REQUEST = ("Maëlle", "correct", "Mon prénom s’écrit avec un tréma (démonstration).")
ANSWERED_REQUEST = (
    "Ernest",
    "correct",
    "Mon adresse e-mail va changer, que dois-je faire ? (démonstration)",
    "Écrivez-moi la nouvelle, je la corrige le jour même (démonstration).",
)

# --- places -----------------------------------------------------------------------------------------------------------

EVERY_DAY, BUT_MONDAY, WEEKEND, SHOWS = (0, 1, 2, 3, 4, 5, 6), (1, 2, 3, 4, 5, 6), (4, 5, 6), (3, 4, 5)
PLACES = (
    Place(
        "Musée d’art moderne Richard Anacréon",
        "Granville",
        "Place de l’Isthme",
        (Opening((7, 1), (8, 31), BUT_MONDAY, range(11, 18)), Opening((2, 7), (11, 9), WEEKEND, range(14, 18))),
        companions=1,
        terms=Terms(
            children_under=18,
            excludes=Words("les visites guidées", "guided tours"),
            face_value_cents=500,
            face_value_on=date(2026, 2, 7),
            agreed_by="Accord fictif, pour la démonstration",
            agreed_on=date(2026, 1, 15),
            line=Words("La caisse remet un billet à zéro euro", "The till hands over a ticket at zero euro"),
        ),
        popularity=5,
    ),
    Place(
        "Musée Christian Dior",
        "Granville",
        "Villa Les Rhumbs, rue d’Estouteville",
        (Opening((4, 12), (11, 2), EVERY_DAY, range(10, 18)),),
        quota=2,
        per=Per.SEASON,
        terms=Terms(seasons=(Span("04-12", "11-02"),), booking=Booking.ADVISED, booking_contact="02 61 91 00 04"),
        popularity=4,
        closure=Closure((11, 3), (4, 12), "Pause d’hiver (démonstration)"),
        scanner="Caisse de la villa",
    ),
    Place(
        "L’Archipel",
        "Granville",
        "Place Maréchal-Foch",
        (Opening((9, 10), (6, 20), SHOWS, range(19, 21)),),
        companions=2,
        quota=3,
        terms=Terms(
            what=Words("les spectacles de la saison", "the season’s shows"),
            booking=Booking.AVAILABILITY,
            booking_contact="billetterie, 02 61 91 00 03",
        ),
        popularity=2,
        scanner="Billetterie",
    ),
    Place(
        "Vedettes Jolie France",
        "Granville",
        "Gare maritime",
        (Opening((4, 1), (9, 30), EVERY_DAY, range(9, 12)), Opening((1, 1), (12, 31), (2, 5, 6), range(9, 11))),
        companions=1,
        quota=1,
        terms=Terms(
            kind=Kind.ONE_FOR_ONE,
            what=Words("traversée vers Chausey", "crossing to Chausey"),
            line=Words("Les horaires suivent les marées", "Times follow the tides"),
        ),
        popularity=2,
        scanner="Embarquement",
    ),
    Place(
        "Abbaye de La Lucerne",
        "La Lucerne-d’Outremer",
        "",
        (Opening((4, 1), (9, 30), EVERY_DAY, range(10, 18)), Opening((11, 9), (11, 11), EVERY_DAY, range(10, 17))),
        terms=Terms(
            kind=Kind.FIXED_PRICE,
            price_cents=400,
            guests_max=1,
            seasons=(Span("04-01", "11-11"),),
            face_value_cents=900,
            face_value_on=date(2026, 4, 1),
        ),
        popularity=4,
        closure=Closure((11, 12), (4, 1), "Pause d’hiver (démonstration)"),
    ),
    Place(
        "Le Marité",
        "Granville",
        "Port de Granville",
        (Opening((5, 1), (9, 30), BUT_MONDAY, range(10, 18)),),
        companions=1,
        quota=2,
        terms=Terms(
            kind=Kind.PERCENTAGE,
            percent=20,
            seasons=(Span("05-01", "09-30"),),
            weekdays=(2, 3, 4, 5, 6, 7),
        ),
        popularity=1,
        scanner="Passerelle",
    ),
    Place(
        "Visite guidée de la Haute-Ville",
        "Granville",
        "Départ de l’office de tourisme",
        (Opening((7, 1), (8, 31), EVERY_DAY, range(10, 17)), Opening((1, 1), (12, 31), (5, 6), range(14, 17))),
        companions=1,
        terms=Terms(children_under=12, booking=Booking.ADVISED),
        scanner="Téléphone de la guide",
    ),
    Place("Le Roc des Curiosités", "Granville", "1 boulevard Vaufleury", popularity=0),
)
"""Facts of the museums, the abbey and the boats; where nothing is public, hours of our own. Without hours: closed for works."""
AT_SEA = "Le Marité"
AT_SEA_DAYS = 9
"""A ship whose scanner has had no network for longer than the club's limit."""
FERRY = "Vedettes Jolie France"
TOUR = "Visite guidée de la Haute-Ville"
"""These two are open all year: what happened yesterday happened there."""
STAND_IN = ("Téléphone de la remplaçante", "ponton", -45, -19)
"""A scanner of the tour: its name, its word, since when it is paired, and when it was last heard of."""
REPLACED_AT = "Abbaye de La Lucerne"
"""Where the first scanner fell into the water, and another took its place."""
ONCE = {
    "Musée Christian Dior": (0, 1),
    "Musée d’art moderne Richard Anacréon": (1, 0),
}
"""What was added to companions and quota in the first season: the benefits changed since."""
CIRCLE = ("Les photographes", ("Anselme", "Odile", "Maëlle"))
"""Ambassadors with something in common."""
CIRCLE_AT = "L’Archipel"
FOR_THE_CIRCLE = Terms(kind=Kind.EVENT, gift=Words("Répétition publique", "Open rehearsal"), booking=Booking.REQUIRED)
"""What this place gives to the circle alone."""
WISHED_GUESTS = 1
WISH_NOTE = "Nous aimerions accueillir aussi une personne invitée (démonstration)."
"""What the first place's manager would like: so many guests, and why."""
SHUT_SOON = (60, 66, "Accrochage de la nouvelle exposition (démonstration)")
"""The first place closes for some days: from when, until when, and why."""
SHOP_AT = "Musée Christian Dior"
"""Where somebody paired another scanner with the poster this morning."""
REFUSALS = (
    (-290, "Rosalie", TOUR, "suspended"),
    (-260, "Basile", FERRY, "stale_proof"),
    (-145, "Gaspard", TOUR, "revoked"),  # with the phone that was lost, and found again
    (-97, "Perrine", TOUR, "stale_proof"),
    (-34, "Achille", TOUR, "expired"),
    (-16, "Solange", FERRY, "stale_proof"),
    (-2, "Ulysse", FERRY, "suspended"),
)
"""Passes that were turned away, and why: a screenshot is a stale proof."""
WORDS = ("goéland", "marée", "hublot", "vareuse", "phare", "bouée", "cale", "misaine")

# --- events -----------------------------------------------------------------------------------------------------------

FICTION, FICTION_EN = "Événement fictif, pour la démonstration.", "A fictional event, for the demonstration."
CROSSING = Outing(
    "Traversée à la marée (démonstration)",
    "Crossing with the tide (demonstration)",
    f"{FICTION} Une matinée vers les îles, au rythme de la mer, avec un marin qui raconte.",
    f"{FICTION_EN} A morning towards the islands, at the sea’s own pace, with a sailor who tells.",
    "Embarquement, quai sud",
    "Une passerelle raide à basse mer ; un bras pour aider à monter.",
    (Slot(-38, time(9, 10), time(12, 40), 8, "Départ une heure avant la pleine mer (horaire fictif)"),),
    venue=FERRY,
    place_en="Boarding on the south quay",
    access_en="A steep gangway at low tide; an arm to help you aboard.",
    bring="Un coupe-vent, des chaussures qui ne glissent pas.",
    bring_en="A windcheater, shoes that do not slip.",
    guests_max=1,
    walk_ins=True,
    asked=-60,
    reply_by=-45,
    replies=(
        Said("Anselme", 3, 0, 1),
        Said("Odile", 5, 0),
        Said("Maëlle", 26, 0, 1),
        Said("Ernest", 30, 0, 1),
        Said("Solange", 31, 0),
        Said("Théodule", 50, 0),
        Said("Basile", 75, None),
        Said("Lison", 80, None),
        Said("Odile", 200, None),  # withdraws: Théodule, who waited, has her place
    ),
)
"""Held and summed up."""
CAME = (("Anselme", 1), ("Maëlle", 1), ("Ernest", 0), ("Théodule", 0), ("Gaspard", 1))
"""Who came to the crossing, with how many guests: one of them without having said so; somebody else did not come."""
CROSSING_THANKS = "Merci à vous, et au vent qui s’est tenu tranquille (démonstration)."
PREVIEW = Outing(
    "Avant-première au musée (démonstration)",
    "Preview at the museum (demonstration)",
    f"{FICTION} L’accrochage de la saison avant tout le monde, avec la personne qui l’a pensé.",
    f"{FICTION_EN} The season’s new rooms before everybody else, with the person who made them.",
    "Salle du bas",
    "De plain-pied, sièges pliants à l’entrée.",
    (),  # today, tomorrow and the day after, at the hour of the demonstration: `story`
    venue=PLACES[0].name,
    place_en="The lower room",
    access_en="Step-free, folding seats at the entrance.",
    guests_max=2,
    walk_ins=True,
    asked=-8,
    reply_by=-1,
    replies=(
        Said("Anselme", 2, 0, 1),
        Said("Odile", 4, 0),
        Said("Maëlle", 7, 0, 2),
        Said("Camille", 25, 0, 1),
        Said("Solange", 28, 0),
        Said("Lison", 49, 1),
        Said("Basile", 52, 1, 1),
        Said("Gaspard", 73, 2),
        Said("Ernest", 74, None),
    ),
)
"""Its door is open now, at the place whose scanner the demonstration pairs."""
PREVIEW_PLACES = 25
PREVIEW_CAME = (("Anselme", 1), ("Odile", 0))
"""Who is in already."""
BREAKFAST = Outing(
    "Petit déjeuner au jardin (démonstration)",
    "Breakfast in the garden (demonstration)",
    f"{FICTION} Du pain, des confitures d’ici et la mer derrière la haie, avant l’ouverture.",
    f"{FICTION_EN} Bread, local jams and the sea behind the hedge, before opening time.",
    "Le jardin, entrée du haut",
    "Allées de gravier, un banc tous les trente pas.",
    (
        Slot(12, time(9), time(10, 30), 6, "Repli sous la verrière s’il pleut"),
        Slot(13, time(9), time(10, 30), 6, "Repli sous la verrière s’il pleut"),
    ),
    venue="Musée Christian Dior",
    place_en="The garden, upper entrance",
    access_en="Gravel paths, a bench every thirty steps.",
    bring="Une petite laine.",
    bring_en="Something warm.",
    guests_max=1,
    newcomers_first=True,
    asked=-4,
    reply_by=6,
    replies=(
        Said("Anselme", 1, 0, 1),
        Said("Odile", 3, 0, 1),
        Said("Lison", 6, 0, 1),
        Said("Gaspard", 8, 0, 1),
        Said("Ernest", 25, 1),
        Said("Nacre", 30, 1, 1),
        Said("Basile", 33, None),
    ),
)
"""Open: one slot is full, somebody waits for it, others have not said anything yet."""
SHEDS = Outing(
    "Dans les coulisses des chars (démonstration)",
    "Behind the scenes of the floats (demonstration)",
    f"{FICTION} Une heure parmi les chars en chantier, avant que la ville ne les voie.",
    "",
    "Hangar de démonstration, Yquelon",
    "Sol inégal, à dire en invitant.",
    (Slot(40, time(18), time(19, 30), 12),),
    guests_max=0,
)
"""A draft, for people whom the officer picks."""
PICKED = ("Maëlle", "Odile", "Nacre")

# --- the year by the sea ----------------------------------------------------------------------------------------------

SEASON = (0.25, 0.4, 0.4, 0.9, 1.0, 0.9, 1.6, 1.8, 1.0, 0.7, 0.35, 0.25)
"""How much is visited, month by month."""
WEEKDAY = (0.6, 0.7, 0.9, 0.8, 0.9, 1.5, 1.6)
HOLIDAYS: tuple[tuple[MonthDay, MonthDay], ...] = (
    ((2, 10), (2, 25)),
    ((4, 10), (4, 26)),
    ((10, 18), (11, 3)),
    ((12, 20), (12, 31)),
)
"""About when schools are closed; July and August are in SEASON already."""
HOLIDAY = 1.5


def bustle(day: date) -> float:
    """How much the area is visited that day, 1 being an ordinary day of June."""
    is_holiday = any(first <= (day.month, day.day) <= last for first, last in HOLIDAYS)
    return SEASON[day.month - 1] * WEEKDAY[day.weekday()] * (HOLIDAY if is_holiday else 1)


# --- the manifesto ----------------------------------------------------------------------------------------------------

TITLE = "Manifeste des ambassadeurs (démonstration)"
FIRST_MANIFESTO = """## Ce que nous faisons

Nous faisons connaître le pays de Granville à nos proches et à nos visiteurs.

- Nous disons ce que nous aimons, et nous le disons vrai.
- Nous prenons soin des lieux, du rivage et de qui y travaille.

## Ce que nous déclarons

Si nous avons un intérêt dans un lieu du club, nous le disons en signant."""
SECOND_MANIFESTO = """## Ce que nous faisons

Nous faisons connaître le pays de Granville à nos proches, à nos visiteurs, à celles et ceux que nous croisons.

- Nous disons ce que nous aimons, et nous le disons vrai.
- Nous accueillons avec le sourire.
- Nous prenons soin des lieux, du rivage et de qui y travaille.

## Ce que nous recevons

Un pass, pour connaître nous-mêmes ce dont nous parlons. Il ne dépend jamais de ce que nous publions sur les réseaux sociaux.

## Ce que nous déclarons

Si nous avons un intérêt dans un lieu du club, nous le disons en signant."""
MANIFESTO = SECOND_MANIFESTO.replace("avec le sourire", "avec le sourire, même quand il pleut")
DRAFT = MANIFESTO.replace("même quand il pleut", "même quand il pleut, même à marée basse")
EARLIER_REMARKS = (("Solange", "Il faudrait dire que le pass n’achète personne."),)
REMARKS = (
    ("Odile", "Et les enfants ? On pourrait dire que nous accueillons aussi les familles."),
    ("Anselme", "Très bien. « Même à marée basse », j’aime beaucoup."),
)
READ_BY = ("Anselme", "Odile", "Maëlle", "Solange", "Ernest", "Lison", "Basile", "Nacre")
"""Who has read the last small change."""


def email_of(first_name: str, last_name: str) -> str:
    """Their address, at a domain that belongs to nobody (RFC 2606)."""
    plain = f"{first_name}.{last_name}".lower()
    for accented, letter in zip("éèëêàâîïôûç", "eeeeaaiiouc", strict=True):
        plain = plain.replace(accented, letter)
    return f"{plain}@example.org"
