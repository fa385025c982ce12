"""The text of a reply while it is written, for the page of an agent who looks at its conversation.

It reads the feeds of this process, as streams do, whether the reply is written here or followed from elsewhere. It
writes nothing, and borrows a database connection only to find out which reply to follow.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from uuid import UUID

import psycopg
from django.utils.html import format_html

from conversations import store
from conversations.desk import inert
from conversations.making.feed import Feed, Reader
from conversations.making.runner import runner
from conversations.models.reply_status import ACTIVE
from conversations.store.growing import being_written

LOOK_SECONDS = 10.0
NEXT_SECONDS = 1.0
LEAST_SECONDS = 0.25
CHARACTERS_PER_STEP = 4_000

Show = Callable[[str], Awaitable[None]]
Tell = Callable[[UUID], Awaitable[None]]


class Growth:
    """Follows whatever reply of the conversation is being written. ``show`` takes a fragment of HTML; ``tell`` hears
    that a reply is not being written any more."""

    def __init__(self, conversation_id: UUID, *, show: Show, tell: Tell) -> None:
        self._conversation_id = conversation_id
        self._show = show
        self._tell = tell
        self._shown: str | None = None
        self._reader: Reader | None = None
        self._again = asyncio.Event()

    def show_again(self) -> None:
        """The page may have drawn itself anew, or another reply may have begun."""
        self._shown = None
        self._again.set()
        if self._reader is not None:
            self._reader.wake()

    async def follow_for_ever(self) -> None:
        while True:
            self._again.clear()
            until_next = LOOK_SECONDS
            with suppress(psycopg.OperationalError):
                if (reply_id := await being_written(self._conversation_id)) is not None:
                    await self._follow(reply_id)
                    until_next = NEXT_SECONDS
            with suppress(TimeoutError):
                await asyncio.wait_for(self._again.wait(), until_next)

    async def _follow(self, reply_id: UUID) -> None:
        running = runner()
        state = await store.reply_state(reply_id)
        if state is None:
            return
        feed = running.feeds.keep(running.feeds.of(state))
        self._reader = Reader(feed, token_id=None)
        self._reader.join()
        try:
            await self._show_while_written(self._reader)
        finally:
            self._reader.leave()
            self._reader = None
            running.feeds.release(feed)
        await self._tell(self._conversation_id)

    async def _show_while_written(self, reader: Reader) -> None:
        feed = reader.feed
        self._shown = ""
        while feed.status in ACTIVE:
            text = feed.text
            if text == self._shown:
                await reader.wait(seconds=LOOK_SECONDS)
            else:
                self._shown = text
                await self._show(fragment(feed, text))
                await asyncio.sleep(pause(len(text)))


def fragment(feed: Feed, text: str) -> str:
    """Takes the place of what stands in ``<div id="growing-…">``, as plain text."""
    return format_html('<div id="growing-{}" hx-swap-oob="innerHTML">{}</div>', feed.reply_id, inert.plain(text))


def pause(length: int) -> float:
    """Seconds until the next piece: long texts come in fewer, so that a page takes 16,000 characters a second at
    most."""
    return LEAST_SECONDS * max(1, -(-length // CHARACTERS_PER_STEP))
