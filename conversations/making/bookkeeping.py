"""What a process notes down about deliveries, and how accounts are used: gathered, and written in batches."""

import asyncio
from time import monotonic
from uuid import UUID

import psycopg

from conversations import store

TOKEN_USE_SECONDS = 60.0
UNSIGNED_ID_SECONDS = 600.0


class Bookkeeping:
    def __init__(self) -> None:
        self.delivered: set[UUID] = set()
        self._delivering: asyncio.Task[None] | None = None
        self._used_tokens: dict[UUID, float] = {}
        self._tokens_to_mark: set[UUID] = set()
        self._seen_unsigned: dict[UUID, float] = {}
        self._unsigned_to_mark: dict[UUID, str] = {}

    def note_delivery(self, reply_id: UUID) -> None:
        """The terminal event of a reply reached a client; the clock writes it down, together with others."""
        self.delivered.add(reply_id)

    def write_deliveries_soon(self) -> None:
        """Does not wait for the clock, so that other processes know before the customer says the same again."""
        if self._delivering is None or self._delivering.done():
            self._delivering = asyncio.create_task(self._write_deliveries())

    def note_use(self, token_id: UUID) -> None:
        """A token was used; its row says so at most once a minute."""
        now = monotonic()
        if now - self._used_tokens.get(token_id, -TOKEN_USE_SECONDS) >= TOKEN_USE_SECONDS:
            self._used_tokens[token_id] = now
            self._tokens_to_mark.add(token_id)

    def note_unsigned_id(self, account_id: UUID, origin: str) -> None:
        """A page of this origin named a conversation without a signature; its account says so every ten minutes."""
        now = monotonic()
        if now - self._seen_unsigned.get(account_id, -UNSIGNED_ID_SECONDS) >= UNSIGNED_ID_SECONDS:
            self._seen_unsigned[account_id] = now
            self._unsigned_to_mark[account_id] = origin

    async def write(self) -> None:
        if self._tokens_to_mark:
            used, self._tokens_to_mark = self._tokens_to_mark, set()
            await store.mark_used(list(used))
        if self._unsigned_to_mark:
            unsigned, self._unsigned_to_mark = self._unsigned_to_mark, {}
            await store.mark_unsigned_ids(unsigned)
        if self.delivered:
            await self._write_deliveries()

    async def close(self) -> None:
        if self._delivering is not None:
            await self._delivering
        await self.write()

    async def _write_deliveries(self) -> None:
        while batch := set(self.delivered):
            try:
                await store.mark_delivered(list(batch))
            except psycopg.OperationalError:
                return  # they stay in `delivered`, and the clock tries again
            self.delivered -= batch
