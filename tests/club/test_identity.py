"""Who answers for the club, its logo, and the membership rules."""

from typing import Any

import pytest

from estran.actor import SYSTEM
from estran.club import identity
from estran.club import service as club
from estran.club.tables import Logo
from estran.errors import Invalid, NotFound
from estran.history import service as history
from tests.conftest import FrozenClock

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("engine")]

PNG = b"\x89PNG\r\n\x1a\n" + b"picture"
JPEG = b"\xff\xd8\xff\xe0picture"
WEBP = b"RIFF\x10\x00\x00\x00WEBPpicture"
EVERYTHING = {name: f"some {name}" for name in identity.NEEDED if name != "contact_email"}


async def test_a_new_club_has_everything_still_to_say() -> None:
    assert await identity.missing() == list(identity.NEEDED)


async def test_what_is_said_is_no_longer_missing(clock: FrozenClock) -> None:
    await identity.edit_identity(SYSTEM, EVERYTHING, clock())
    assert await identity.missing() == ["contact_email"]
    await club.edit_house(
        SYSTEM,
        name="Les Marées",
        office_name="Office de la baie",
        contact_email="bonjour@example.org",
        zone_name="Europe/Paris",
        snapshot_limit_days=7,
        now=clock(),
    )
    assert await identity.missing() == []
    await identity.edit_identity(SYSTEM, {"host_phone": "  "}, clock())
    assert await identity.missing() == ["host_phone"]


async def test_the_history_keeps_which_fields_changed_and_nothing_of_what_they_say(clock: FrozenClock) -> None:
    await identity.edit_identity(SYSTEM, {"legal_name": "Office  de\nla baie", "accent": ""}, clock())
    await identity.edit_identity(SYSTEM, {"legal_name": "Office de la baie"}, clock())
    assert (await identity.identity()).legal_name == "Office de la baie"
    [entry] = await history.latest()
    assert (entry.action, entry.subject_kind, entry.details) == ("club.identity", "club", {"changed": ["legal_name"]})


async def test_a_field_longer_than_its_column_is_refused(clock: FrozenClock) -> None:
    with pytest.raises(Invalid) as refused:
        await identity.edit_identity(SYSTEM, {"phone": "0" * 31, "address": "x" * 200}, clock())
    assert (refused.value.code, refused.value.extra["fields"]) == ("too_long", ["phone"])
    assert (await identity.identity()).address == ""


async def test_long_fields_keep_their_lines(clock: FrozenClock) -> None:
    await identity.edit_identity(SYSTEM, {"photo_credits": " one\r\ntwo "}, clock())
    assert (await identity.identity()).photo_credits == "one\ntwo"


async def test_an_accent_is_taken_where_it_can_be_read(clock: FrozenClock) -> None:
    await identity.edit_identity(SYSTEM, {"accent": " #C00000 "}, clock())
    assert (await identity.identity()).accent == "#c00000"
    for typed in ("#ffff00", "red"):
        with pytest.raises(Invalid) as refused:
            await identity.edit_identity(SYSTEM, {"accent": typed}, clock())
        assert refused.value.code == "bad_accent"
    await identity.edit_identity(SYSTEM, {"accent": ""}, clock())
    assert (await identity.identity()).accent == ""


@pytest.mark.parametrize(
    ("content", "media_type"), [(PNG, "image/png"), (JPEG, "image/jpeg"), (WEBP, "image/webp")], ids=repr
)
async def test_a_logo_is_known_by_its_first_bytes(content: bytes, media_type: str, clock: FrozenClock) -> None:
    with pytest.raises(NotFound):
        await identity.logo()
    await identity.set_logo(SYSTEM, content, " Deux  vagues ", clock())
    assert await identity.logo() == identity.Picture(content, media_type, "Deux vagues")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a",
        b"RIFF\x10\x00\x00\x00WAVEfmt ",
        b"\x89PNG",
        b"\xff\xd8",
    ],
    ids=repr,
)
async def test_nothing_else_is_a_logo(content: bytes, clock: FrozenClock) -> None:
    with pytest.raises(Invalid) as refused:
        await identity.set_logo(SYSTEM, content, "Deux vagues", clock())
    assert refused.value.code == "bad_logo"


async def test_a_logo_has_a_size_and_words(clock: FrozenClock) -> None:
    largest = PNG.ljust(identity.LOGO_MAX_BYTES, b"x")
    await identity.set_logo(SYSTEM, largest, "Deux vagues", clock())
    with pytest.raises(Invalid) as refused:
        await identity.set_logo(SYSTEM, largest + b"x", "Deux vagues", clock())
    assert refused.value.code == "big_logo"
    for alt in (" ", "x" * 121):
        with pytest.raises(Invalid) as refused:
            await identity.set_logo(SYSTEM, PNG, alt, clock())
        assert refused.value.code == "no_alt"
    assert (await identity.logo()).body == largest


async def test_another_logo_takes_the_place_of_the_first_and_it_can_go(clock: FrozenClock) -> None:
    await identity.remove_logo(SYSTEM, clock())
    await identity.set_logo(SYSTEM, PNG, "Une", clock())
    await identity.set_logo(SYSTEM, JPEG, "Deux", clock())
    assert await Logo.count() == 1
    await identity.describe_logo(SYSTEM, "Deux vagues", clock())
    await identity.describe_logo(SYSTEM, "Deux vagues", clock())
    assert (await identity.logo()).alt == "Deux vagues"
    await identity.remove_logo(SYSTEM, clock())
    assert await Logo.count() == 0
    for act in (identity.logo(), identity.describe_logo(SYSTEM, "Rien", clock())):
        with pytest.raises(NotFound):
            await act
    acts = [entry.action for entry in await history.latest()]
    assert sorted(acts) == ["club.identity", "club.remove_logo", "club.set_logo", "club.set_logo"]


MEMBERSHIP: dict[str, Any] = {
    "ceiling": 15,
    "mandate_months": 12,
    "notice_days": 30,
    "asks_certificate": False,
    "least_age": 18,
}


async def test_membership_rules_are_changed_and_noted(clock: FrozenClock) -> None:
    await club.edit_membership(SYSTEM, **MEMBERSHIP | {"ceiling": 20, "asks_certificate": True}, now=clock())
    await club.edit_membership(SYSTEM, **MEMBERSHIP | {"ceiling": 20, "asks_certificate": True}, now=clock())
    house = await club.house()
    assert (house.ceiling, house.asks_certificate, house.least_age) == (20, True, 18)
    [entry] = await history.latest()
    assert entry.action == "club.membership"
    assert entry.details == {"ceiling": [15, 20], "asks_certificate": [False, True]}


@pytest.mark.parametrize("field", club.MEMBERSHIP_BOUNDS)
async def test_membership_rules_have_bounds(field: str, clock: FrozenClock) -> None:
    least, most = club.MEMBERSHIP_BOUNDS[field]
    for bound in (least, most):
        await club.edit_membership(SYSTEM, **MEMBERSHIP | {field: bound}, now=clock())
    for beyond in (least - 1, most + 1):
        with pytest.raises(Invalid) as refused:
            await club.edit_membership(SYSTEM, **MEMBERSHIP | {field: beyond}, now=clock())
        assert refused.value.extra["fields"] == [field]
    assert getattr(await club.house(), field) == most
