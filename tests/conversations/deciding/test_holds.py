"""A decision is held for some seconds: it can be undone, the customer sees nothing. Then any process carries it out.

Servers of other tests may run beside these, and do their part of what is due.
"""

import os
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings
from django.db.models.functions import Now

from conversations.deciding import drafts as replies
from conversations.deciding.refusals import AlreadyDecided, TooLate
from conversations.models import Conversation, Message, Reply
from tests.conversations.deciding.meeting import meet, outside
from tests.factories import AccountFactory, ConversationFactory
from tests.factories.drafts import DRAFT, approve, block_customer, reply_by_hand, reply_in
from tests.ground import servers, streams
from tests.ground.provider import Answer
from tests.ground.waiting import wait_for
from workspaces.models import AuditEntry
from workspaces.refusals import Refused
from workspaces.verbs import Actor

pytestmark = pytest.mark.django_db(transaction=True)

SEND = {"conversationId": "customer-42", "textContent": "Hello?"}
DECIDE_AND_DIE = """
import os, signal, sys, django
django.setup()
from conversations.deciding import drafts
from conversations.models import Reply
from workspaces.models import User
from workspaces.verbs import Actor
reply = Reply.objects.select_related("conversation").get(pk=sys.argv[1])
drafts.approve(reply=reply, by=Actor(User.objects.get(pk=sys.argv[2])), hold_seconds=2)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def manual(world, model, provider):
    provider.script(Answer(deltas=["a ", "held ", "draft"]))
    return AccountFactory(workspace=world.workspace, responder=model, response_mode="manual")


@pytest.fixture
def draft(manual):
    return reply_in(ConversationFactory(account=manual, external_id="customer-42"), "awaiting_approval")


@pytest.fixture
def others(manual):
    with outside(manual) as everybody_else:
        yield everybody_else


def the_reply():
    return Reply.objects.select_related("conversation", "decided_by").latest("created_at")


def recorded():
    return list(AuditEntry.objects.order_by("created_at").values_list("action", "actor__name"))


def end_holds():
    Reply.objects.in_hold().update(release_at=Now())


def sent():
    return list(Message.objects.filter(actor="assistant").values_list("body", flat=True))


VERBS = {
    "approve": replies.approve,
    "approve with the customer": replies.approve_with_customer,
    "approve edited": lambda **how: replies.approve_edited(body="better words", **how),
    "reject": lambda **how: replies.reject(reason="wrong price", **how),
}


@pytest.mark.parametrize("verb", VERBS)
def test_nothing_happens_before_the_hold_is_over(draft, world, others, verb):
    held = VERBS[verb](reply=draft, by=Actor(world.agent), hold_seconds=60)

    assert held.is_in_hold
    assert others.carries_out(draft) == 0
    assert sent() == []
    assert Conversation.objects.get().customer == "unreviewed"
    assert not Reply.objects.awaiting_approval().exists()

    end_holds()
    others.carries_out(draft)

    end = the_reply()
    assert end.status == ("rejected" if verb == "reject" else "sent")
    assert sent() == {"reject": [], "approve edited": ["better words"]}.get(verb, [DRAFT])
    assert end.edited == (verb == "approve edited")
    assert end.decided_by == world.agent
    assert Conversation.objects.get().customer_is_approved == (verb == "approve with the customer")
    assert others.carries_out(draft) == 0
    assert [action for action, _ in recorded()] == ["reply.reject" if verb == "reject" else "reply.approve"]


@pytest.mark.parametrize("verb", VERBS)
def test_what_is_undone_never_happened_to_the_draft(draft, world, others, verb):
    before = Reply.objects.values().get()
    VERBS[verb](reply=draft, by=Actor(world.agent), hold_seconds=60)

    for _ in range(2):
        assert replies.undo(reply=draft, by=Actor(world.owner)).awaits_approval

    end_holds()
    assert others.carries_out(draft) == 0
    assert Reply.objects.values().get() == before
    assert recorded()[1:] == [("reply.undo", "Olga")]
    assert replies.approve(reply=draft, by=Actor(world.owner)).status == "sent"


def test_it_is_too_late_to_undo_what_was_carried_out(draft, world):
    replies.approve(reply=draft, by=Actor(world.agent))

    with pytest.raises(TooLate, match=r"too late to undo this\. Already sent by Mina\."):
        replies.undo(reply=draft, by=Actor(world.agent))

    assert recorded() == [("reply.approve", "Mina")]


def test_it_is_too_late_to_undo_what_is_about_to_be_carried_out(draft, world, others):
    replies.approve(reply=draft, by=Actor(world.agent), hold_seconds=60)
    end_holds()

    with pytest.raises(TooLate, match=r"Already (approved|sent) by Mina"):
        replies.undo(reply=draft, by=Actor(world.agent))

    others.carries_out(draft)
    assert sent() == [DRAFT]


def test_another_agent_is_told_of_a_decision_in_its_hold(draft, world):
    replies.reject(reply=draft, by=Actor(world.agent), hold_seconds=60)

    with pytest.raises(AlreadyDecided, match="Already rejected by Mina"):
        approve(draft, world.owner)


def test_a_hold_is_ended_at_once(draft, world):
    replies.approve(reply=draft, by=Actor(world.agent), hold_seconds=60)

    for _ in range(2):
        assert replies.carry_out(reply=draft, by=Actor(world.agent)).status == "sent"

    assert sent() == [DRAFT]
    assert recorded() == [("reply.approve", "Mina"), ("reply.send_now", "Mina")]


def test_what_nobody_decided_is_not_carried_out(draft, world):
    assert replies.carry_out(reply=draft, by=Actor(world.agent)).awaits_approval

    assert (sent(), recorded()) == ([], [])


def test_two_processes_carry_a_decision_out_once(manual, world, others):
    drafts = [reply_in(ConversationFactory(account=manual), "awaiting_approval") for _ in range(20)]
    for draft in drafts:
        replies.approve(reply=draft, by=Actor(world.agent), hold_seconds=60)
    end_holds()

    with outside(manual) as another_process:
        meet(drafts, others.carries_out, another_process.carries_out, seed="twice")

    assert len(sent()) == len(drafts)
    assert set(Message.objects.values_list("sequence", flat=True)) == {1, 2}


OVERTAKING = {
    "the customer's next message": lambda world, others, reply: others.writes(reply),
    "an agent's own words": lambda world, others, reply: reply_by_hand(reply, world.owner),
    "a block": lambda world, others, reply: block_customer(reply, world.owner),
    "a stop by the customer": lambda world, others, reply: others.cancels(reply),
}
TOLD = {
    "the customer's next message": "the customer wrote something newer",
    "an agent's own words": "Already answered by Olga",
    "a block": "Already rejected by Olga",
    "a stop by the customer": "The reply was stopped",
}


@pytest.mark.parametrize("what", OVERTAKING)
def test_a_decision_that_was_overtaken_is_not_carried_out(draft, world, others, what):
    replies.approve_with_customer(reply=draft, by=Actor(world.agent), hold_seconds=60)

    OVERTAKING[what](world, others, draft)

    end_holds()
    Reply.objects.filter(pk=draft.pk).update(release_at=Now())
    assert others.carries_out(draft) == 0
    assert replies.carry_out(reply=draft, by=Actor(world.agent)).status in {"superseded", "rejected", "canceled"}
    assert DRAFT not in sent()
    assert not Conversation.objects.get().customer_is_approved
    with pytest.raises(TooLate, match=TOLD[what]):
        replies.undo(reply=draft, by=Actor(world.agent))
    with pytest.raises(AlreadyDecided, match=TOLD[what]):
        approve(draft, world.agent)


@pytest.mark.parametrize("verb", [*VERBS, "regenerate"])
def test_a_draft_that_was_not_read_is_not_decided_on(draft, world, verb):
    decide = VERBS.get(verb, replies.regenerate)
    before = Reply.objects.values().get()

    for seen in (0, draft.attempt - 1, draft.attempt + 1):
        with pytest.raises(Refused, match="Another draft was written meanwhile"):
            decide(reply=draft, by=Actor(world.agent), seen=seen)
    assert (Reply.objects.values().get(), recorded()) == (before, [])

    decide(reply=draft, by=Actor(world.agent), seen=draft.attempt)
    assert len(recorded()) == 1


@pytest.mark.parametrize("ends", ["sent", "undone"])
def test_the_customer_sees_nothing_before_a_server_carries_it_out(server, manual, world, ends):
    with streams.opened(server, manual.token, **SEND) as stream:
        stream.until("pending")
        held_at = time.monotonic()
        replies.approve(reply=the_reply(), by=Actor(world.agent), hold_seconds=1)
        if ends == "undone":
            replies.undo(reply=the_reply(), by=Actor(world.agent))
        assert len(streams.history(server, manual.token, "customer-42")["messages"]) == 1

        rest = list(stream)

    assert [block.type for block in rest] == (["final"] if ends == "sent" else [])
    assert time.monotonic() - held_at >= 1
    assert sent() == ([DRAFT] if ends == "sent" else [])


def test_a_rejection_ends_the_stream_in_silence_when_its_hold_is_over(granian, manual, world):
    with streams.opened(granian, manual.token, **SEND) as stream:
        stream.until("pending")
        replies.reject(reply=the_reply(), by=Actor(world.agent), hold_seconds=1)

        assert list(stream) == []

    assert (the_reply().status, sent()) == ("rejected", [])


def test_a_decision_outlives_the_process_in_which_it_was_made(granian, draft, world):
    command = [sys.executable, "-c", DECIDE_AND_DIE, str(draft.pk), str(world.agent.pk)]
    ours = {"DATABASE_URL": servers.database_url(), "PUBLIC_URL": settings.PUBLIC_URL, "DEBUG": "on"}
    settings_module = {"DJANGO_SETTINGS_MODULE": "lumika.settings"}

    died = subprocess.run(command, cwd=servers.ROOT, env=os.environ | ours | settings_module, timeout=60)

    assert died.returncode == -signal.SIGKILL
    assert recorded() == [("reply.approve", "Mina")]
    wait_for(lambda: sent() == [DRAFT])
    assert (the_reply().status, the_reply().decided_by) == ("sent", world.agent)
