"""Who answers for the club and how it looks: what the public and legal pages say. Each act leaves an entry in the history."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from estran.actor import Actor
from estran.club import rules
from estran.club import service as club
from estran.club.tables import Identity, Logo
from estran.db import writes
from estran.errors import Invalid, NotFound
from estran.history import service as history

FIELD_MAX = {
    "legal_name": 160,
    "address": 200,
    "phone": 30,
    "publication_director": 120,
    "host_name": 160,
    "host_address": 200,
    "host_phone": 30,
    "dpo_contact": 254,
    "press_contact": 254,
    "photo_credits": 1000,
    "photo_reuse": 1000,
    "accent": 7,
}
"""What `edit_identity` takes, and how many characters of it: SQLite does not hold columns to a length."""
LONG = {"photo_credits", "photo_reuse"}
"""May have several lines."""
NEEDED = (
    "legal_name",
    "address",
    "phone",
    "publication_director",
    "host_name",
    "host_address",
    "host_phone",
    "dpo_contact",
    "contact_email",
    "press_contact",
)
"""What a public body must say of itself (LCEN art. 6, RGPD art. 13); all of Identity but `contact_email`, which is House's."""
LOGO_MAX_BYTES = 200_000
LOGO_ALT_MAX = 120
_ONLY_ROW = UUID(int=1)  # one row by construction: a second one is a duplicate key


@dataclass(frozen=True, slots=True)
class Picture:
    """The club's logo as it is sent."""

    body: bytes
    media_type: str
    alt: str

    @property
    def version(self) -> str:
        """Another one for another picture."""
        return sha256(self.body).hexdigest()[:16]


async def identity() -> Identity:
    """Who answers for the club; a row of empty fields as long as nobody has filled it in."""
    return await Identity.objects().first() or Identity(id=_ONLY_ROW)


async def contacts() -> list[str]:
    """How the office is reached, its telephone first; what it has not said is left out."""
    return [contact for contact in ((await identity()).phone, (await club.house()).contact_email) if contact]


async def missing() -> list[str]:
    """The fields of NEEDED that are still empty, in that order: the club's legal pages are not done before there is none."""
    row, house = await identity(), await club.house()
    return [name for name in NEEDED if not getattr(house if name == "contact_email" else row, name)]


@writes
async def edit_identity(actor: Actor, values: Mapping[str, str], now: datetime) -> Identity:
    """The identity after these fields were changed; others stay as they are. Empty means: not yet said.

    Raises Invalid `too_long`, or `bad_accent` for a colour whose words could not be read.
    """
    clean = {name: _clean(name, values[name]) for name in FIELD_MAX if name in values}
    if too_long := [name for name, value in clean.items() if len(value) > FIELD_MAX[name]]:
        raise Invalid("too_long", "longer than its column", fields=too_long)
    if clean.get("accent") and rules.accent(clean["accent"]) is None:
        raise Invalid("bad_accent", "not #rrggbb, or too pale for words on a light page", fields=["accent"])
    row = await identity()
    changed = [name for name, value in clean.items() if getattr(row, name) != value]
    if changed:
        for name in changed:
            setattr(row, name, clean[name])
        await row.save()
        # Names and addresses: the history keeps which fields changed, not what they said.
        await history.record(actor, "club.identity", "club", None, now=now, details={"changed": changed})
    return row


def _clean(name: str, value: str) -> str:
    if name in LONG:
        return value.replace("\r\n", "\n").strip()
    return value.strip().lower() if name == "accent" else " ".join(value.split())


# --- the logo ---------------------------------------------------------------------------------------------------------


async def logo() -> Picture:
    """The club's logo; raises NotFound `no_logo`."""
    row, stored = await identity(), await Logo.objects().first()
    if stored is None or not row.logo_type:
        raise NotFound("no_logo", "this club has no logo")
    return Picture(b64decode(stored.content), row.logo_type, row.logo_alt)


@writes
async def set_logo(actor: Actor, content: bytes, alt: str, now: datetime) -> None:
    """This picture is the club's logo from now on. Raises Invalid `bad_logo`, `big_logo` or `no_alt`.

    PNG, JPEG or WebP by their first bytes, whatever the file was called. Never SVG: it may carry scripts.
    """
    media_type, alt = picture_type(content), " ".join(alt.split())
    if not alt or len(alt) > LOGO_ALT_MAX:
        raise Invalid("no_alt", "say in 1 to 120 characters what the picture shows", fields=["logo_alt"])
    if len(content) > LOGO_MAX_BYTES:
        raise Invalid("big_logo", "a logo of at most 200 kB", fields=["logo"])
    if media_type is None:
        raise Invalid("bad_logo", "a PNG, JPEG or WebP picture", fields=["logo"])
    row, stored = await identity(), await Logo.objects().first()
    row.logo_type, row.logo_alt = media_type, alt
    await row.save()
    stored = stored or Logo(id=_ONLY_ROW, content="")
    stored.content = b64encode(content).decode()
    await stored.save()
    await history.record(actor, "club.set_logo", "club", None, now=now)


@writes
async def describe_logo(actor: Actor, alt: str, now: datetime) -> None:
    """The logo's other words, without another picture. Raises Invalid `no_alt`, or NotFound `no_logo`."""
    row, alt = await identity(), " ".join(alt.split())
    if not row.logo_type:
        raise NotFound("no_logo", "this club has no logo")
    if not alt or len(alt) > LOGO_ALT_MAX:
        raise Invalid("no_alt", "say in 1 to 120 characters what the picture shows", fields=["logo_alt"])
    if row.logo_alt != alt:
        row.logo_alt = alt
        await row.save()
        await history.record(actor, "club.identity", "club", None, now=now, details={"changed": ["logo_alt"]})


@writes
async def remove_logo(actor: Actor, now: datetime) -> None:
    """The club has no logo any more; nothing happens when it had none."""
    row = await identity()
    if not row.logo_type:
        return
    row.logo_type = row.logo_alt = ""
    await row.save()
    await Logo.delete(force=True)
    await history.record(actor, "club.remove_logo", "club", None, now=now)


def picture_type(content: bytes) -> str | None:
    """The media type that these bytes begin as, or None: not one of the three."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return None
