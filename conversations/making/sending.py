"""Sending a message, and coming back for its reply: one way, whatever door the customer comes through.

``admits`` is asked with the conversation's id before anything is told about it, and raises what its door answers.
"""

from collections.abc import Awaitable, Callable

from msgspec import Struct

from conversations import store
from conversations.making import crash_points
from conversations.making.feed import Feed
from conversations.making.position import Position
from conversations.making.runner import Runner, runner
from conversations.models.reply_status import ENDED_IN_SILENCE, WAITING_FOR_A_PERSON, ReplyStatus
from conversations.store import Accepted, Account, ReplyState

MAX_WAIT_SECONDS = 15 * 60
"""So long a stream can be resumed while a person has to act."""

Admits = Callable[[str], Awaitable[None]]


class Send(Struct, frozen=True):
    """A message to send; ``conversation_id`` and ``key`` are None when the caller left them out."""

    text: str
    conversation_id: str | None = None
    key: str | None = None

    @property
    def is_told_apart_by_text(self) -> bool:
        """Without a key only the text tells a repeated request from a new message; without a conversation nothing."""
        return self.key is None and self.conversation_id is not None


class Resume(Struct, frozen=True):
    """Somebody who has read a reply as far as ``position``, and names the conversation or not."""

    position: Position | None
    conversation_id: str | None = None


class Sent(Struct, frozen=True):
    """A message and its reply, to be followed from ``position`` on.

    ``reply_id`` is None when nobody replies by machine. ``goes_on``: somebody may have followed it before.
    ``accepted_at`` is set where its beginning has to be told.
    """

    conversation_id: str
    message_id: str
    reply_id: str | None
    feed: Feed
    position: Position
    goes_on: bool
    accepted_at: str | None


class KeyReused(Exception):
    """The key stands for another message, or for one of another conversation."""


class UnknownPosition(Exception):
    """It is in no reply of this account and conversation."""


async def send(account: Account, message: Send, *, admits: Admits) -> Sent:
    """Takes a message exactly once (``conversations/sql/accept_1.sql``), or finds it where it was taken before.

    Raises KeyReused.
    """
    running = runner()
    accepted = await _accept(running, account, message)
    if accepted.outcome == "key_reused":
        raise KeyReused
    if accepted.outcome == "attached" and message.conversation_id is None:
        await admits(accepted.external_id)  # a guessed key is no permission
    feed = await _feed(running, account, accepted)
    return Sent(
        conversation_id=accepted.external_id,
        message_id=str(accepted.message_id),
        reply_id=_public_reply_id(accepted),
        feed=feed,
        position=Position(accepted.reply_id, feed.attempt, mark="b"),
        goes_on=accepted.outcome == "attached",
        accepted_at=store.timestamp(accepted.created_at),
    )


async def resume(account: Account, asked: Resume, *, admits: Admits) -> Sent | None:
    """Goes on where somebody was, and never sends; None when nothing is to come. To have read the end is the proof of
    delivery. Raises UnknownPosition."""
    position = asked.position
    state = await store.reply_state(position.reply_id) if position else None
    if position is None or state is None or not _belongs(state, position, account, asked.conversation_id):
        raise UnknownPosition
    await admits(state.external_id)

    running = runner()
    if position.is_end:
        running.bookkeeping.note_delivery(state.reply_id)
        running.bookkeeping.write_deliveries_soon()
        return None
    if _has_nothing_to_come(state) and not position.is_beginning:
        return None
    return Sent(
        conversation_id=state.external_id,
        message_id=str(state.customer_message_id),
        reply_id=_public_reply_id(state),
        feed=running.feeds.of(state),
        position=position,
        goes_on=True,
        accepted_at=store.timestamp(state.created_at) if position.is_beginning else None,
    )


async def _accept(running: Runner, account: Account, message: Send) -> Accepted:
    """Claims the reply too, where this process has a place to write it."""
    delivered = list(running.bookkeeping.delivered) if message.key is None else []
    crash_points.reach("before-commit")
    has_place = running.capacity.has_place_for(account.workspace_id)
    accepted = await store.accept(
        account,
        text=message.text,
        conversation_id=message.conversation_id,
        key=message.key,
        delivered=delivered,
        claim=has_place,
    )
    if not has_place:
        running.capacity.has_backlog = True
    crash_points.reach("after-commit")
    return accepted


async def _feed(running: Runner, account: Account, accepted: Accepted) -> Feed:
    if accepted.outcome == "created":
        return running.take(accepted, account)
    feed = running.feeds.get(accepted.reply_id)
    if feed is not None and feed.is_produced_here:
        return feed
    state = await store.reply_state(accepted.reply_id)
    assert state is not None
    return running.feeds.of(state)


def _belongs(state: ReplyState, position: Position, account: Account, conversation_id: str | None) -> bool:
    return (
        state.account_id == account.id
        and conversation_id in (None, state.external_id)
        and position.attempt <= state.attempt
    )


def _has_nothing_to_come(state: ReplyState) -> bool:
    """Rejected, superseded without an answer of its own, or left to people for longer than a stream waits."""
    if state.status in WAITING_FOR_A_PERSON:
        return state.age_seconds > MAX_WAIT_SECONDS
    return state.status in ENDED_IN_SILENCE and state.message is None


def _public_reply_id(reply: Accepted | ReplyState) -> str | None:
    """None where nobody replies by machine: left to a person, or answered by one."""
    was_by_hand = reply.status == ReplyStatus.SENT and reply.attempt == 0
    is_by_hand = reply.status == ReplyStatus.BY_HAND or was_by_hand
    return None if is_by_hand else str(reply.reply_id)
