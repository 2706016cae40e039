"""The life of a pass, on both databases: issue, renew, move, revoke, rotate."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key

from estran.actor import SYSTEM
from estran.club import service as club
from estran.club.tables import Ambassador
from estran.encoding import b64, unb64
from estran.errors import Conflict, Invalid, NotFound, Unauthorized
from estran.passes import keys, service, status, token
from estran.passes.keys import Issuer
from estran.passes.number import number_of
from estran.passes.service import Medium, PassState
from estran.passes.tables import Pass, StatusList
from estran.passes.token import Fields
from tests.conftest import FrozenClock

pytestmark = pytest.mark.anyio


@dataclass
class Phone:
    """A phone with its own key: what the ambassador's app does."""

    issuer: Issuer
    key: EllipticCurvePrivateKey
    credential: str = ""

    @property
    def point(self) -> tuple[str, str]:
        jwk = token.jwk_of(self.key.public_key())
        return jwk["x"], jwk["y"]

    async def put(self, person: Ambassador, now: datetime) -> Pass:
        row = await service.issue(self.issuer, person.id, *self.point, "Android", now=now)
        self.credential = row.credential
        return row

    def digits(self, now: datetime, nonce: bytes = b"\1\2\3\4") -> str:
        fields = token.parse_credential(unb64(self.credential))
        assert isinstance(fields, Fields)
        shown = token.sign_proof(fields, self.issuer.iss, self.key, iat=int(now.timestamp()), nonce=nonce)
        return token.digits_of(shown.raw)

    async def refresh(self, now: datetime) -> PassState:
        state = await service.refresh(self.issuer, self.digits(now), now=now)
        self.credential = state.credential or self.credential
        return state


@pytest.fixture
def issuer(tmp_path: Path, engine: Any) -> Issuer:
    return Issuer("https://pass.example.org", tmp_path / "keys")


@pytest.fixture
def phone(issuer: Issuer) -> Phone:
    return Phone(issuer, generate_private_key(SECP256R1()))


@pytest.fixture
def other_phone(issuer: Issuer) -> Phone:
    return Phone(issuer, generate_private_key(SECP256R1()))


@pytest.fixture
async def camille(engine: Any, now: datetime) -> Ambassador:
    return await club.add_ambassador(
        SYSTEM,
        first_name="Camille",
        last_name="Varech",
        email="camille.varech@example.org",
        begins_on=date(2026, 1, 1),
        ends_on=date(2026, 12, 31),
        now=now,
    )


async def status_of(row: Pass, now: datetime) -> int | None:
    published = await service.publish_status(now=now)
    return status.status_at(published.lst, row.idx)


async def test_a_pass_lasts_to_the_last_second_of_the_mandate_in_the_clubs_zone(
    camille: Ambassador, phone: Phone, now: datetime
) -> None:
    row = await phone.put(camille, now)
    assert row.exp_at == datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC)
    assert row.name == "Camille V."
    fields = token.parse_credential(unb64(row.credential))
    assert isinstance(fields, Fields)
    assert b64(fields.sub) == camille.sub
    assert fields.exp == int(row.exp_at.timestamp())
    assert token.verify_credential(fields, phone.issuer.iss, await keys.verifying()) is None


async def test_asking_twice_for_the_same_phone_gives_the_same_pass(
    camille: Ambassador, phone: Phone, now: datetime
) -> None:
    first = await phone.put(camille, now)
    assert (await phone.put(camille, now)).id == first.id
    assert len(await service.passes_of(camille.id)) == 1


@pytest.mark.parametrize(
    ("x", "y"),
    [("", ""), ("A" * 43, "A" * 43), ("!" * 43, "A" * 43), ("A" * 44, "A" * 43), ("AQ", "AQ")],
)
async def test_a_key_that_is_none_is_refused(
    camille: Ambassador, issuer: Issuer, now: datetime, x: str, y: str
) -> None:
    with pytest.raises(Invalid, match="bad_key"):
        await service.issue(issuer, camille.id, x, y, "", now=now)


@pytest.mark.parametrize(
    ("day", "eligibility"),
    [
        pytest.param(datetime(2025, 12, 31, 22, 59, tzinfo=UTC), "not_begun", id="a minute before the first day"),
        pytest.param(datetime(2026, 12, 31, 23, 0, tzinfo=UTC), "ended", id="the first second after the last day"),
    ],
)
async def test_no_pass_outside_the_mandate(camille: Ambassador, phone: Phone, day: datetime, eligibility: str) -> None:
    with pytest.raises(Conflict, match="not_eligible") as refused:
        await phone.put(camille, day)
    assert refused.value.extra == {"eligibility": eligibility}


async def test_a_pass_may_be_put_from_the_first_minute_of_the_mandate(camille: Ambassador, phone: Phone) -> None:
    await phone.put(camille, datetime(2025, 12, 31, 23, 0, tzinfo=UTC))


async def test_a_pause_suspends_and_its_end_restores(camille: Ambassador, phone: Phone, clock: FrozenClock) -> None:
    row = await phone.put(camille, clock())
    assert await status_of(row, clock()) == status.VALID
    await club.pause(SYSTEM, camille.id, "long voyage", now=clock())
    assert await status_of(row, clock()) == status.SUSPENDED
    state = await phone.refresh(clock())
    assert (state.status, state.credential) == ("suspended", None)
    with pytest.raises(Conflict, match="not_eligible"):
        await service.issue(phone.issuer, camille.id, *phone.point, "", now=clock())
    await club.resume(SYSTEM, camille.id, now=clock())
    assert await status_of(row, clock()) == status.VALID
    assert (await phone.refresh(clock())).credential == row.credential


async def test_a_prolonged_mandate_renews_the_pass_silently(
    camille: Ambassador, phone: Phone, clock: FrozenClock
) -> None:
    first = await phone.put(camille, clock())
    old = Phone(phone.issuer, phone.key, first.credential)
    await club.add_mandate(SYSTEM, camille.id, date(2027, 1, 1), date(2027, 12, 31), now=clock())
    clock.advance(hours=1)
    state = await phone.refresh(clock())
    assert state.status == "valid"
    assert state.pass_.exp_at == datetime(2027, 12, 31, 22, 59, 59, tzinfo=UTC)
    assert (state.pass_.key_x, state.pass_.jti == first.jti) == (first.key_x, False)
    again = await service.refresh(phone.issuer, old.digits(clock()), now=clock())
    assert again.credential == state.credential, "a lost reply gives the same renewal, not another"
    assert len(await service.passes_of(camille.id)) == 2


async def test_a_renewal_whose_reply_was_lost_leaves_a_phone_without_network_its_pass(
    camille: Ambassador, phone: Phone, clock: FrozenClock
) -> None:
    old = await phone.put(camille, clock())
    await phone.refresh(clock())
    await club.add_mandate(SYSTEM, camille.id, date(2027, 1, 1), date(2027, 12, 31), now=clock())
    await service.refresh(phone.issuer, phone.digits(clock()), now=clock())  # the phone never hears the answer
    clock.advance(days=21)
    assert await status_of(old, clock()) == status.VALID
    renewed = (await phone.refresh(clock())).pass_
    assert renewed.id != old.id
    clock.advance(minutes=2)
    assert (await phone.refresh(clock())).pass_.id == renewed.id
    assert await status_of(old, clock()) == status.REVOKED


async def test_a_mandate_cut_short_suspends_the_pass_at_once(camille: Ambassador, phone: Phone, now: datetime) -> None:
    row = await phone.put(camille, now)
    (mandate,) = await club.mandates_of(camille.id)
    await club.edit_mandate(SYSTEM, mandate.id, date(2026, 1, 1), now.date() - timedelta(days=1), now=now)
    assert await status_of(row, now) == status.SUSPENDED
    assert (await phone.refresh(now)).status == "expired"


async def test_a_pass_that_has_run_out_is_expired_not_suspended(
    camille: Ambassador, phone: Phone, now: datetime
) -> None:
    row = await phone.put(camille, now)
    new_year = datetime(2026, 12, 31, 23, 0, tzinfo=UTC)
    assert await status_of(row, new_year) == status.VALID, "its last second has passed: scanners say so by themselves"
    assert (await phone.refresh(new_year)).status == "expired"


async def test_the_old_phone_loses_its_pass_at_the_new_ones_first_proof(
    camille: Ambassador, phone: Phone, other_phone: Phone, clock: FrozenClock
) -> None:
    old = await phone.put(camille, clock())
    await phone.refresh(clock())
    clock.advance(hours=1)
    new = await other_phone.put(camille, clock())
    assert (await phone.refresh(clock())).status == "valid", "the new phone has not shown itself yet"
    clock.advance(minutes=5)
    assert (await other_phone.refresh(clock())).status == "valid"
    assert (await phone.refresh(clock())).status == "replaced"
    assert await status_of(old, clock()) == status.REVOKED
    assert await status_of(new, clock()) == status.VALID


async def test_the_old_phone_loses_its_pass_after_24_hours_in_any_case(
    camille: Ambassador, phone: Phone, other_phone: Phone, clock: FrozenClock
) -> None:
    old = await phone.put(camille, clock())
    await other_phone.put(camille, clock())
    clock.advance(hours=23, minutes=59)
    assert await status_of(old, clock()) == status.VALID
    clock.advance(minutes=1)
    assert await status_of(old, clock()) == status.REVOKED
    assert (await phone.refresh(clock())).status == "replaced"


async def test_a_pass_that_has_moved_is_not_renewed_back_onto_the_old_phone(
    camille: Ambassador, phone: Phone, other_phone: Phone, clock: FrozenClock
) -> None:
    old = await phone.put(camille, clock())
    await phone.refresh(clock())
    clock.advance(hours=1)
    new = await other_phone.put(camille, clock())
    await club.add_mandate(SYSTEM, camille.id, date(2027, 1, 1), date(2027, 12, 31), now=clock())
    state = await phone.refresh(clock())
    assert (state.status, state.pass_.id) == ("valid", old.id), "it lives on until the new phone shows itself"
    held = await service.pass_of(camille.id, now=clock())
    assert held is not None
    assert held.id == new.id
    clock.advance(minutes=2)
    renewed = (await other_phone.refresh(clock())).pass_
    assert (renewed.key_x, renewed.exp_at.year) == (new.key_x, 2027)
    assert (await phone.refresh(clock())).status == "replaced"
    clock.advance(hours=25)
    assert (await other_phone.refresh(clock())).status == "valid"


async def test_moving_back_to_the_first_phone_works(
    camille: Ambassador, phone: Phone, other_phone: Phone, clock: FrozenClock
) -> None:
    for holder in (phone, other_phone, phone):
        await holder.put(camille, clock())
        clock.advance(minutes=2)
        assert (await holder.refresh(clock())).status == "valid"
    assert (await other_phone.refresh(clock())).status == "replaced"


async def test_a_revoked_pass_stays_revoked_and_a_new_one_may_be_issued(
    camille: Ambassador, phone: Phone, other_phone: Phone, now: datetime
) -> None:
    lost = await phone.put(camille, now)
    assert await service.revoke(SYSTEM, camille.id, "phone lost", now=now) == 1
    assert (await phone.refresh(now)).status == "revoked"
    assert await status_of(lost, now) == status.REVOKED
    fresh = await other_phone.put(camille, now)
    assert (await other_phone.refresh(now)).status == "valid"
    assert await status_of(lost, now) == status.REVOKED
    assert fresh.idx != lost.idx
    with pytest.raises(NotFound, match="no_pass"):
        await service.revoke(SYSTEM, SYSTEM.id or lost.id, "nobody", now=now)


async def test_a_refresh_needs_a_fresh_proof_of_the_phones_own_key(
    camille: Ambassador, phone: Phone, other_phone: Phone, now: datetime
) -> None:
    await phone.put(camille, now)
    thief = Phone(phone.issuer, other_phone.key, phone.credential)
    with pytest.raises(Unauthorized, match="bad_proof"):
        await thief.refresh(now)
    for seconds in (-61, 31):
        with pytest.raises(Unauthorized, match="stale_proof"):
            await service.refresh(phone.issuer, phone.digits(now + timedelta(seconds=seconds)), now=now)
    for digits in ("", "1", "0" * 700, "9" * 15, phone.digits(now)[:-1]):
        with pytest.raises(Unauthorized, match="unknown_pass"):
            await service.refresh(phone.issuer, digits, now=now)


async def test_a_credential_that_was_not_issued_here_is_unknown(
    camille: Ambassador, phone: Phone, now: datetime
) -> None:
    await phone.put(camille, now)
    fields = token.parse_credential(unb64(phone.credential))
    assert isinstance(fields, Fields)
    phone.credential = b64(fields._replace(exp=fields.exp + 86400).credential)
    with pytest.raises(Unauthorized, match="unknown_pass"):
        await phone.refresh(now)


async def test_the_status_list_changes_its_version_only_with_its_content(
    camille: Ambassador, phone: Phone, clock: FrozenClock
) -> None:
    await phone.put(camille, clock())
    first = await service.publish_status(now=clock())
    clock.advance(days=3)
    assert (await service.publish_status(now=clock())).version == first.version
    await service.revoke(SYSTEM, camille.id, "lost", now=clock())
    last = await service.publish_status(now=clock())
    assert last.version == first.version + 1
    assert await StatusList.count() == last.version
    (row,) = await service.passes_of(camille.id)
    assert await service.revoked_in(row) == last.version


async def test_the_status_token_is_an_ordinary_jwt(camille: Ambassador, phone: Phone, now: datetime) -> None:
    row = await phone.put(camille, now)
    text, etag = await service.status_token(phone.issuer, now=now)
    (key,) = await keys.verifying()
    assert jwt.get_unverified_header(text)["typ"] == "statuslist+jwt"
    payload = jwt.decode(text, key.key, ["ES256"], options={"verify_exp": False, "verify_iat": False})
    assert payload["sub"] == "https://pass.example.org/status"
    assert payload["status_list"]["bits"] == 2
    assert status.status_at(payload["status_list"]["lst"], row.idx) == status.VALID
    assert etag.startswith(f"{payload['version']}-")


async def test_a_next_key_is_published_14_days_before_it_signs(
    camille: Ambassador, phone: Phone, clock: FrozenClock
) -> None:
    await phone.put(camille, clock())
    first = await keys.current(phone.issuer, now=clock())
    coming = await keys.announce(phone.issuer, SYSTEM, now=clock())
    with pytest.raises(Conflict, match="key_announced"):
        await keys.announce(phone.issuer, SYSTEM, now=clock())
    assert {jwk["kid"] for jwk in await service.jwks(phone.issuer, now=clock())} == {first.kid, coming.kid}
    clock.advance(days=13, hours=23)
    assert (await keys.current(phone.issuer, now=clock())).id == first.id
    clock.advance(hours=1)
    assert (await keys.current(phone.issuer, now=clock())).id == coming.id
    assert first.kid in {jwk["kid"] for jwk in await service.jwks(phone.issuer, now=clock())}, "its pass is still alive"
    assert (await phone.refresh(clock())).pass_.signing_key_id == first.id, "rotation alone renews nothing"
    clock.advance(days=300)
    assert first.kid not in {jwk["kid"] for jwk in await service.jwks(phone.issuer, now=clock())}


async def test_a_compromised_key_is_gone_at_once_and_phones_renew_by_themselves(
    camille: Ambassador, phone: Phone, now: datetime
) -> None:
    row = await phone.put(camille, now)
    stolen = await keys.current(phone.issuer, now=now)
    fresh = await keys.revoke(phone.issuer, SYSTEM, stolen.kid, "laptop stolen", now=now)
    assert {jwk["kid"] for jwk in await service.jwks(phone.issuer, now=now)} == {fresh.kid}
    assert not (phone.issuer.folder / f"{stolen.id}.pem").exists()
    state = await phone.refresh(now)
    assert (state.status, state.pass_.signing_key_id) == ("valid", fresh.id)
    assert state.pass_.id != row.id
    with pytest.raises(NotFound, match="unknown_signing_key"):
        await keys.revoke(phone.issuer, SYSTEM, stolen.kid, "again", now=now)


async def test_a_phone_that_asks_again_after_its_key_was_revoked_gets_a_pass_that_verifies(
    camille: Ambassador, phone: Phone, now: datetime
) -> None:
    await phone.put(camille, now)  # its reply was lost
    stolen = await keys.current(phone.issuer, now=now)
    fresh = await keys.revoke(phone.issuer, SYSTEM, stolen.kid, "laptop stolen", now=now)
    assert (await phone.put(camille, now)).signing_key_id == fresh.id


async def test_private_keys_are_files_that_only_the_server_may_read(
    camille: Ambassador, phone: Phone, now: datetime
) -> None:
    await phone.put(camille, now)
    (file,) = phone.issuer.folder.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert phone.issuer.folder.stat().st_mode & 0o777 == 0o700


async def test_a_lost_private_key_is_said_in_words(camille: Ambassador, phone: Phone, now: datetime) -> None:
    await phone.put(camille, now)
    for file in phone.issuer.folder.iterdir():
        file.unlink()
    keys._load.cache_clear()
    with pytest.raises(Conflict, match="estran keys revoke"):
        await service.status_token(phone.issuer, now=now)


# --- on paper ---------------------------------------------------------------------------------------------------------


def paper_fields(row: Pass) -> Fields:
    fields = token.parse_bytes(unb64(row.credential))
    assert isinstance(fields, Fields)
    return fields


async def test_a_pass_is_printed_beside_the_one_on_the_phone(
    camille: Ambassador, phone: Phone, other_phone: Phone, clock: FrozenClock
) -> None:
    on_phone = await phone.put(camille, clock())
    await phone.refresh(clock())
    printed = await service.print_pass(SYSTEM, phone.issuer, camille.id, now=clock.advance(hours=1))
    fields = paper_fields(printed)
    assert (fields.type, fields.iat, b64(fields.sub), fields.name) == (token.PAPER, None, camille.sub, "Camille V.")
    assert token.verify(fields, phone.issuer.iss, await keys.verifying()) is None
    assert printed.number == number_of(fields.jti)
    assert await status_of(on_phone, clock()) == await status_of(printed, clock()) == status.VALID
    assert (await phone.refresh(clock.advance(minutes=5))).status == "valid"
    held = await service.pass_of(camille.id, now=clock())
    assert held is not None
    assert held.id == on_phone.id
    # Another phone's first proof ends the pass of the first phone, and leaves the paper alone.
    await other_phone.put(camille, clock.advance(days=1))
    await other_phone.refresh(clock.advance(days=2))
    assert await status_of(on_phone, clock()) == status.REVOKED
    assert await status_of(printed, clock()) == status.VALID


async def test_printing_again_is_the_same_paper_until_something_has_changed(
    camille: Ambassador, phone: Phone, clock: FrozenClock
) -> None:
    printed = await service.print_pass(SYSTEM, phone.issuer, camille.id, now=clock())
    assert (await service.print_pass(SYSTEM, phone.issuer, camille.id, now=clock.advance(days=1))).id == printed.id
    found = await service.paper_of(camille.id, now=clock())
    assert found is not None
    assert not found.is_outdated
    # The mandate is renewed: nothing happens to the paper by itself, and the desk says so.
    await club.add_mandate(SYSTEM, camille.id, date(2027, 1, 1), date(2027, 12, 31), now=clock())
    now = clock.advance(days=220)
    found = await service.paper_of(camille.id, now=now)
    assert found is not None
    assert found.pass_.id == printed.id
    assert found.is_outdated
    anew = await service.print_pass(SYSTEM, phone.issuer, camille.id, now=now)
    assert anew.id != printed.id
    assert anew.exp_at > printed.exp_at
    assert [row.id for row in await service.living_passes(camille.id, medium=Medium.PAPER, now=now)] == [anew.id]
    assert await status_of(printed, now) == status.REVOKED


async def test_a_lost_paper_takes_nothing_else_with_it(camille: Ambassador, phone: Phone, clock: FrozenClock) -> None:
    on_phone = await phone.put(camille, clock())
    await phone.refresh(clock())
    printed = await service.print_pass(SYSTEM, phone.issuer, camille.id, now=clock())
    await service.revoke_paper(SYSTEM, camille.id, "left on a bus", now=clock.advance(hours=1))
    assert await status_of(printed, clock()) == status.REVOKED
    assert await status_of(on_phone, clock()) == status.VALID
    assert await service.paper_of(camille.id, now=clock()) is None
    with pytest.raises(NotFound):
        await service.revoke_paper(SYSTEM, camille.id, "again", now=clock())
    anew = await service.print_pass(SYSTEM, phone.issuer, camille.id, now=clock())
    assert anew.number != printed.number
    # Nor does a lost phone take the paper.
    assert await service.revoke(SYSTEM, camille.id, "phone lost", now=clock()) == 1
    assert await status_of(anew, clock()) == status.VALID


async def test_paper_rests_and_ends_with_the_person(camille: Ambassador, phone: Phone, clock: FrozenClock) -> None:
    printed = await service.print_pass(SYSTEM, phone.issuer, camille.id, now=clock())
    await club.pause(SYSTEM, camille.id, "Un courrier est revenu", now=clock())
    assert await status_of(printed, clock()) == status.SUSPENDED
    with pytest.raises(Conflict, match="no pass can be issued"):
        await service.print_pass(SYSTEM, phone.issuer, camille.id, now=clock())
    found = await service.paper_of(camille.id, now=clock())
    assert found is not None
    assert not found.is_outdated  # there is nothing to print now
    await club.resume(SYSTEM, camille.id, now=clock())
    assert await status_of(printed, clock()) == status.VALID
    await service.forget(camille.id, now=clock())
    assert await status_of(printed, clock()) == status.REVOKED
    assert [(row.number, row.credential) for row in await service.passes_of(camille.id)] == [("", "")]


async def test_paper_is_no_way_to_a_phone(camille: Ambassador, phone: Phone, now: datetime) -> None:
    """Whoever copies the printed code cannot fetch what a phone would hold."""
    printed = await service.print_pass(SYSTEM, phone.issuer, camille.id, now=now)
    with pytest.raises(Unauthorized, match="not a presentation"):
        await service.refresh(phone.issuer, token.digits_of(unb64(printed.credential)), now=now)
