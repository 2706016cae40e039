"""What the server tells its administrator: one line of key=value pairs per event on standard error, and nothing about anybody.

Our own events bring counts, types and places. What others log may quote anything (asyncio prints the arguments of a failed
call, exceptions quote values): of them only who spoke, the type and the place are kept, of uvicorn the constant text too.
"""

import json
import logging
import os
import re
import sys
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime

_PLAIN = re.compile(r"[\w.:/<>+-]+", re.ASCII)
FRAMES = 8
GRAVITY = {
    logging.CRITICAL: "<2>",
    logging.ERROR: "<3>",
    logging.WARNING: "<4>",
    logging.INFO: "<6>",
    logging.DEBUG: "<7>",
}
TEXT_MAX = 120


class Event:
    """Something that happened, for `log.info(Event("letters_sent", sent=3))`. The values never lead to a person."""

    def __init__(self, name: str, /, **values: object) -> None:
        self.name = name
        self.values = values

    def __str__(self) -> str:
        return _pairs({"event": self.name, **self.values})


def broke(name: str, error: BaseException, /, **values: object) -> Event:
    """The event of an exception: its type and place; its message might hold somebody's data."""
    return Event(name, **values, type=type(error).__name__, place=place_of(error))


def place_of(error: BaseException) -> str:
    """Where it was raised, innermost first: `service.py:12 < pages.py:40`."""
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    return " < ".join(f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in reversed(frames))


def to_stderr(level: str) -> None:
    """Have this process log in this form, from `level` on. For the server's own process."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Line(for_journal="JOURNAL_STREAM" in os.environ))
    logging.root.handlers[:] = [handler]
    logging.getLogger("estran").setLevel(level.upper())
    # Of others only what goes wrong: their good news would come without words.
    logging.root.setLevel(max(logging.WARNING, logging.getLevelName(level.upper())))


class Line(logging.Formatter):
    """A record as one line; systemd's journal is told how grave it is (sd-daemon(3)), for `journalctl -p warning`."""

    def __init__(self, *, for_journal: bool = False) -> None:
        super().__init__()
        self._for_journal = for_journal

    def format(self, record: logging.LogRecord) -> str:
        """`at=… level=… from=… event=… …`."""
        values: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "level": record.levelname.lower(),
            "from": record.name,
        }
        if isinstance(record.msg, Event):
            values |= {"event": record.msg.name, **record.msg.values}
        else:
            values["event"] = "foreign"
            if record.name.startswith("uvicorn") and isinstance(record.msg, str):
                values["text"] = record.msg.strip().partition("\n")[0][:TEXT_MAX]  # the text before its values
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            values |= {"type": type(error).__name__, "place": place_of(error)}
        gravity = GRAVITY.get(record.levelno, "") if self._for_journal else ""
        return gravity + _pairs(values)


def _pairs(values: Mapping[str, object]) -> str:
    return " ".join(f"{name}={_quoted(str(value))}" for name, value in values.items())


def _quoted(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)
