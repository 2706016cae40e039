"""Deployment settings, read once from the environment; docs/settings.md lists them all.

House rules that the officer may change (club's name, zone, limits) are not here: they live in `club.tables.House`.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit

PREFIX = "ESTRAN_"
YES, NO = {"1", "true", "yes"}, {"", "0", "false", "no"}
LOG_LEVELS = ("critical", "error", "warning", "info", "debug")


class SettingsError(Exception):
    """The environment cannot be used; the message names every fault at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What one installation is told from outside. Field `x_y` is read from ESTRAN_X_Y or from the file ESTRAN_X_Y_FILE."""

    origin: str
    """Public origin, scheme and port included, no trailing slash; the pass's `iss`."""
    data: Path
    """Folder of keys (0700) and, with SQLite, of the database."""
    database: str
    """`sqlite:///path` or `postgresql://user:password@host/name`."""
    mail: str
    """`smtp://`, `smtps://` or `smtp+starttls://user:password@host:port`; `mailbox:` in the demo only."""
    mail_from: str
    """Sender of the letters, also where bounces go."""
    demo: bool = False
    """Fictional data, mailbox page, every page marked. Never with real people."""
    trusted_proxies: str = "127.0.0.1"
    """Addresses whose X-Forwarded-For is believed (uvicorn's syntax)."""
    log_level: str = "info"

    @property
    def is_https(self) -> bool:
        """Whether cookies may be Secure and HSTS be sent."""
        return self.origin.startswith("https://")


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process; raises SettingsError naming every missing, unknown or malformed value."""
    values, faults = _read_values(os.environ if environ is None else environ)
    demo = values.get("demo", "").lower() in YES
    origin = values.get("origin", "").rstrip("/")
    data = Path(values.get("data", ""))
    database = values.get("database") or f"sqlite:///{data}/estran.sqlite"
    mail = values.get("mail", "")
    mail_from = values.get("mail_from", "")
    log_level = values.get("log_level", "info").lower()
    faults += _origin_faults(origin)
    faults += _mail_faults(mail, demo=demo)
    if values.get("demo", "").lower() not in YES | NO:
        faults.append("ESTRAN_DEMO must be 1 or 0")
    if "data" not in values:
        faults.append("ESTRAN_DATA is missing: the folder for keys and database")
    if not database.startswith(("sqlite:///", "postgresql://")) or not _is_address(database):
        faults.append(
            "ESTRAN_DATABASE must start with sqlite:/// or postgresql://, its password without signs such as @ : /"
        )
    if "@" not in mail_from:
        faults.append("ESTRAN_MAIL_FROM is missing: the address the letters come from")
    if log_level not in LOG_LEVELS:
        faults.append(f"ESTRAN_LOG_LEVEL must be one of {', '.join(LOG_LEVELS)}")
    if faults:
        raise SettingsError("; ".join(faults))
    return Settings(
        origin=origin,
        data=data,
        database=database,
        mail=mail,
        mail_from=mail_from,
        demo=demo,
        trusted_proxies=values.get("trusted_proxies", "127.0.0.1"),
        log_level=log_level,
    )


def _read_values(environ: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The text of each setting by field name, from variables and files, and what cannot be read or is unknown."""
    names = {field.name for field in fields(Settings)}
    values: dict[str, str] = {}
    faults: list[str] = []
    for key, raw in environ.items():
        if not key.startswith(PREFIX):
            continue
        name = key.removeprefix(PREFIX).lower()
        if name in names:
            values[name] = raw
        elif name.endswith("_file") and name.removesuffix("_file") in names:
            try:
                values[name.removesuffix("_file")] = Path(raw).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                faults.append(f"{key}: cannot read {raw} ({getattr(error, 'strerror', None) or 'not UTF-8'})")
        elif name != "chromium":  # the browser of the tests
            faults.append(f"{key}: unknown setting, see docs/settings.md")
    return values, faults


def _mail_faults(mail: str, *, demo: bool) -> list[str]:
    if mail.startswith("mailbox:") and not demo:
        return ["ESTRAN_MAIL=mailbox: shows every letter on a page: only with ESTRAN_DEMO=1"]
    if not mail.startswith(("smtp://", "smtps://", "smtp+starttls://", "mailbox:")) or not _is_address(mail):
        return ["ESTRAN_MAIL is missing or malformed: smtp://, smtps:// or smtp+starttls://user:password@host:port"]
    return []


def _origin_faults(origin: str) -> list[str]:
    if not origin:
        return ["ESTRAN_ORIGIN is missing: the public address, such as https://pass.example.org"]
    if not _is_address(origin):
        return ["ESTRAN_ORIGIN must be scheme, host and port only"]
    parts = urlsplit(origin)
    if parts.path or parts.query or parts.fragment or not parts.hostname or "@" in parts.netloc:
        return ["ESTRAN_ORIGIN must be scheme, host and port only"]
    if parts.scheme == "http" and parts.hostname not in {"localhost", "127.0.0.1"}:
        return ["ESTRAN_ORIGIN must be https: phones refuse camera and keys otherwise (http only for localhost)"]
    if parts.scheme not in {"http", "https"}:
        return ["ESTRAN_ORIGIN must start with https://"]
    # The origin goes into JWT text by template, unescaped (docs/pass-format.md §3).
    if not origin.isascii() or not set(origin) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-:/[]"):
        return ["ESTRAN_ORIGIN must be lower-case ASCII (write an international name as xn--…)"]
    return []


def _is_address(text: str) -> bool:
    """Whether host and port can be told apart; the fault itself would quote passwords."""
    try:
        urlsplit(text).port  # noqa: B018 - raises what makes the answer
    except ValueError:
        return False
    return True
