"""The desk's browsers, and a club that has said everything of itself."""

from estran.actor import SYSTEM
from estran.club import identity
from estran.club import service as club
from tests.conftest import FrozenClock
from tests.desk.conftest import desk, follow, open_desk, read

__all__ = ["desk", "follow", "open_desk", "read"]

SAID = {
    "legal_name": "Office de tourisme de la baie",
    "address": "1 place du Port, 50400 Granville",
    "phone": "02 61 91 00 01",
    "publication_director": "Hélène Sémaphore",
    "host_name": "Hébergement du Rivage",
    "host_address": "2 quai Nord, 50400 Granville",
    "host_phone": "02 61 91 00 02",
    "dpo_contact": "dpo@example.org",
    "press_contact": "presse@example.org",
}
PAGES = (
    "/",
    "/manifesto",
    "/partners",
    "/join",
    "/press",
    "/legal",
    "/privacy",
    "/accessibility",
    "/accessibility/criteria",
    "/sitemap",
)


async def say_everything(clock: FrozenClock) -> None:
    """Fill in whatever a public body must say."""
    await identity.edit_identity(SYSTEM, SAID, clock())
    await club.edit_house(
        SYSTEM,
        name="Les Marées",
        office_name="Office de la baie",
        contact_email="bonjour@example.org",
        zone_name="Europe/Paris",
        snapshot_limit_days=7,
        now=clock(),
    )
