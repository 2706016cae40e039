"""Ways in and sessions, on both databases."""

import asyncio
from uuid import UUID

import pytest

from estran.access import rules
from estran.access import service as access
from estran.access.rules import Realm
from estran.access.tables import Session, SignIn
from estran.actor import SYSTEM, Role
from estran.errors import Gone, Invalid, NotFound, TooMany
from estran.history import service as history
from estran.mail import service as mail
from estran.privacy import retention
from tests.access.letters import HEAD, ambassador, code_in, manager, newest, officer, token_in, wrong
from tests.conftest import FrozenClock

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("engine")]

EMAIL = "camille@example.org"


async def ask(clock: FrozenClock, email: str = EMAIL, realm: Realm = Realm.PASS, asking: str | None = None) -> str:
    return (await access.ask_letter(email, realm, head=HEAD, now=clock(), asking=asking)).asking


async def use_up_letters(clock: FrozenClock, email: str = EMAIL) -> None:
    """What a stranger can do to somebody."""
    for _ in range(rules.LETTERS_PER_HOUR):
        await ask(clock, email)


async def enter(clock: FrozenClock, asking: str | None, code: str, realm: Realm = Realm.PASS) -> str:
    return await access.enter_code(asking, code, realm=realm, now=clock())


# --- codes ------------------------------------------------------------------------------------------------------------


async def test_the_letters_code_opens_a_session_in_the_browser_that_asked(clock: FrozenClock) -> None:
    account_id = await ambassador()
    asking = await ask(clock)
    token = await enter(clock, asking, code_in(await newest(EMAIL)))
    actor = await access.session_actor(token, Realm.PASS, now=clock())
    assert actor is not None
    assert (actor.id, actor.roles, actor.ambassador_id) == (account_id, frozenset({Role.AMBASSADOR}), UUID(int=7))


async def test_a_code_is_worth_nothing_in_another_browser(clock: FrozenClock) -> None:
    await ambassador()
    await ask(clock)
    code = code_in(await newest(EMAIL))
    other = await ask(clock, "someone@example.org")
    with pytest.raises(Invalid, match="wrong_code"):
        await enter(clock, other, code)
    for stranger in (None, "", "made-up"):
        with pytest.raises(Gone, match="code_ended"):
            await enter(clock, stranger, code)


async def test_a_code_works_once(clock: FrozenClock) -> None:
    await ambassador()
    asking = await ask(clock)
    code = code_in(await newest(EMAIL))
    await enter(clock, asking, code)
    with pytest.raises(Gone, match="code_ended"):
        await enter(clock, asking, code)


async def test_a_code_lives_for_fifteen_minutes(clock: FrozenClock) -> None:
    await ambassador()
    asking = await ask(clock)
    code = code_in(await newest(EMAIL))
    clock.advance(minutes=15)
    with pytest.raises(Gone, match="code_ended"):
        await enter(clock, asking, code)


async def test_after_five_wrong_codes_the_right_one_is_refused_too(clock: FrozenClock) -> None:
    await ambassador()
    asking = await ask(clock)
    code = code_in(await newest(EMAIL))
    for left in (4, 3, 2, 1, 0):
        with pytest.raises(Invalid) as refusal:
            await enter(clock, asking, wrong(code))
        assert refusal.value.extra["tries_left"] == left
    with pytest.raises(TooMany, match="too_many_tries"):
        await enter(clock, asking, code)


async def test_the_first_slow_letter_still_works_after_asking_again(clock: FrozenClock) -> None:
    await ambassador()
    asking = await ask(clock)
    first = code_in(await newest(EMAIL))
    clock.advance(minutes=2)
    assert await ask(clock, asking=asking) == asking
    second = code_in(await newest(EMAIL))
    assert await enter(clock, asking, first)
    with pytest.raises(Gone, match="code_ended"):
        await enter(clock, asking, second)


async def test_asking_for_another_address_starts_afresh(clock: FrozenClock) -> None:
    await ambassador()
    asking = await ask(clock)
    assert await ask(clock, "other@example.org", asking=asking) != asking


async def test_no_secret_is_kept_in_clear(clock: FrozenClock) -> None:
    await ambassador()
    asking = await ask(clock)
    letter = await newest(EMAIL)
    session = await enter(clock, asking, code_in(letter))
    kept = str([row.to_dict() for row in [*await SignIn.objects(), *await Session.objects()]])
    for secret in (asking, code_in(letter), token_in(letter), session):
        assert secret not in kept


# --- who is known -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("email", ["nobody@example.org", "nora@example.org"])
async def test_an_unknown_address_is_answered_alike_and_gets_no_letter(clock: FrozenClock, email: str) -> None:
    await officer("nora@example.org")  # known, but has no pass
    asking = await ask(clock, email)
    assert len(asking) >= 43
    assert await mail.letters() == []
    with pytest.raises(Invalid, match="wrong_code"):
        await enter(clock, asking, "000000")


async def test_a_letter_goes_to_the_address_as_it_was_registered(clock: FrozenClock) -> None:
    await ambassador("Camille@Example.org")
    await ask(clock, " CAMILLE@example.ORG")
    assert [letter.to_email for letter in await mail.letters()] == ["Camille@Example.org"]


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.org"])
async def test_five_letters_an_hour_and_then_asking_goes_on_without(clock: FrozenClock, email: str) -> None:
    await ambassador()

    async def is_withheld(address: str = email) -> bool:
        return (await access.ask_letter(address, Realm.PASS, head=HEAD, now=clock())).is_withheld

    for _ in range(5):
        assert not await is_withheld()
        clock.advance(minutes=5)
    n_letters = len(await mail.letters())
    for _ in range(3):  # these do not prolong the hour
        assert await is_withheld()
    assert len(await mail.letters()) == n_letters
    assert not await is_withheld("someone-else@example.org")
    clock.advance(minutes=35)
    assert not await is_withheld()


async def test_the_newest_letter_still_works_where_it_was_asked_for_when_the_next_is_withheld(
    clock: FrozenClock,
) -> None:
    await ambassador()
    asking = await ask(clock)
    for _ in range(rules.LETTERS_PER_HOUR):
        clock.advance(minutes=1)
        assert await ask(clock, asking=asking) == asking
    assert await enter(clock, asking, code_in(await newest(EMAIL)))


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.org"])
async def test_where_no_letter_left_there_is_no_code_to_guess(clock: FrozenClock, email: str) -> None:
    await ambassador()
    await use_up_letters(clock, email)
    asking = await ask(clock, email)
    row = await SignIn.objects().where(SignIn.browser_hash == rules.hash_of(asking)).first()
    assert row is not None
    assert not row.code_hash
    assert not row.token_hash
    for left in (4, 3, 2, 1, 0):
        with pytest.raises(Invalid) as refusal:
            await enter(clock, asking, "None")
        assert refusal.value.extra["tries_left"] == left
    with pytest.raises(TooMany, match="too_many_tries"):
        await enter(clock, asking, "None")


@pytest.mark.parametrize("email", ["", "nobody", "a@example.org\nBcc: b@example.org"])
async def test_what_is_no_address_is_refused(clock: FrozenClock, email: str) -> None:
    with pytest.raises(Invalid, match="bad_email"):
        await ask(clock, email)


# --- links ------------------------------------------------------------------------------------------------------------


async def test_looking_at_a_link_uses_nothing_up(clock: FrozenClock) -> None:
    await ambassador()
    asking = await ask(clock)
    letter = await newest(EMAIL)
    for _ in range(3):
        view = await access.look_at_link(token_in(letter), now=clock())
        assert (view.code, view.realm, view.account_email) == (code_in(letter), Realm.PASS, EMAIL)
    assert await enter(clock, asking, code_in(letter))


async def test_a_link_opens_any_browser_once_and_ends_its_code(clock: FrozenClock) -> None:
    await ambassador()
    asking = await ask(clock)
    letter = await newest(EMAIL)
    opened = await access.use_link(token_in(letter), now=clock())
    assert await access.session_actor(opened.token, opened.realm, now=clock())
    for again in (access.use_link, access.look_at_link):
        with pytest.raises(Gone, match="link_ended"):
            await again(token_in(letter), now=clock())
    with pytest.raises(Gone, match="code_ended"):
        await enter(clock, asking, code_in(letter))


async def test_a_link_and_a_code_used_by_many_at_once_open_one_session(clock: FrozenClock) -> None:
    account_id = await ambassador()
    link = await access.invite(account_id, Realm.PASS, now=clock())
    asking = await ask(clock)
    code = code_in(await newest(EMAIL))
    for way_in in (lambda: access.use_link(link, now=clock()), lambda: enter(clock, asking, code)):
        before = await Session.count()
        said = await asyncio.gather(*(way_in() for _ in range(4)), return_exceptions=True)
        assert sum(isinstance(one, Gone) for one in said) == 3
        assert await Session.count() == before + 1


async def test_letters_asked_for_at_once_keep_to_the_limit(clock: FrozenClock) -> None:
    await ambassador()
    await asyncio.gather(*(ask(clock) for _ in range(8)))
    assert len(await mail.letters()) == rules.LETTERS_PER_HOUR


async def test_an_unknown_a_used_and_a_late_link_look_the_same(clock: FrozenClock) -> None:
    await ambassador()
    await ask(clock)
    late = token_in(await newest(EMAIL))
    clock.advance(minutes=15)
    said = set()
    for token in ("made-up", late, "\ud800"):
        with pytest.raises(Gone) as refusal:
            await access.look_at_link(token, now=clock())
        said.add((refusal.value.code, refusal.value.detail))
    assert len(said) == 1


async def test_an_invitation_is_a_link_without_a_code_for_a_week(clock: FrozenClock) -> None:
    account_id = await ambassador()
    token = await access.invite(account_id, Realm.PASS, now=clock())
    clock.advance(days=6, hours=23)
    assert (await access.look_at_link(token, now=clock())).code is None
    clock.advance(hours=1)
    with pytest.raises(Gone, match="link_ended"):
        await access.use_link(token, now=clock())


# --- a code read out --------------------------------------------------------------------------------------------------


async def test_a_code_read_out_works_only_where_this_address_was_asked_for(clock: FrozenClock) -> None:
    account_id = await ambassador()
    code = await access.read_out(SYSTEM, account_id, now=clock())
    with pytest.raises(Gone, match="code_ended"):
        await enter(clock, None, code)
    other = await ask(clock, "other@example.org")
    with pytest.raises(Invalid, match="wrong_code"):
        await enter(clock, other, code)
    asking = await ask(clock)
    assert await enter(clock, asking, code)
    with pytest.raises(Gone, match="code_ended"):
        await enter(clock, asking, code)


async def test_a_code_read_out_works_after_a_stranger_used_the_letters_up(clock: FrozenClock) -> None:
    account_id = await ambassador()
    await use_up_letters(clock)
    asking = await ask(clock)
    code = await access.read_out(SYSTEM, account_id, now=clock())
    assert await enter(clock, asking, code)
    with pytest.raises(Gone, match="code_ended"):
        await enter(clock, asking, code)


async def test_a_code_read_out_ends_after_fifty_wrong_ones_in_all_browsers_together(clock: FrozenClock) -> None:
    account_id = await ambassador()
    code = await access.read_out(SYSTEM, account_id, now=clock())
    for _ in range(rules.READ_OUT_TRIES // rules.CODE_TRIES):
        guesser = await ask(clock)
        for _ in range(rules.CODE_TRIES):
            with pytest.raises(Invalid, match="wrong_code"):
                await enter(clock, guesser, wrong(code))
    asking = await ask(clock)
    with pytest.raises(Invalid, match="wrong_code"):
        await enter(clock, asking, code)
    assert await enter(clock, asking, await access.read_out(SYSTEM, account_id, now=clock()))


async def test_guesses_at_once_are_all_counted(clock: FrozenClock) -> None:
    account_id = await ambassador()
    code = await access.read_out(SYSTEM, account_id, now=clock())
    browsers = [await ask(clock) for _ in range(4)]
    guesses = [enter(clock, browser, wrong(code)) for browser in browsers]
    assert all(isinstance(said, Invalid) for said in await asyncio.gather(*guesses, return_exceptions=True))
    row = await SignIn.objects().where(SignIn.kind == "read_out").first()
    assert row is not None
    assert row.tries == len(browsers)


async def test_a_code_read_out_never_opens_the_desk(clock: FrozenClock) -> None:
    account_id = await officer()
    code = await access.read_out(SYSTEM, account_id, now=clock())
    asking = await ask(clock, "nora@example.org", Realm.DESK)
    with pytest.raises(Invalid, match="wrong_code"):
        await enter(clock, asking, code, Realm.DESK)


async def test_reading_out_again_ends_the_earlier_code_and_is_in_the_history(clock: FrozenClock) -> None:
    account_id = await ambassador()
    first = await access.read_out(SYSTEM, account_id, now=clock())
    second = await access.read_out(SYSTEM, account_id, now=clock())
    asking = await ask(clock)
    if first != second:
        with pytest.raises(Invalid, match="wrong_code"):
            await enter(clock, asking, first)
    assert await enter(clock, asking, second)
    assert [entry.action for entry in await history.entries_about(account_id)] == ["access.read_out"] * 2


async def test_nobody_reads_out_for_an_account_that_is_not_there(clock: FrozenClock) -> None:
    with pytest.raises(NotFound):
        await access.read_out(SYSTEM, UUID(int=1), now=clock())


# --- sessions ---------------------------------------------------------------------------------------------------------


async def open_session(clock: FrozenClock, account_id: UUID, realm: Realm) -> str:
    return (await access.use_link(await access.invite(account_id, realm, now=clock()), now=clock())).token


async def test_a_session_opens_one_door_only(clock: FrozenClock) -> None:
    account_id = await officer()
    await ambassador("nora@example.org")
    for realm, other, role in ((Realm.PASS, Realm.DESK, Role.AMBASSADOR), (Realm.DESK, Realm.PASS, Role.OFFICER)):
        token = await open_session(clock, account_id, realm)
        actor = await access.session_actor(token, realm, now=clock())
        assert actor is not None
        assert actor.roles == {role}
        assert await access.session_actor(token, other, now=clock()) is None


async def test_a_manager_brings_the_venues_of_each_grant(clock: FrozenClock) -> None:
    account_id = await manager("max@example.org", UUID(int=1))
    await manager("max@example.org", UUID(int=2))
    await manager("max@example.org", UUID(int=2))
    actor = await access.session_actor(await open_session(clock, account_id, Realm.DESK), Realm.DESK, now=clock())
    assert actor is not None
    assert actor.venue_ids == {UUID(int=1), UUID(int=2)}


async def test_who_loses_the_last_role_is_out_at_once(clock: FrozenClock) -> None:
    account_id = await officer()
    token = await open_session(clock, account_id, Realm.DESK)
    await access.withdraw(account_id, Role.OFFICER)
    assert await access.session_actor(token, Realm.DESK, now=clock()) is None


@pytest.mark.parametrize(("realm", "step", "n_steps"), [(Realm.PASS, 29, 5), (Realm.DESK, 0.4, 17)])
async def test_a_session_in_use_goes_on(clock: FrozenClock, realm: Realm, step: float, n_steps: int) -> None:
    account_id = await officer()
    await ambassador("nora@example.org")
    token = await open_session(clock, account_id, realm)
    for _ in range(n_steps):
        clock.advance(days=step)
        assert await access.session_actor(token, realm, now=clock())


@pytest.mark.parametrize(("realm", "idle"), [(Realm.PASS, {"days": 30}), (Realm.DESK, {"hours": 12})])
async def test_a_session_ends_when_it_is_not_used(clock: FrozenClock, realm: Realm, idle: dict[str, float]) -> None:
    account_id = await officer()
    await ambassador("nora@example.org")
    token = await open_session(clock, account_id, realm)
    clock.advance(**idle)
    assert await access.session_actor(token, realm, now=clock()) is None


async def test_the_desk_ends_after_a_week_even_in_daily_use(clock: FrozenClock) -> None:
    token = await open_session(clock, await officer(), Realm.DESK)
    for _ in range(27):
        clock.advance(hours=6)
        assert await access.session_actor(token, Realm.DESK, now=clock())
    clock.advance(hours=6)
    assert await access.session_actor(token, Realm.DESK, now=clock()) is None


async def test_signing_out_ends_this_session_alone(clock: FrozenClock) -> None:
    account_id = await ambassador()
    here, there = [await open_session(clock, account_id, Realm.PASS) for _ in range(2)]
    await access.end_session(here, now=clock())
    await access.end_session("made-up", now=clock())
    assert await access.session_actor(here, Realm.PASS, now=clock()) is None
    assert await access.session_actor(there, Realm.PASS, now=clock())
    await access.end_sessions_of(account_id, now=clock())
    assert await access.session_actor(there, Realm.PASS, now=clock()) is None


async def test_old_ways_in_and_sessions_are_forgotten(clock: FrozenClock) -> None:
    account_id = await ambassador()
    await ask(clock)
    await open_session(clock, account_id, Realm.PASS)
    clock.advance(days=61)
    await retention.run(now=clock())
    assert await SignIn.count() == 0
    assert await Session.count() == 0


async def test_what_strangers_asked_for_is_forgotten_when_it_counts_no_more(clock: FrozenClock) -> None:
    await ambassador()
    await use_up_letters(clock)
    await ask(clock)
    await use_up_letters(clock, "nobody@example.org")
    clock.advance(minutes=59)
    await access.clear_askings(now=clock())
    assert await SignIn.count() == 11
    clock.advance(minutes=1)
    await access.clear_askings(now=clock())
    assert await SignIn.count() == rules.LETTERS_PER_HOUR  # the letters that left


# --- accounts and roles -----------------------------------------------------------------------------------------------


async def test_one_address_is_one_account_in_every_spelling(clock: FrozenClock) -> None:
    first = await access.ensure_account("Zoé@example.org", now=clock())
    again = await access.ensure_account("ZOE\u0301@EXAMPLE.ORG", now=clock())
    assert first.id == again.id
    found = await access.account_of("zoé@example.org")
    assert found is not None
    assert found.email == "Zoé@example.org"


async def test_the_holders_of_a_role_are_listed(clock: FrozenClock) -> None:
    await officer("b@example.org")
    await officer("a@example.org")
    await manager("m@example.org", UUID(int=1))
    assert [row.email for row in await access.holders(Role.OFFICER)] == ["a@example.org", "b@example.org"]
    assert [row.email for row in await access.holders(Role.MANAGER, UUID(int=1))] == ["m@example.org"]
    assert await access.holders(Role.MANAGER, UUID(int=2)) == []
