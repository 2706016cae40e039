"""Accounts, grants, sign-ins and sessions. Secrets are stored as SHA-256 hashes only."""

from piccolo.columns import UUID, ForeignKey, Integer, OnDelete, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table


class Account(Table, tablename="access_account"):
    """One e-mail address that may sign in."""

    id = UUID(primary_key=True, default=UUID4())
    email = Varchar(length=254, default=None, null=False)
    email_folded = Varchar(length=254, default=None, null=False, unique=True)
    created_at = Timestamptz(default=None, null=False)
    seen_at = Timestamptz(default=None, null=True)


class Grant(Table, tablename="access_grant"):
    """A role of an account; `scope_id` is the ambassador or the venue it is for. Unique over the three (own migration)."""

    id = UUID(primary_key=True, default=UUID4())
    account_id = ForeignKey(Account, null=False, default=None, on_delete=OnDelete.cascade, db_column_name="account_id")
    role = Varchar(length=16, default=None, null=False)
    scope_id = UUID(default=None, null=True)


class SignIn(Table, tablename="access_sign_in"):
    """One way in, used once: a letter, an invitation, a code read out by the officer, or a link of the command line."""

    id = UUID(primary_key=True, default=UUID4())
    kind = Varchar(length=16, default=None, null=False)  #: letter, invitation, read_out, command
    realm = Varchar(length=8, default=None, null=False)  #: pass, desk
    account_id = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.cascade, db_column_name="account_id")
    email_hash = Varchar(length=64, default=None, null=True, index=True)  #: for the limit per address, known or not
    browser_hash = Varchar(length=64, default=None, null=True, index=True)  #: the browser that asked
    token_hash = Varchar(length=64, default=None, null=True, unique=True)
    code_hash = Varchar(length=64, default=None, null=True)
    tries = Integer(default=0, null=False)
    created_at = Timestamptz(default=None, null=False)
    expires_at = Timestamptz(default=None, null=False)
    used_at = Timestamptz(default=None, null=True)


class Session(Table, tablename="access_session"):
    """An open door: pass (ambassador's app) or desk (officer, manager)."""

    id = UUID(primary_key=True, default=UUID4())
    token_hash = Varchar(length=64, default=None, null=False, unique=True)
    account_id = ForeignKey(Account, null=False, default=None, on_delete=OnDelete.cascade, db_column_name="account_id")
    realm = Varchar(length=8, default=None, null=False)
    created_at = Timestamptz(default=None, null=False)
    seen_at = Timestamptz(default=None, null=False)
    expires_at = Timestamptz(default=None, null=False)
    ended_at = Timestamptz(default=None, null=True)
