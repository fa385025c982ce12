"""A channel layer for several processes: within one, events stay in memory; Redis carries them to the others.

No page depends on Redis. While it cannot be reached, each process goes on telling its own pages, nobody waits for it
longer than half a second, and the log has one line when the outage begins and one when it is over.
"""

import asyncio
import json
import logging
from contextlib import aclosing
from time import monotonic
from typing import Any
from uuid import uuid4
from weakref import WeakKeyDictionary

from channels.layers import InMemoryChannelLayer
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

logger = logging.getLogger("lumika.live")

CHANNEL = "lumika.live"
PATIENCE_SECONDS = 0.5
RETRY_SECONDS = 5.0
RECONNECT_SECONDS = 1.0
QUIET_SECONDS = 10.0
MISSED = {"type": "events.missed"}
UNREACHABLE = (RedisError, OSError, TimeoutError)


class SharedLayer(InMemoryChannelLayer):
    """``group_send`` reaches the groups of all processes with the same ``url``, each member at most once.

    After an outage all groups get ``events.missed``: others may have sent something meanwhile.
    """

    def __init__(self, url: str, **options: Any) -> None:
        super().__init__(**options)
        self._url = url
        self._origin = uuid4().hex
        self._outage = Outage()
        self._listeners: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Task[None]] = WeakKeyDictionary()
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, Redis] = WeakKeyDictionary()

    async def group_add(self, group: str, channel: str) -> None:
        await super().group_add(group, channel)
        loop = asyncio.get_running_loop()
        if loop not in self._listeners:
            self._clients[loop] = self._client()
            self._listeners[loop] = asyncio.create_task(self._listen_for_ever(self._clients[loop]))

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        await super().group_send(group, message)
        if self._outage.is_fresh:
            return
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._publish(json.dumps([self._origin, group, message]))
        except UNREACHABLE as error:
            self._outage.begin(error)
        else:
            self._outage.end()

    async def close(self) -> None:
        """Lets go of Redis in the running event loop."""
        loop = asyncio.get_running_loop()
        if listener := self._listeners.pop(loop, None):
            listener.cancel()
            await asyncio.gather(listener, return_exceptions=True)
        if client := self._clients.pop(loop, None):
            await client.aclose()

    def _client(self) -> Redis:
        return Redis.from_url(
            self._url,
            socket_timeout=PATIENCE_SECONDS,
            socket_connect_timeout=PATIENCE_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )

    async def _publish(self, event: str) -> None:
        """An event loop without listeners is gone in a moment, and so must its connection be."""
        if client := self._clients.get(asyncio.get_running_loop()):
            await client.publish(CHANNEL, event)
        else:
            async with self._client() as client:
                await client.publish(CHANNEL, event)

    async def _listen_for_ever(self, client: Redis) -> None:
        has_missed = False
        while True:
            try:
                async with aclosing(client.pubsub()) as subscription:
                    await subscription.subscribe(CHANNEL)
                    await self._until_confirmed(subscription)
                    self._outage.end()
                    if has_missed:
                        await self._tell_all_groups()
                    await self._listen(subscription)
            except UNREACHABLE as error:
                self._outage.begin(error)
            except Exception:
                logger.exception("an event of another process could not be passed on")
            has_missed = True
            await client.connection_pool.disconnect()  # what was opened before the outage is of no use after it
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _until_confirmed(self, subscription: PubSub) -> None:
        """A dead connection takes what is written to it too. Raises TimeoutError."""
        if await subscription.get_message(timeout=PATIENCE_SECONDS) is None:
            raise TimeoutError

    async def _listen(self, subscription: PubSub) -> None:
        """Until the connection fails; a ping into the silence shows whether it has. Raises TimeoutError."""
        is_pinged = False
        while True:
            said = await subscription.get_message(timeout=QUIET_SECONDS)
            if said is None and is_pinged:
                raise TimeoutError
            if said is None:
                await subscription.ping()
            elif said["type"] == "message":
                await self._pass_on(said["data"])
            is_pinged = said is None

    async def _pass_on(self, event: bytes) -> None:
        """To those who wait for it here; whatever else is said on the channel is passed over."""
        try:
            origin, group, message = json.loads(event)
        except (ValueError, TypeError):
            return
        is_event = isinstance(group, str) and isinstance(message, dict) and "type" in message
        if is_event and group in self.groups and origin != self._origin:
            await super().group_send(group, message)

    async def _tell_all_groups(self) -> None:
        for group in list(self.groups):
            await super().group_send(group, MISSED)


class Outage:
    """When Redis could not be reached, so that not every event tries again, and the log hears of it once."""

    def __init__(self) -> None:
        self._retry_at = 0.0

    @property
    def is_fresh(self) -> bool:
        return monotonic() < self._retry_at

    def begin(self, error: BaseException) -> None:
        if not self._retry_at:
            what = f"{type(error).__name__}: {error}".removesuffix(": ")
            logger.warning("Redis cannot be reached (%s); pages of other processes hear of changes later", what)
        self._retry_at = monotonic() + RETRY_SECONDS

    def end(self) -> None:
        if self._retry_at:
            logger.info("Redis can be reached again")
        self._retry_at = 0.0
