"""Delivery reports (RFC 3464), as mail servers write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estran.inbox import service as inbox
from estran.mail import bounces
from estran.mail import service as mail
from estran.mail.tables import Letter
from tests.conftest import FrozenClock

pytestmark = pytest.mark.anyio

# The shape of a Postfix report; `{returned}` is what it sends back of the letter.
REPORT = """\
From: MAILER-DAEMON@mx.example.org (Mail Delivery System)
To: pass@example.org
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.example.org.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org
Arrival-Date: Mon, 15 Jun 2026 10:00:00 +0000 (UTC)

Final-Recipient: rfc822; camille@example.org
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 no such user

--b1
Content-Type: {kind}

{returned}
--b1--
"""
HEADERS = """\
Received: from pass.example.org
From: Club <pass@example.org>
To: camille@example.org
Message-ID: <{message_id}@example.org>
Subject: Votre code
"""
WHOLE = HEADERS + "\nBonjour\n"
KINDS = [("message/rfc822", WHOLE), ("text/rfc822-headers", HEADERS)]


def report(message_id: str, *, action: str = "failed", status: str = "5.1.1", kind: str, returned: str) -> bytes:
    text = REPORT.format(action=action, status=status, kind=kind, returned=returned.format(message_id=message_id))
    return text.encode()


async def sent(clock: FrozenClock) -> Letter:
    letter = await mail.write("invitation", "camille@example.org", "x", "x", "x", now=clock())
    await mail.mark_sent(letter.id, now=clock(), keep_body=False)
    return letter


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(("kind", "returned"), KINDS, ids=["whole", "headers"])
async def test_a_bounce_marks_its_letter_and_reaches_the_officer(clock: FrozenClock, kind: str, returned: str) -> None:
    letter = await sent(clock)
    raw = report(letter.message_id, kind=kind, returned=returned)
    clock.advance(hours=1)
    assert await bounces.record_bounce(raw, clock())
    assert await bounces.record_bounce(raw.replace(b"\n", b"\r\n"), clock())
    kept = await mail.letter(letter.id)
    assert (kept.failed_at, kept.error) == (clock(), "5.1.1")
    [item] = await inbox.open_items()
    assert (item.kind, item.details["letter"]) == ("letter_bounced", str(letter.id))
    assert "camille" not in str(item)


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", ""])
async def test_a_delay_or_a_success_is_no_bounce(clock: FrozenClock, action: str) -> None:
    letter = await sent(clock)
    raw = report(letter.message_id, action=action, status="4.4.1", kind=KINDS[0][0], returned=KINDS[0][1])
    assert not await bounces.record_bounce(raw, clock())
    assert (await mail.letter(letter.id)).failed_at is None


@pytest.mark.usefixtures("engine")
async def test_a_report_about_somebody_elses_letter_changes_nothing(clock: FrozenClock) -> None:
    await sent(clock)
    assert not await bounces.record_bounce(report("made-up", kind=KINDS[0][0], returned=KINDS[0][1]), clock())
    assert await inbox.count_open() == 0


@pytest.mark.parametrize(
    "raw", [b"", b"Subject: hello\n\nno report", b"\xff\x00\r\n" * 9], ids=["empty", "plain", "noise"]
)
def test_what_is_no_report_is_nothing(raw: bytes) -> None:
    assert bounces.read(raw) is None


@given(st.binary(max_size=400), st.integers(0, 900))
def test_a_damaged_report_never_breaks_the_reader(noise: bytes, at: int) -> None:
    raw = report("estran.x", kind=KINDS[0][0], returned=KINDS[0][1])
    bounces.read(raw[:at] + noise + raw[at:])
