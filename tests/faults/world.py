"""What a scenario runs in: a database of its own, a model, and server processes on them."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import psycopg

from tests.faults import invariants
from tests.faults.invariants import Breach
from tests.faults.provider import VariedProvider
from tests.faults.sends import Send
from tests.faults.servers import Server
from tests.ground import raw_http
from tests.ground.servers import ROOT

if TYPE_CHECKING:
    from tests.faults.ground import Ground

LEASE_SECONDS = 2
PATIENCE = 0.25
"""The clients wait half a second before they reconnect, not two, unless a scenario is about that time."""
OVER_SECONDS = 45.0
QUIET_SECONDS = 30.0


class World:
    def __init__(self, ground: "Ground", name: str, database: str, random: Random, model: VariedProvider) -> None:
        self.ground = ground
        self.name = name
        self.database = database
        self.random = random
        self.model = model
        self.servers: list[Server] = []
        self.sends: list[Send] = []
        self.breaches: list[Breach] = []
        self.notes: list[str] = []
        self.over_seconds = OVER_SECONDS
        self.keyed: bool | None = None
        self.mode = "auto"

    @property
    def token(self) -> str:
        return self.ground.tokens[self.mode]

    @property
    def database_url(self) -> str:
        return self.ground.postgres.url(self.database)

    def server(self, *, workers: int = 1, directory: Path = ROOT, **environment: str) -> Server:
        """Not started yet. ``directory`` has its code."""
        log = self.ground.directory / f"{self.database}.log"
        settings = self.ground.environment(self.database_url) | {"PGAPPNAME": f"{self.name}-{len(self.servers)}"}
        server = Server(settings | environment, log, workers=workers, directory=directory)
        self.servers.append(server)
        return server

    async def send(
        self,
        server: str,
        number: int = 1,
        *,
        conversation: str | None = None,
        keyed: bool | None = None,
        patience: float = PATIENCE,
    ) -> list[Send]:
        """So many messages, in conversations of their own unless one is named. Half have a key, unless it is said."""
        begun = []
        for _ in range(number):
            count = len(self.sends) + 1
            has_key = keyed if keyed is not None else self.keyed if self.keyed is not None else count % 2 == 0
            begun.append(
                Send(
                    server,
                    self.token,
                    f"Question {count} of {self.name}",
                    conversation or f"{self.name}-{count}",
                    key=f"{self.name[:30]}-key-{count:06}" if has_key else None,
                    patience=patience,
                )
            )
            self.sends.append(begun[-1])
        await self.note(begun)
        for send in begun:
            send.begin()
        return begun

    async def note(self, sends: Sequence[Send]) -> None:
        """Writes down in the database that these are sent, as the invariants are asked against that."""
        async with await psycopg.AsyncConnection.connect(self.database_url) as connection:
            rows = [(send.conversation, send.text) for send in sends]
            statement = "INSERT INTO faults_send (external_id, body) VALUES (%s, %s)"
            await connection.cursor().executemany(statement, rows)

    async def settle(self, sends: Sequence[Send], server: str) -> None:
        """Waits until these clients are done and the replies made; then asks whether all is as it should be."""
        await asyncio.gather(*(send.until_over(self.over_seconds) for send in sends))
        await self._until_quiet()
        found = [breach for send in sends for breach in send.breaches()]
        found += [breach for breach in await invariants.breaches(self.database_url) if breach not in self.breaches]
        for conversation in {send.conversation for send in sends if send.conversation}:
            found += await self.history_breaches(server, conversation)
        self.breaches += found

    async def execute(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        async with await psycopg.AsyncConnection.connect(self.database_url, autocommit=True) as connection:
            cursor = await connection.execute(statement, values or None)
            return await cursor.fetchall() if cursor.description else []

    async def until(self, statement: str, *values: Any, seconds: float = QUIET_SECONDS) -> bool:
        """Whether the statement's first value becomes true within so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                while not (await self.execute(statement, *values))[0][0]:
                    await asyncio.sleep(0.05)
        except TimeoutError:
            return False
        return True

    async def history_breaches(self, server: str, conversation: str) -> list[Breach]:
        """Pages of a random size, forwards, against what the table holds."""
        rows = await self.execute(
            "SELECT m.id::text, m.body FROM conversations_message m JOIN conversations_conversation c "
            "ON c.id = m.conversation_id WHERE c.external_id = %s ORDER BY m.sequence",
            conversation,
        )
        stored = [tuple(row) for row in rows]
        paged: list[tuple[Any, ...]] = []
        limit, more = self.random.randint(1, 3), True
        while more and len(paged) <= len(stored):
            cursor = f"&afterId={paged[-1][0]}" if paged else ""
            target = f"/conversation/history?conversationId={quote(conversation)}&limit={limit}{cursor}"
            headers = [("Authorization", f"Bearer {self.token}"), ("Connection", "close")]
            answer = await _insist(partial(raw_http.exchange, server, target, headers=headers))
            if answer.status != 200:
                return [Breach("broken", "the history can be read", f"{conversation}: {answer.status}")]
            paged += [(message["id"], message["body"]) for message in answer.json["messages"]]
            more = answer.json["hasMore"]
        if paged != stored:
            return [Breach("broken", "the pages of the history are the whole", f"{conversation}: {paged} / {stored}")]
        return []

    async def _until_quiet(self) -> None:
        """What does not come to rest is a breach that the invariants find."""
        await self.until("SELECT count(*) = 0 FROM conversations_reply WHERE status IN ('queued', 'generating')")


async def _insist(ask: Callable[[], raw_http.Answer], times: int = 50) -> raw_http.Answer:
    """The answer of a server that may be coming up again just now."""
    for _ in range(times):
        try:
            return await asyncio.to_thread(ask)
        except OSError:
            await asyncio.sleep(0.2)
    raise AssertionError("the server does not come up again")
