"""Reads a delivery report (RFC 3464) that came back for a letter of ours: `estran mail bounce < message`."""

import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import Message

from estran.mail import service

BOUNCE_MAX_BYTES = 1024 * 1024
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_MESSAGE_ID = re.compile(rb"^message-id:\s*(<[^<>\s]{1,200}>)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a report says of one letter."""

    message_id: str
    status: str
    """An enhanced status code (RFC 3463) such as 5.1.1; `5.0.0` when the report gives none."""


def read(raw: bytes) -> Bounce | None:
    """The final failure this report announces; None for delays, successes and anything that is no report of a letter."""
    message = email.message_from_bytes(raw[:BOUNCE_MAX_BYTES], policy=email.policy.compat32)
    if message.get_content_type() != "multipart/report":
        return None
    failed, status = False, "5.0.0"
    message_id = None
    for part in message.walk():
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            for block in _blocks(part):
                if str(block.get("action", "")).strip().lower() == "failed":
                    failed = True
                    found = _STATUS.search(str(block.get("status", "")))
                    status = found.group() if found else status
        elif kind in {"message/rfc822", "text/rfc822-headers", "message/rfc822-headers"}:
            message_id = message_id or _original_id(part)
    return Bounce(message_id, status) if failed and message_id else None


async def record_bounce(raw: bytes, now: datetime) -> bool:
    """Mark the letter as bounced and tell the officer; False when the report is about no letter of ours, or no failure."""
    bounce = read(raw)
    letter = await service.by_message_id(bounce.message_id) if bounce else None
    if bounce is None or letter is None:
        return False
    await service.mark_failed(letter.id, bounce.status, now=now, bounced=True)
    return True


def _blocks(part: Message) -> Iterator[Message]:
    """The groups of fields of a delivery-status: email's parser makes a message of each."""
    payload = part.get_payload()
    if isinstance(payload, list):
        yield from (block for block in payload if isinstance(block, Message))


def _original_id(part: Message) -> str | None:
    """The Message-ID of the letter that is sent back, whole or headers only."""
    payload = part.get_payload()
    if isinstance(payload, list):
        inner = payload[0] if payload else None
        value = inner.get("message-id") if isinstance(inner, Message) else None
        return str(value).strip() if value else None
    raw = part.get_payload(decode=True)
    found = _MESSAGE_ID.search(raw) if isinstance(raw, bytes) else None
    return found.group(1).decode("ascii", "replace") if found else None
