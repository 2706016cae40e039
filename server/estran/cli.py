"""The administrator's command line: `estran --help`. Imports are inside the commands, so that help and start are quick."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from estran import __version__
from estran.settings import Settings, SettingsError, read_settings

if TYPE_CHECKING:
    from estran.doctor import Finding
    from estran.passes.keys import Issuer

T = TypeVar("T")
LINK_LIFETIME = timedelta(hours=1)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="estran")
def main() -> None:
    """The pass of a territory's ambassadors: server and administration.

    Settings come from ESTRAN_… environment variables (docs/settings.md). A first installation: estran migrate, then
    estran officer add EMAIL, then estran run. To try it without any setting: estran demo.
    """


def _settings() -> Settings:
    try:
        return read_settings()
    except SettingsError as error:
        raise click.UsageError(f"the environment is not complete: {error}") from error


class Refusal(click.ClickException):
    """One sentence for the administrator; exit status 2, as for wrong options."""

    exit_code = 2


def _run(act: Callable[[Settings, datetime], Awaitable[T]]) -> T:
    """`act` with the installation's database open; whatever is foreseen becomes one sentence and exit status 2."""
    import sqlite3

    import asyncpg

    from estran import db
    from estran.clock import system_clock
    from estran.errors import Problem

    settings = _settings()

    async def inside() -> T:
        try:
            db.bind(db.make_engine(settings.database))
            await db.open_engine()
        except (OSError, sqlite3.Error, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise Refusal(f"the database does not open: {error}") from error
        try:
            return await act(settings, system_clock())
        finally:
            await db.close_engine()

    try:
        return asyncio.run(inside())
    except Problem as problem:
        raise Refusal(problem.detail) from problem
    except (sqlite3.OperationalError, asyncpg.UndefinedTableError) as error:
        hint = ": run estran migrate first" if "no such table" in str(error) or "does not exist" in str(error) else ""
        raise Refusal(f"the database refuses ({error}){hint}") from error


def _issuer(settings: Settings) -> "Issuer":
    from estran.passes.keys import Issuer

    return Issuer(settings.origin, settings.data / "keys")


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, help="Port to listen on.")
def run(host: str, port: int) -> None:
    """Serve the club (one process: SQLite has one writer). The database must be migrated."""

    async def look(_: Settings, __: datetime) -> int:
        from estran import db

        return await db.pending()

    lacking = _run(look)
    if lacking:
        newer = "the database is newer than this program: install the newer version"
        raise Refusal(f"the database lacks {lacking} migrations: run estran migrate first" if lacking > 0 else newer)
    _serve(_settings(), host, port)


def _serve(settings: Settings, host: str, port: int) -> None:
    import socket

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Refusal(f"cannot listen on {host}:{port} ({error.strerror}): choose another --port") from error

    import uvicorn

    from estran import log
    from estran.app import create_app

    log.to_stderr(settings.log_level)
    uvicorn.run(
        create_app(settings),
        host=host,
        port=port,
        log_config=None,
        access_log=False,  # addresses and paths of people are personal data
        proxy_headers=True,
        forwarded_allow_ips=settings.trusted_proxies,
        server_header=False,
        date_header=True,
        timeout_graceful_shutdown=5,
    )


@main.command()
def migrate() -> None:
    """Bring the database to the newest form. Harmless when it already is."""

    async def act(_: Settings, __: datetime) -> int:
        from estran import db

        return await db.migrate(lambda room: click.echo(f"  {room}"))

    count = _run(act)
    click.echo(f"{count} migrations run." if count else "Nothing to do: the database is up to date.")


@main.command()
@click.option("--letter", metavar="ADDRESS", default="", help="Send a test letter there.")
@click.option("--time-from", metavar="URL", default="", help="Compare the clock with this web server's.")
@click.option("--json", "as_json", is_flag=True, help="The findings as JSON.")
def doctor(letter: str, time_from: str, as_json: bool) -> None:  # noqa: FBT001 - click's flag
    """Say in words what this installation still lacks. Exit status 1 when something is wrong; warnings are allowed."""
    from estran import doctor as surgery

    try:
        settings = read_settings()
    except SettingsError as error:
        fault = surgery.Finding(surgery.State.FAULT, str(error), "See docs/settings.md.")
        findings = {"settings": fault}
    else:
        place = surgery.Place(settings, _issuer(settings), letter_to=letter, time_from=time_from or surgery.TIME_FROM)
        findings = asyncio.run(surgery.examine(place))
    _show(findings, as_json=as_json)
    if any(one.state is surgery.State.FAULT for one in findings.values()):
        raise SystemExit(1)


def _show(findings: "dict[str, Finding]", *, as_json: bool) -> None:
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(findings))
        return
    for name, one in findings.items():
        click.echo(f"{one.state:<8} {name:<11} {one.said}")
        if one.remedy:
            click.echo(f"{'':<8} {'':<11} -> {one.remedy}")
    if any(one.remedy for one in findings.values()):
        click.echo("Each check is explained in docs/administrator.md.")


# --- officers ---------------------------------------------------------------------------------------------------------


@main.group()
def officer() -> None:
    """Who may enter the desk with all rights."""


@officer.command("add")
@click.argument("email")
def officer_add(email: str) -> None:
    """Make EMAIL an officer and print a link that opens the desk once, within an hour."""

    async def act(settings: Settings, now: datetime) -> str:
        from estran.access import service as access
        from estran.access.rules import Realm
        from estran.actor import SYSTEM, Role
        from estran.history import service as history

        account = await access.ensure_account(email, now=now)
        await access.grant(account.id, Role.OFFICER)
        await history.record(SYSTEM, "access.grant", "account", account.id, now=now, details={"role": "officer"})
        token = await access.invite(account.id, Realm.DESK, now=now, lifetime=LINK_LIFETIME)
        return f"{settings.origin}/sign-in/{token}"

    click.echo(_run(act))
    click.echo("opens the desk once, within an hour; afterwards sign in with this address", err=True)


@officer.command("list")
def officer_list() -> None:
    """The officers' addresses."""

    async def act(_: Settings, __: datetime) -> list[str]:
        from estran.access import service as access
        from estran.actor import Role

        return [account.email for account in await access.holders(Role.OFFICER)]

    for address in _run(act):
        click.echo(address)


@officer.command("remove")
@click.argument("email")
def officer_remove(email: str) -> None:
    """Take the officer's rights from EMAIL and end its sessions."""

    async def act(_: Settings, now: datetime) -> None:
        from estran.access import service as access
        from estran.actor import SYSTEM, Role
        from estran.errors import NotFound
        from estran.history import service as history

        account = await access.account_of(email)
        if account is None:
            raise NotFound("unknown_account", f"{email} is not known here")
        await access.withdraw(account.id, Role.OFFICER)
        await access.end_sessions_of(account.id, now=now)
        await history.record(SYSTEM, "access.withdraw", "account", account.id, now=now, details={"role": "officer"})

    _run(act)
    click.echo("Done.")


# --- keys -------------------------------------------------------------------------------------------------------------


@main.group()
def keys() -> None:
    """The keys that sign passes (docs/pass-format.md §7)."""


@keys.command("list")
def keys_list() -> None:
    """Published keys: kid, since when it signs, whether it signs now."""

    async def act(settings: Settings, now: datetime) -> list[str]:
        from estran.passes import keys as ring

        signing = await ring.current(_issuer(settings), now=now)
        lines = []
        for row in await ring.published(now=now):
            role = "signs now" if row.id == signing.id else "announced" if row.starts_at > now else "retired"
            lines.append(f"{row.kid}  {row.starts_at:%Y-%m-%d %H:%M} UTC  {role}")
        return lines

    for line in _run(act):
        click.echo(line)


@keys.command("rotate")
def keys_rotate() -> None:
    """Announce the next key. It is published at once and signs in 14 days by itself: nothing else to do."""

    async def act(settings: Settings, now: datetime) -> str:
        from estran.actor import SYSTEM
        from estran.passes import keys as ring

        row = await ring.announce(_issuer(settings), SYSTEM, now=now)
        return f"{row.kid} is published and will sign from {row.starts_at:%Y-%m-%d %H:%M} UTC on."

    click.echo(_run(act))


@keys.command("revoke", context_settings={"ignore_unknown_options": True})  # one kid in 64 begins with a dash
@click.argument("kid")
@click.option("--why", required=True, help="The reason, kept in the history.")
@click.confirmation_option(
    prompt="Every pass signed with this key stops being valid until its phone has network. Go on?"
)
def keys_revoke(kid: str, why: str) -> None:
    """Emergency: the key KID is compromised. It is no longer published, a new one signs at once, phones renew silently."""

    async def act(settings: Settings, now: datetime) -> str:
        from estran.actor import SYSTEM
        from estran.passes import keys as ring

        return (await ring.revoke(_issuer(settings), SYSTEM, kid, why, now=now)).kid

    click.echo(f"{kid} is revoked; {_run(act)} signs now.")


# --- mail -------------------------------------------------------------------------------------------------------------


@main.group()
def mail() -> None:
    """Letters."""


@mail.command("bounce")
def mail_bounce() -> None:
    """Read a returned letter (RFC 3464) on standard input and tell the officer's inbox. For a mail server's alias."""
    raw = sys.stdin.buffer.read()

    async def act(_: Settings, now: datetime) -> bool:
        from estran.mail.bounces import record_bounce

        return await record_bounce(raw, now)

    click.echo("Noted." if _run(act) else "Not a failure report of a letter sent from here.")


# --- personal data ----------------------------------------------------------------------------------------------------


@main.group()
def retention() -> None:
    """Keeping times of personal data: the server keeps them by itself, every hour."""


@retention.command("run")
def retention_run() -> None:
    """Delete or anonymise now what is due, and print how much of what went. Harmless at any time."""

    async def act(_: Settings, now: datetime) -> bool:
        from estran.privacy import retention as keeping

        await keeping.run(now=now, show=lambda period, n: click.echo(f"  {period:<12} {n:>6}"))
        return bool(await keeping.due(now=now))

    if _run(act):
        raise Refusal("something is due and did not go: see the log, and estran retention report")


@retention.command("report")
def retention_report() -> None:
    """What is due and has not gone: nothing, as long as the server runs. Exit status 1 when there is something."""

    async def act(_: Settings, now: datetime) -> list[str]:
        from estran.privacy import retention as keeping

        return [f"  {one.period:<12} {one.n:>6}" for one in await keeping.due(now=now)]

    if lines := _run(act):
        click.echo("Due, and not done:")
        for line in lines:
            click.echo(line)
        raise SystemExit(1)
    click.echo("Nothing is due.")


# --- backup -----------------------------------------------------------------------------------------------------------


@main.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--keep", type=click.IntRange(min=1), help="Then remove older backups of this folder beyond so many.")
def backup(folder: Path, keep: int | None) -> None:
    """Write the whole club with its keys into a dated file in FOLDER, while the server runs.

    It holds every name, and who has the keys can make passes: keep it encrypted, and away from this machine (docs/backup.md).
    """

    async def act(settings: Settings, now: datetime) -> tuple[Path, list[Path]]:
        from estran import backup as backups

        try:
            done = await backups.make(folder, settings.origin, settings.data / "keys", now=now, show=_row_count)
            return done, backups.prune(folder, keep, now=now) if keep else []
        except OSError as error:
            raise Refusal(f"{folder} cannot be written: {error.strerror or error}") from error

    done, gone = _run(act)
    for path in gone:
        click.echo(f"{path} is removed.")
    click.echo(f"{done} holds the club.")


@main.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
def restore(file: Path) -> None:
    """Put the club of FILE into this new installation, and say what to look at afterwards.

    FILE was made by estran backup, or is the archive from the desk. The database is a new one, of either kind.
    """

    async def act(settings: Settings, now: datetime) -> list[str]:
        from estran import backup as backups

        try:
            with file.open("rb") as source:
                done = await backups.put_back(source, settings.data / "keys", now=now, show=_row_count)
        except OSError as error:
            where = error.filename or settings.data
            raise Refusal(f"nothing was restored: {where}: {error.strerror or error}") from error
        said = [
            f"The club is here, as it was at {done.contents.made_at:%Y-%m-%d %H:%M} UTC; what came later is not.",
            f"The status list goes on with version {done.version}.",
        ]
        if done.contents.origin != settings.origin:
            said.append(
                f"Passes were made for {done.contents.origin}, this is {settings.origin}: "
                "everybody must put the pass on the phone anew."
            )
        if done.keys_missing:
            said.append(
                f"These signing keys are missing: {' '.join(done.keys_missing)}. Copy them to {settings.data / 'keys'}, "
                "or run estran keys revoke KID: phones then renew by themselves."
            )
        said += [*AFTER_RESTORE, f"Passes to recheck, as they are valid now ({len(done.to_recheck)}):"]
        said += [f"  {one.name:<32} since {one.issued_at:%Y-%m-%d}" for one in done.to_recheck]
        return [*said, "Next: estran run."]

    for line in _run(act):
        click.echo(line)


AFTER_RESTORE = (
    "What was done since then has to be done again (docs/backup.md); the officer's inbox says so, too:",
    "  - people who asked to be erased, or left: erase them again, first of all;",
    "  - passes revoked, people paused, signing keys revoked: again;",
    "  - scanners paired since: pair them again, what they still hold is kept; scanners cut since: cut them again;",
    "  - passes put on a phone since: the phone says that the office does not know it; sign in and put it there again;",
    "  - everybody signs in again; invitations under way are sent again.",
)


def _row_count(table: str, count: int) -> None:
    click.echo(f"  {table:<24} {count:>8}")


# --- demonstration ----------------------------------------------------------------------------------------------------


@main.command()
@click.option("--port", default=8000, show_default=True, help="Port of http://127.0.0.1.")
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    default=Path("var/demo"),
    show_default=True,
    help="Folder of the demonstration.",
)
@click.option("--reset", is_flag=True, help="Start afresh: delete the demonstration's data first.")
@click.option("--wipe", is_flag=True, help="Only delete the demonstration's data. Nothing else is ever deleted.")
def demo(port: int, data: Path, reset: bool, wipe: bool) -> None:  # noqa: FBT001 - click's flags
    """A club with fictional people and two seasons of visits, on this machine only. Again: the data is kept."""
    from estran.demo import service as demonstration
    from estran.demo.service import NotADemonstration

    for name in [name for name in os.environ if name.startswith("ESTRAN_")]:
        del os.environ[name]  # the demonstration never touches a real installation
    settings = demonstration.settings_for(data.absolute(), port)
    try:
        if reset or wipe:
            is_gone = demonstration.wipe(settings)
        if wipe:
            click.echo(f"{data} is gone." if is_gone else f"Nothing to delete: there is no {data}.")
            return
        lines = asyncio.run(demonstration.prepare(settings, show=lambda text: click.echo(text, nl=False)))
    except NotADemonstration as error:
        raise Refusal(str(error)) from error
    for line in lines:
        click.echo(line)
    _serve(settings, "127.0.0.1", port)


if __name__ == "__main__":
    main()
