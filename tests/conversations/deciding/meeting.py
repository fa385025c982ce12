"""Verbs that meet: several threads do something with the same drafts in the same moments, on real transactions."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from random import Random
from typing import Any

from django.db import connection
from django.db.models import Q

from conversations import store
from conversations.deciding.refusals import CannotDecide
from conversations.models import Conversation, Message, Reply
from conversations.store import Claim, database
from integrations import tokens
from workspaces.models import AuditEntry
from workspaces.tenancy import new_id

DEADLINE_SECONDS = 60
DECISIONS = {"reply.approve": ("sent",), "reply.reject": ("rejected",)}
OTHERS_END = {"superseded", "canceled"}

Actor = Callable[[Reply], Any]


def meet(drafts: Sequence[Reply], *actors: Actor, seed: str) -> list[tuple[Any, ...]]:
    """What the actors came to at each draft: what they returned, or why they were refused.

    Each is a thread. At every draft they begin together, give or take three milliseconds.
    """
    start = threading.Barrier(len(actors))

    def perform(actor: Actor) -> list[Any]:
        random = Random(f"{seed} {actors.index(actor)}")
        try:
            return [_attempt(actor, draft, start, random) for draft in drafts]
        except BaseException:
            start.abort()
            raise
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actors)) as pool:
        return list(zip(*pool.map(perform, actors), strict=True))


def _attempt(actor: Actor, draft: Reply, start: threading.Barrier, random: Random) -> Any:
    mine = Reply.objects.select_related("conversation").get(pk=draft.pk)
    start.wait(DEADLINE_SECONDS)
    time.sleep(random.choice((0, 0, random.uniform(0, 0.003))))
    try:
        return actor(mine)
    except CannotDecide as refused:
        return refused


class Outside:
    """Everybody but the agents: the customer, and the processes that write replies and carry decisions out."""

    def __init__(self, account: Any, wait_for: Callable[[Awaitable[Any]], Any]) -> None:
        self._wait_for = wait_for
        self._account = wait_for(store.account_of_token(tokens.digest(account.token)))

    def writes(self, reply: Reply, text: str = "And another thing") -> str:
        """The customer sends a message."""
        message = {"text": text, "conversation_id": reply.conversation.external_id, "key": None}
        return self._wait_for(store.accept(self._account, **message, delivered=[], claim=False)).outcome

    def cancels(self, reply: Reply) -> str:
        return self._wait_for(store.stop(self._account.id, reply.conversation.external_id, reply.pk)).status

    def carries_out(self, _: Reply) -> int:
        """A process carries out what is due anywhere; how much it was."""
        return len(self._wait_for(store.release_due(100)))

    def drafts(self, _: Reply) -> None:
        """A process writes what is waiting anywhere."""
        for claim in self._wait_for(store.start_waiting(100, written_here={})):
            following: Claim | None = claim
            while following is not None:
                how = {"text": "another draft", "data": {"author": "responder"}, "message_id": new_id()}
                following = self._wait_for(store.finish(following, **how)).next


@contextmanager
def outside(account: Any):
    """With an event loop of its own, in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def wait_for(awaitable):
        return asyncio.run_coroutine_threadsafe(awaitable, loop).result(DEADLINE_SECONDS)

    try:
        yield Outside(account, wait_for)
    finally:
        wait_for(database.close())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def assert_sound(*, own_words: bool = False) -> None:
    """What holds in every conversation, whoever did what in whichever order.

    ``own_words``: agents may also have written to customers without being asked anything.
    """
    for conversation in Conversation.objects.prefetch_related("messages", "replies"):
        messages, replies = list(conversation.messages.all()), list(conversation.replies.all())
        assert [message.sequence for message in messages] == list(range(1, len(messages) + 1))
        published = [message for message in messages if message.actor == "assistant"]
        if not own_words:
            assert len(published) <= len(messages) - len(published), "one answer to one message at most"
        drafts = {reply.message_id: reply for reply in replies if reply.status == "sent"}
        for message in published:
            if message.data["author"] == Message.Author.RESPONDER_APPROVED:
                _assert_sent_rightly(message, drafts[message.pk], messages)
            elif message.data["author"] == Message.Author.RESPONDER:
                assert not drafts[message.pk].for_review
                assert AuditEntry.objects.filter(_approves_customer(conversation)).exists()
        for reply in replies:
            _assert_on_record(reply)


def _assert_sent_rightly(message: Message, draft: Reply, messages: list[Message]) -> None:
    before = [one for one in messages if one.actor == "customer" and one.sequence < message.sequence]
    assert draft.customer_message_id == before[-1].pk, "it answers the customer's newest message"
    assert message.author_id == draft.decided_by_id
    assert message.body == draft.outgoing
    assert draft.edited == (draft.outgoing != draft.text)


def _approves_customer(conversation: Conversation) -> Q:
    with_draft = Q(detail__customer="approved", target_id__in=[reply.pk for reply in conversation.replies.all()])
    return with_draft | Q(action="customer.approve", target_id=conversation.pk)


def _assert_on_record(reply: Reply) -> None:
    """The audit entries of a draft, in their order, tell how it came to what it is."""
    decided = None
    for entry in AuditEntry.objects.about(reply.pk):
        if entry.action in DECISIONS:
            assert decided is None, "two decisions"
            decided = entry
        elif entry.action == "reply.undo":
            assert decided is not None, "nothing to undo"
            decided = None
        elif entry.action in {"reply.regenerate", "reply.retry"}:
            assert decided is None, "asked for another draft after a decision"
    blocked = AuditEntry.objects.about(reply.conversation_id).filter(action="customer.block").exists()
    if decided is not None and not reply.is_in_hold and reply.status not in OTHERS_END:
        assert reply.status in DECISIONS[decided.action] or (blocked and reply.status == "rejected")
        assert blocked or decided.actor_id == reply.decided_by_id
    if decided is None:
        assert not reply.decision or reply.status in OTHERS_END or blocked
        assert reply.status != "sent" or reply.message.data["author"] != Message.Author.RESPONDER_APPROVED
        assert reply.status != "rejected" or blocked
