"""Accounts and roles, letters and codes, sessions. Every secret leaves here once and is kept as a hash only."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from piccolo.columns.combination import Where

from estran.access import rules
from estran.access.rules import Kind, Realm
from estran.access.tables import Account, Grant, Session, SignIn
from estran.actor import Actor, Role
from estran.db import writes
from estran.errors import Gone, Invalid, NotFound, TooMany
from estran.history import service as history
from estran.mail import letters
from estran.mail import service as mail
from estran.mail.letters import Letterhead

TOKEN_BYTES = 32
ROLES_OF = {
    Realm.PASS: frozenset({Role.AMBASSADOR}),
    Realm.DESK: frozenset({Role.OFFICER, Role.MANAGER}),
}


@dataclass(frozen=True, slots=True)
class LinkView:
    """What the link's page may show. `code` is None where no browser asked (an invitation)."""

    code: str | None
    realm: Realm
    account_email: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a browser that asked for a letter is told: nothing of whether the address is known."""

    asking: str
    """The browser's secret, to be kept in its cookie."""
    is_withheld: bool
    """Several letters have left for this address within the hour: no new one does, but a code read out works here."""


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session's token, once, and the door it opens."""

    token: str
    realm: Realm


# --- accounts and roles -----------------------------------------------------------------------------------------------


@writes
async def ensure_account(email: str, *, now: datetime) -> Account:
    """The account of this address, made if there is none. Raises Invalid `bad_email`."""
    cleaned = _checked(email)
    folded = rules.fold_email(cleaned)
    account = await _account_of(folded)
    if account is None:
        account = Account(id=uuid4(), email=cleaned, email_folded=folded, created_at=now)
        await account.save()
    return account


async def account(account_id: UUID) -> Account:
    """That account; raises NotFound."""
    row = await Account.objects().where(Account.id == account_id).first()
    if row is None:
        raise NotFound("unknown_account", "no such account")
    return row


async def account_of(email: str) -> Account | None:
    """The account of this address, in any spelling, or None."""
    return await _account_of(rules.fold_email(email))


async def _account_of(folded: str) -> Account | None:
    return await Account.objects().where(Account.email_folded == folded).first()


@writes
async def grant(account_id: UUID, role: Role, scope_id: UUID | None = None) -> None:
    """Give a role, for an ambassador's or a venue's id where it has one. Given twice, it is held once."""
    if not await _grant_exists(account_id, role, scope_id):
        await Grant(id=uuid4(), account_id=account_id, role=role.value, scope_id=scope_id).save()


@writes
async def withdraw(account_id: UUID, role: Role, scope_id: UUID | None = None) -> None:
    """Take a role back. Open sessions lose it with their next request."""
    await Grant.delete().where(Grant.account_id == account_id, Grant.role == role.value, _same_scope(scope_id))


async def _grant_exists(account_id: UUID, role: Role, scope_id: UUID | None) -> bool:
    return await Grant.exists().where(Grant.account_id == account_id, Grant.role == role.value, _same_scope(scope_id))


def _same_scope(scope_id: UUID | None) -> Where:
    return Grant.scope_id.is_null() if scope_id is None else Grant.scope_id == scope_id


async def holders(role: Role, scope_id: UUID | None = None) -> list[Account]:
    """The accounts that hold this role (for this scope, when one is given), by address."""
    query = Grant.select(Grant.account_id).where(Grant.role == role.value)
    if scope_id is not None:
        query = query.where(Grant.scope_id == scope_id)
    ids = {row["account_id"] for row in await query}
    if not ids:
        return []
    return await Account.objects().where(Account.id.is_in(list(ids))).order_by(Account.email_folded)


async def _may_enter(account_id: UUID, realm: Realm) -> bool:
    roles = [role.value for role in ROLES_OF[realm]]
    return await Grant.exists().where(Grant.account_id == account_id, Grant.role.is_in(roles))


# --- asking for a letter, typing its code -----------------------------------------------------------------------------


@writes
async def ask_letter(email: str, realm: Realm, *, head: Letterhead, now: datetime, asking: str | None = None) -> Asked:
    """The browser has asked; a letter leaves if this address may enter by this door and had fewer than five in the hour.

    Beyond that the asking counts all the same: whoever used the letters up must not keep the reader from typing a code that
    the officer reads out. Unknown addresses get the same answer and cost the same work. `asking`: the secret the browser
    already holds; it is kept when it asked for the same address, so that the code of a first, slow letter still works.
    Raises Invalid `bad_email`.
    """
    cleaned = _checked(email)
    folded = rules.fold_email(cleaned)
    email_hash = rules.hash_of(folded)
    is_withheld = await _letters_of(email_hash, now) >= rules.LETTERS_PER_HOUR
    if asking is None or not await _asked_before(asking, email_hash, now):
        asking = secrets.token_urlsafe(TOKEN_BYTES)
    known = await _account_of(folded)
    account = known if known is not None and await _may_enter(known.id, realm) else None
    row = SignIn(
        id=uuid4(),
        kind=Kind.LETTER.value,
        realm=realm.value,
        account_id=None if account is None else account.id,
        email_hash=email_hash,
        browser_hash=rules.hash_of(asking),
        created_at=now,
        expires_at=now + rules.SIGN_IN_LIFETIME,
    )
    if not is_withheld:
        token = secrets.token_urlsafe(TOKEN_BYTES)
        code = rules.code_of(token)
        row.token_hash, row.code_hash = rules.hash_of(token), rules.code_hash(code, asking)
        await _write_letter(head, token, code, cleaned, account, now)
    await row.save()
    return Asked(asking, is_withheld)


async def _write_letter(
    head: Letterhead, token: str, code: str, email: str, account: Account | None, now: datetime
) -> None:
    minutes = rules.SIGN_IN_LIFETIME // timedelta(minutes=1)
    written = letters.sign_in(head, token=token, code=code, minutes=minutes)
    letter = await mail.post(
        written,
        email if account is None else account.email,
        now=now,
        subject_id=None if account is None else account.id,
        expires_at=now + rules.SIGN_IN_LIFETIME,
    )
    if account is None:  # same work, no letter: the row never leaves this transaction
        await letter.remove()


async def _letters_of(email_hash: str, now: datetime) -> int:
    """How many letters were asked for within the hour for this address, known or not; those withheld do not prolong it."""
    found = await SignIn.count().where(
        SignIn.email_hash == email_hash,
        SignIn.kind == Kind.LETTER.value,
        SignIn.token_hash.is_not_null(),
        SignIn.created_at > now - rules.LETTER_WINDOW,
    )
    return int(found)


async def _asked_before(asking: str, email_hash: str, now: datetime) -> bool:
    return await SignIn.exists().where(
        SignIn.browser_hash == rules.hash_of(asking),
        SignIn.email_hash == email_hash,
        SignIn.kind == Kind.LETTER.value,
        SignIn.expires_at > now,
    )


async def enter_code(asking: str | None, code: str, *, realm: Realm, now: datetime) -> str:
    """A session's token, for the six digits of a letter or of the officer's voice, in the browser that asked.

    Raises Gone `code_ended` (nothing asked here, too late, or used), TooMany `too_many_tries`, Invalid `wrong_code`.
    """
    # The count of tries must survive the refusal, so the refusal is raised outside the transaction.
    outcome = await _try_code(asking or "", rules.clean_code(code), realm, now)
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


@writes
async def _try_code(asking: str, code: str, realm: Realm, now: datetime) -> str | Gone | Invalid | TooMany:
    asked = (
        await SignIn.objects()
        .where(
            SignIn.browser_hash == rules.hash_of(asking),
            SignIn.kind == Kind.LETTER.value,
            SignIn.realm == realm.value,
            SignIn.used_at.is_null(),
            SignIn.expires_at > now,
        )
        .order_by(SignIn.created_at, ascending=False)
    )
    if not asked:
        return Gone("code_ended", "ask for a new letter: this code is over, or was asked for in another browser")
    open_ = [row for row in asked if row.tries < rules.CODE_TRIES]
    if not open_:
        return TooMany("too_many_tries", "ask for a new letter: this code was typed wrongly too often")
    spoken = await _read_out_for(open_[0].email_hash, realm, now)
    tries = [(row, rules.code_hash(code, asking)) for row in open_ if row.code_hash is not None]
    tries += [(row, rules.code_hash(code, str(row.email_hash))) for row in spoken]
    for row, given in tries:
        if row.account_id is not None and secrets.compare_digest(given, str(row.code_hash)):
            ended = {row.id, *(other.id for other in asked if other.email_hash == row.email_hash)}
            await SignIn.update({SignIn.used_at: now}).where(SignIn.id.is_in(list(ended)))
            return await _open_session(row.account_id, realm, now)
    for row in [*open_, *spoken]:
        row.tries += 1
        await row.save()
    left = max(rules.CODE_TRIES - row.tries for row in open_)
    return Invalid("wrong_code", "look at the newest letter: the code has six digits", tries_left=left)


async def _read_out_for(email_hash: str | None, realm: Realm, now: datetime) -> list[SignIn]:
    return await SignIn.objects().where(
        SignIn.email_hash == email_hash,
        SignIn.kind == Kind.READ_OUT.value,
        SignIn.realm == realm.value,
        SignIn.tries < rules.READ_OUT_TRIES,
        SignIn.used_at.is_null(),
        SignIn.expires_at > now,
    )


@writes
async def read_out(actor: Actor, account_id: UUID, *, now: datetime) -> str:
    """Six digits that the officer reads out to somebody who cannot find the letter; 15 minutes, once, 50 wrong codes.

    They open the pass, never the desk, and only in a browser that asked for this person's address. An earlier one ends.
    """
    row = await account(account_id)
    email_hash = rules.hash_of(row.email_folded)
    code = f"{secrets.randbelow(10**rules.CODE_DIGITS):0{rules.CODE_DIGITS}d}"
    await SignIn.update({SignIn.used_at: now}).where(
        SignIn.email_hash == email_hash, SignIn.kind == Kind.READ_OUT.value, SignIn.used_at.is_null()
    )
    await SignIn(
        id=uuid4(),
        kind=Kind.READ_OUT.value,
        realm=Realm.PASS.value,
        account_id=row.id,
        email_hash=email_hash,
        code_hash=rules.code_hash(code, email_hash),
        created_at=now,
        expires_at=now + rules.SIGN_IN_LIFETIME,
    ).save()
    await history.record(actor, "access.read_out", "account", row.id, now=now)
    return code


# --- links ------------------------------------------------------------------------------------------------------------


@writes
async def invite(
    account_id: UUID, realm: str, *, now: datetime, lifetime: timedelta = rules.INVITATION_LIFETIME
) -> str:
    """The token of a link that opens a session once, in any browser. The caller sends or prints it."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    await SignIn(
        id=uuid4(),
        kind=Kind.INVITATION.value,
        realm=Realm(realm).value,
        account_id=account_id,
        token_hash=rules.hash_of(token),
        created_at=now,
        expires_at=now + lifetime,
    ).save()
    return token


async def look_at_link(token: str, *, now: datetime) -> LinkView:
    """What the link's page shows. Nothing is used up: mail scanners and previews do no harm. Raises Gone `link_ended`."""
    row, account_id = await _open_link(token, now)
    email = (await account(account_id)).email
    code = rules.code_of(token) if row.kind == Kind.LETTER.value and row.tries < rules.CODE_TRIES else None
    return LinkView(code=code, realm=Realm(row.realm), account_email=email)


@writes
async def use_link(token: str, *, now: datetime) -> NewSession:
    """A session for whoever pressed the button on the link's page; the link and its code end. Raises Gone `link_ended`."""
    row, account_id = await _open_link(token, now)
    row.used_at = now
    await row.save()
    realm = Realm(row.realm)
    return NewSession(await _open_session(account_id, realm, now), realm)


async def _open_link(token: str, now: datetime) -> tuple[SignIn, UUID]:
    row = await SignIn.objects().where(SignIn.token_hash == rules.hash_of(token)).first()
    # One answer for unknown, used and late links: nothing to learn by trying.
    if row is None or row.account_id is None or row.used_at is not None or row.expires_at <= now:
        raise Gone("link_ended", "this link was used, or is too old: ask for a new letter")
    return row, row.account_id


# --- sessions ---------------------------------------------------------------------------------------------------------


async def _open_session(account_id: UUID, realm: Realm, now: datetime) -> str:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    await Session(
        id=uuid4(),
        token_hash=rules.hash_of(token),
        account_id=account_id,
        realm=realm.value,
        created_at=now,
        seen_at=now,
        expires_at=rules.session_end(realm, begun=now, now=now),
    ).save()
    await Account.update({Account.seen_at: now}).where(Account.id == account_id)
    return token


async def session_actor(token: str, realm: Realm, *, now: datetime) -> Actor | None:
    """Who holds this session, with the roles of its door as they are now; None when it is unknown, ended or roleless."""
    row = (
        await Session.objects()
        .where(Session.token_hash == rules.hash_of(token), Session.realm == realm.value, Session.ended_at.is_null())
        .first()
    )
    if row is None or row.expires_at <= now:
        return None
    if now - row.seen_at >= rules.SEEN_EVERY:
        await _prolong(row, realm, now)
    return await _actor(row.account_id, realm)


@writes
async def _prolong(row: Session, realm: Realm, now: datetime) -> None:
    until = rules.session_end(realm, begun=row.created_at, now=now)
    await Session.update({Session.seen_at: now, Session.expires_at: until}).where(Session.id == row.id)
    await Account.update({Account.seen_at: now}).where(Account.id == row.account_id)


async def _actor(account_id: UUID, realm: Realm) -> Actor | None:
    grants = [
        grant for grant in await Grant.objects().where(Grant.account_id == account_id) if grant.role in ROLES_OF[realm]
    ]
    if not grants:
        return None
    return Actor(
        kind="account",
        id=account_id,
        roles=frozenset(Role(grant.role) for grant in grants),
        venue_ids=frozenset(grant.scope_id for grant in grants if grant.role == Role.MANAGER and grant.scope_id),
        ambassador_id=next((grant.scope_id for grant in grants if grant.role == Role.AMBASSADOR), None),
    )


@writes
async def end_session(token: str, *, now: datetime) -> None:
    """Sign out; an unknown or ended session changes nothing."""
    await Session.update({Session.ended_at: now}).where(
        Session.token_hash == rules.hash_of(token), Session.ended_at.is_null()
    )


@writes
async def end_sessions_of(account_id: UUID, *, now: datetime) -> None:
    """Sign this account out everywhere."""
    await Session.update({Session.ended_at: now}).where(Session.account_id == account_id, Session.ended_at.is_null())


@writes
async def nobody(*, now: datetime) -> Account:
    """An account without an address, which nobody can enter: what an erased person's row points at."""
    account_id = uuid4()
    row = Account(id=account_id, email="", email_folded=f"erased:{account_id}", created_at=now)
    await row.save()
    return row


@writes
async def forget(account_id: UUID, ambassador_id: UUID) -> bool:
    """This account is no ambassador's any more, its ways in and sessions of the pass are gone; without another role, so is it.

    True when the account is gone. The ambassador's row must no longer point at it.
    """
    row = await account(account_id)
    await withdraw(account_id, Role.AMBASSADOR, ambassador_id)
    realm = Realm.PASS.value
    email_hash = rules.hash_of(row.email_folded)
    await SignIn.delete().where(
        SignIn.realm == realm, (SignIn.account_id == account_id) | (SignIn.email_hash == email_hash)
    )
    await Session.delete().where(Session.account_id == account_id, Session.realm == realm)
    return await remove_idle(account_id)


@writes
async def remove_idle(account_id: UUID) -> bool:
    """Delete this account, its ways in and its sessions, if no role hangs on it any more; True when it is gone."""
    if await Grant.exists().where(Grant.account_id == account_id):
        return False
    row = await account(account_id)
    await SignIn.delete().where(SignIn.email_hash == rules.hash_of(row.email_folded))
    await row.remove()  # with it what else was its own
    return True


async def sessions_of(account_id: UUID) -> list[Session]:
    """Every session of this account that is still known, newest first."""
    query = Session.objects().where(Session.account_id == account_id)
    return await query.order_by(Session.created_at, ascending=False)


@writes
async def clear_askings(*, now: datetime) -> None:
    """Forget the askings that could open nothing and count no more: anybody may ask, without end, for any address."""
    await SignIn.delete().where(
        SignIn.kind == Kind.LETTER.value,
        SignIn.account_id.is_null() | SignIn.token_hash.is_null(),
        SignIn.created_at <= now - rules.LETTER_WINDOW,
    )


def _checked(email: str) -> str:
    cleaned = rules.clean_email(email)
    if not rules.is_email(cleaned):
        raise Invalid("bad_email", "an e-mail address looks like name@example.org", fields=["email"])
    return cleaned
