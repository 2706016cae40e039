"""The task that empties the outbox: one letter at a time, SMTP in a thread, so that no request ever waits for mail.

A letter is postponed *before* it is tried: if the process dies in between, it is tried again later, never lost and never in
a tight loop. It may then arrive twice; that is the safe side.
"""

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from email.utils import parseaddr
from types import TracebackType
from typing import Self

from anyio import to_thread

from estran.clock import Clock
from estran.log import Event, broke
from estran.mail import rules, service, transport
from estran.mail.tables import Letter
from estran.mail.transport import Draft, Failure, NotSent
from estran.settings import Settings

log = logging.getLogger("estran.mail")

LOOK_EVERY_S = 15.0
AFTER_TROUBLE_S = 60.0
# To the task's own mailbox instead of a server: the demo.
MAILBOX = "mailbox:"


class Sender:
    """Runs from entry to exit of `async with`; looks at the outbox when a letter was written, and every 15 s."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        club_name: Callable[[], Awaitable[str]],
        daytime: Callable[[datetime], Awaitable[datetime]],
    ) -> None:
        """`daytime`: that instant by day, the next morning by night."""
        self._url = settings.mail
        self._from = settings.mail_from
        self._keep_body = settings.demo
        self._clock = clock
        self._club_name = club_name
        self._daytime = daytime
        self._bell = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._unhear: Callable[[], None] = lambda: None

    async def __aenter__(self) -> Self:
        self._unhear = service.hear(self._bell.set)
        self._task = asyncio.create_task(self._run(), name="estran mail sender")
        return self

    async def __aexit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._unhear()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            self._bell.clear()
            try:
                await self.send_due()
            except Exception as error:  # noqa: BLE001 - the task must outlive a database that is away for a moment
                log.error(broke("outbox_unreadable", error))  # noqa: TRY400 - no values in logs
            # Not wait_for: Python 3.11's forgets a cancellation that comes with the bell, and the server never stops.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._bell.wait()

    async def send_due(self) -> int:
        """How many letters left now. Stops at the first sign that the server takes none."""
        n_sent = 0
        failed: Counter[str] = Counter()
        for letter in await self._due():
            try:
                await self._send(letter)
                n_sent += 1
            except NotSent as error:
                failed[error.failure] += 1
                if error.failure is Failure.SERVER:
                    await self._put_off_others()
                    break
        if n_sent or failed:
            log.log(
                logging.WARNING if failed else logging.INFO,
                Event(
                    "letters",
                    sent=n_sent,
                    refused=failed[Failure.LETTER],
                    put_off=failed[Failure.LATER],
                    server_away=failed[Failure.SERVER],
                ),
            )
        return n_sent

    async def _due(self) -> list[Letter]:
        """What may leave now."""
        now = self._clock()
        letters = await service.due(now)
        if any(letter.kind in rules.BY_DAY for letter in letters) and (morning := await self._daytime(now)) > now:
            await service.keep_for(morning, rules.BY_DAY, now=now)
            return await service.due(now)
        return letters

    async def _send(self, letter: Letter) -> None:
        now = self._clock()
        if letter.expires_at is not None and letter.expires_at <= now:
            trouble = letter.error if letter.error != service.FOR_THE_MORNING else None
            await service.mark_failed(letter.id, trouble or "too late to be of use", now=now)
            raise NotSent(Failure.LETTER, "expired")
        tries = letter.tries + 1
        again = rules.next_try(created_at=letter.created_at, expires_at=letter.expires_at, tries=tries, now=now)
        if not await service.postpone(letter.id, until=again or now + rules.LONGEST_WAIT, tries=tries):
            raise NotSent(Failure.LETTER, "gone")  # whom it was for has been erased meanwhile
        try:
            await self._hand_over(letter)
        except NotSent as error:
            if error.failure is Failure.LETTER or again is None:
                await service.mark_failed(letter.id, error.error, now=now)
            else:
                await service.note_error(letter.id, error.error)
            raise
        await service.mark_sent(letter.id, now=self._clock(), keep_body=self._keep_body)

    async def _hand_over(self, letter: Letter) -> None:
        if self._url.startswith(MAILBOX):
            return
        draft = Draft(
            message_id=letter.message_id,
            to_email=letter.to_email,
            subject=letter.subject,
            text=letter.text,
            html=letter.html,
            written_at=letter.created_at,
            calendar=letter.calendar,
            unsubscribe=letter.unsubscribe,
        )
        message = transport.build(draft, mail_from=self._from, club_name=await self._club_name())
        sender = parseaddr(self._from)[1]
        await to_thread.run_sync(
            lambda: transport.send(self._url, message, sender=sender, recipient=letter.to_email),
            abandon_on_cancel=True,
        )

    async def _put_off_others(self) -> None:
        """The server is down: leave it alone for a minute, whatever the other letters' own waits are."""
        await service.put_off(now=self._clock(), until=self._clock() + timedelta(seconds=AFTER_TROUBLE_S))
