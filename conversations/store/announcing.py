"""Tells open dashboard pages which conversations changed. The pages then ask for what they show.

Channel layers deliver at most once, so no event is needed for correctness: pages also catch up by themselves.
"""

import asyncio
import logging
from contextlib import suppress
from uuid import UUID

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

logger = logging.getLogger("lumika.live")

GATHER_SECONDS = 0.1
CLOSE_SECONDS = 1.0
MOST_AT_ONCE = 100


def workspace_group(workspace_id: UUID) -> str:
    return f"workspace.{workspace_id.hex}"


def member_group(membership_id: UUID) -> str:
    return f"member.{membership_id.hex}"


def announce(*, workspace_id: UUID, conversation_id: UUID) -> None:
    """For code without an event loop, such as views: call it on commit."""
    async_to_sync(_tell_changed)(workspace_id, [conversation_id])


def shut_out(*, membership_id: UUID) -> None:
    """Closes the sockets of somebody who is a member no longer: each asks again who may listen."""
    async_to_sync(_tell)(member_group(membership_id), {"type": "membership.changed"})


async def tell_viewed(*, workspace_id: UUID, conversation_id: UUID, user_id: UUID) -> None:
    """Somebody began or ceased to look at a conversation: of interest to those who look at it too."""
    event: dict[str, object] = {"type": "conversation.viewed", "id": str(conversation_id), "by": str(user_id)}
    await _tell(workspace_group(workspace_id), event)


async def close() -> None:
    """Lets go of what the channel layer holds in this event loop."""
    layer = get_channel_layer()
    if layer is not None:
        await layer.close()


class Announcer:
    """Gathers the changes of an event loop for a tenth of a second, so that busy workspaces cost one message."""

    def __init__(self) -> None:
        self._changed: dict[UUID, set[UUID]] = {}
        self._sending: asyncio.Task[None] | None = None

    def note(self, *, workspace_id: UUID, conversation_id: UUID) -> None:
        self._changed.setdefault(workspace_id, set()).add(conversation_id)
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send_soon())

    async def close(self) -> None:
        """Sends what was noted, unless the channel layer does not answer."""
        if self._sending is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._sending, CLOSE_SECONDS)

    async def _send_soon(self) -> None:
        while self._changed:
            await asyncio.sleep(GATHER_SECONDS)
            changed, self._changed = self._changed, {}
            for workspace_id, conversation_ids in changed.items():
                await _tell_changed(workspace_id, list(conversation_ids))


async def _tell_changed(workspace_id: UUID, conversation_ids: list[UUID]) -> None:
    """Past a hundred conversations the pages are told that any may have changed."""
    ids = [str(one) for one in conversation_ids] if len(conversation_ids) <= MOST_AT_ONCE else []
    await _tell(workspace_group(workspace_id), {"type": "conversations.changed", "ids": ids})


async def _tell(group: str, event: dict[str, object]) -> None:
    layer = get_channel_layer()
    if layer is None:
        return
    try:
        await layer.group_send(group, event)
    except Exception:
        logger.exception("open pages could not be told what changed; they catch up by themselves")
