"""An agent stops a reply, or lets a failed one be tried again; and what has ended stays so, whoever writes.

Servers of other tests may run beside these, and write what waits.
"""

import pytest
from django.db.models.functions import Now

from conversations.deciding import drafts
from conversations.deciding.refusals import AlreadyDecided
from conversations.models import Message, Reply
from tests.conversations.deciding.meeting import outside
from tests.factories import AccountFactory, ConversationFactory
from tests.factories.drafts import block_customer, reply_in
from tests.ground import streams
from tests.ground.provider import Answer
from tests.ground.waiting import wait_for
from workspaces.models import AuditEntry
from workspaces.refusals import Refused
from workspaces.verbs import Actor

pytestmark = pytest.mark.django_db(transaction=True)

SEND = {"conversationId": "customer-42", "textContent": "Hello?"}


@pytest.fixture
def manual(world, model, provider):
    provider.script(Answer(deltas=["another ", "draft"]))
    return AccountFactory(workspace=world.workspace, responder=model, response_mode="manual")


@pytest.fixture
def others(manual):
    with outside(manual) as everybody_else:
        yield everybody_else


def reply_that_stays(account, status):
    """A queued one waits for another of its conversation, or some server would begin it."""
    conversation = ConversationFactory(account=account)
    if status == "queued":
        reply_in(conversation, "generating")
    return reply_in(conversation, status)


def the_reply():
    return Reply.objects.select_related("conversation", "decided_by").latest("created_at")


def recorded():
    return list(AuditEntry.objects.order_by("created_at").values_list("action", "actor__name"))


def sent():
    return list(Message.objects.filter(actor="assistant").values_list("body", flat=True))


@pytest.mark.parametrize(
    ("status", "end", "is_noted"),
    [
        ("queued", "canceled", True),
        ("generating", "generating", True),
        ("awaiting_approval", "awaiting_approval", False),
    ]
    + [("failed", "failed", False), ("rejected", "rejected", False), ("by_hand", "by_hand", False)],
)
def test_an_agent_stops_what_is_being_written_and_nothing_else(manual, world, status, end, is_noted):
    reply = reply_that_stays(manual, status)

    for _ in range(2):
        stopped = drafts.stop(reply=reply, by=Actor(world.agent))

    assert (stopped.status, stopped.stop_requested) == (end, is_noted)
    assert recorded() == ([("reply.stop", "Mina")] if is_noted else [])


def test_a_reply_that_an_agent_stopped_is_what_there_was_of_it(granian, account, world, provider):
    provider.script(Answer(deltas=["one ", "two "], hang_after=1))
    with streams.opened(granian, account.token, **SEND) as stream:
        blocks = [stream.until("partial")]

        drafts.stop(reply=the_reply(), by=Actor(world.agent))

        blocks += list(stream)
    assert streams.text_of(blocks) == blocks[-1].data["message"]["body"] == "one "
    assert blocks[-1].data["message"]["data"] == {"author": "responder", "stopped": True}


def failed_reply(account, **fields):
    reply = reply_in(ConversationFactory(account=account), "failed", text="half of it")
    failure = {"error_code": "responder_timeout", "error_message": "It took too long.", "error_retryable": True}
    Reply.objects.filter(pk=reply.pk).update(finished_at=Now(), delivered_at=Now(), **failure, **fields)
    return reply


def test_a_failed_reply_is_tried_again_with_as_many_attempts_as_a_new_one(manual, world, others):
    reply = failed_reply(manual, attempt=3)

    again = drafts.retry(reply=reply, by=Actor(world.agent))

    assert (again.status, again.text, again.error_code, again.error_message) == ("queued", "", "", "")
    assert (again.last_attempt, again.finished_at, again.delivered_at) == (6, None, None)
    with pytest.raises(AlreadyDecided, match="Another draft"):
        drafts.retry(reply=reply, by=Actor(world.owner))
    assert recorded() == [("reply.retry", "Mina")]
    others.drafts(reply)
    wait_for(lambda: the_reply().awaits_approval)
    assert (the_reply().text, the_reply().attempt) == ("another draft", 4)


@pytest.mark.parametrize("status", ["queued", "generating", "awaiting_approval", "rejected", "canceled", "by_hand"])
def test_what_has_not_failed_is_not_tried_again(manual, world, status):
    reply = reply_that_stays(manual, status)

    with pytest.raises(AlreadyDecided):
        drafts.retry(reply=reply, by=Actor(world.agent))

    assert (the_reply().status, recorded()) == (status, [])


def test_a_failed_reply_to_an_older_message_is_not_tried_again(manual, world, others):
    reply = failed_reply(manual)
    others.writes(reply)

    with pytest.raises(AlreadyDecided):
        drafts.retry(reply=reply, by=Actor(world.agent))

    assert Reply.objects.get(pk=reply.pk).status == "failed"


def test_a_failed_reply_to_a_blocked_customer_is_not_tried_again(manual, world):
    reply = failed_reply(manual)
    block_customer(reply, world.owner)

    with pytest.raises(Refused, match="blocked"):
        drafts.retry(reply=reply, by=Actor(world.agent))

    assert the_reply().status == "failed"


def test_a_server_answers_what_failed_before(granian, account, world, provider):
    provider.script(Answer.failure(400), Answer(deltas=["now ", "it works"]))
    assert streams.whole(granian, account.token, **SEND)[-1].data["code"] == "responder_refused"

    drafts.retry(reply=the_reply(), by=Actor(world.agent))

    wait_for(lambda: sent() == ["now it works"])
    assert streams.history(granian, account.token, "customer-42")["messages"][-1]["data"] == {"author": "responder"}
