"""The socket of a dashboard page: says what changed, who else looks, and lets a reply grow while it is written.

It authorises when it opens and again every 20 s, and joins groups by internal ids only. It carries no state that a
page needs: what it says makes the page ask again.
"""

import asyncio
import json
from typing import Any
from uuid import UUID

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from conversations import live, presence
from workspaces.models import Membership

CHECK_SECONDS = 20.0
NOT_SIGNED_IN = 4401
NO_MEMBER = 4404
MEMBERSHIP_ENDED = 4403
MAX_MESSAGE = 1_000


class DeskConsumer(AsyncWebsocketConsumer):
    """Sends ``{"changed": [conversation ids]}``; an empty list means that any may have. Takes ``{"watch": id}``."""

    member: Membership
    watched: UUID | None = None

    async def connect(self) -> None:
        await self.accept()  # a browser learns the code of a close only after that
        user = self.scope["user"]
        if not user.is_authenticated:
            await self.close(NOT_SIGNED_IN)
            return
        member = await database_sync_to_async(_membership)(self.scope["url_route"]["kwargs"]["slug"], user.pk)
        if member is None:
            await self.close(NO_MEMBER)
            return
        self.member = member
        self.groups_joined = [live.workspace_group(member.workspace_id), live.member_group(member.pk)]
        for group in self.groups_joined:
            await self.channel_layer.group_add(group, self.channel_name)
        self.checking = asyncio.create_task(self._check_for_ever())

    async def disconnect(self, code: int) -> None:
        if not hasattr(self, "checking"):
            return
        self.checking.cancel()
        for group in self.groups_joined:
            await self.channel_layer.group_discard(group, self.channel_name)
        await self._watch(None)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        wish = _parse(text_data)
        if "watch" in wish:
            await self._watch(wish["watch"])

    async def conversations_changed(self, event: dict[str, Any]) -> None:
        await self.send(json.dumps({"changed": event["ids"]}))

    async def membership_ended(self, _event: dict[str, Any]) -> None:
        await self.close(MEMBERSHIP_ENDED)

    async def _watch(self, conversation_id: UUID | None) -> None:
        before, self.watched = self.watched, conversation_id
        if before is not None and before != conversation_id:
            await database_sync_to_async(presence.leave)(member=self.member, conversation_id=before)
        if conversation_id is not None:
            await database_sync_to_async(presence.look)(member=self.member, conversation_id=conversation_id)

    async def _check_for_ever(self) -> None:
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            if await database_sync_to_async(_membership)(self.member.workspace.slug, self.member.user_id) is None:
                await self.close(MEMBERSHIP_ENDED)
                return
            await self._watch(self.watched)


def _membership(slug: str, user_id: UUID) -> Membership | None:
    members = Membership.objects.select_related("workspace", "user")
    return members.filter(workspace__slug=slug, user_id=user_id, user__is_active=True).first()


def _parse(text: str | None) -> dict[str, UUID | None]:
    """What a page may say; anything else says nothing."""
    if not text or len(text) > MAX_MESSAGE:
        return {}
    try:
        said = json.loads(text)
        return {"watch": UUID(said["watch"]) if said["watch"] else None}
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}
