"""Another draft: asked for with words, written by the responder, decided on by an agent; the earlier one is never sent.

Servers of other tests may run beside these, and write what waits.
"""

import json

import pytest

from conversations.deciding import customers, drafts
from conversations.deciding.refusals import AlreadyDecided, CannotDecide
from conversations.models import EarlierDraft, Message, Reply
from integrations.models import Responder
from integrations.responders.webhook import new_secret
from tests.factories import AccountFactory, ArticleFactory, ConversationFactory, ResponderFactory
from tests.factories.drafts import DRAFT, SOURCES, block_customer, reply_in
from tests.ground import streams
from tests.ground.provider import Answer
from tests.ground.waiting import wait_for
from workspaces import secrets
from workspaces.models import AuditEntry

pytestmark = pytest.mark.django_db(transaction=True)

SEND = {"conversationId": "customer-42", "textContent": "Who pays the return shipping of a damaged item?"}


@pytest.fixture
def manual(world, model, provider):
    provider.script(Answer(deltas=["first ", "draft"]), Answer(deltas=["second ", "draft"]), Answer(deltas=["third"]))
    provider.requests.clear()
    return AccountFactory(workspace=world.workspace, responder=model, response_mode="manual")


@pytest.fixture
def draft(manual):
    return reply_in(ConversationFactory(account=manual, external_id="customer-42"), "awaiting_approval")


def the_reply():
    return Reply.objects.select_related("conversation").latest("created_at")


def awaits(text):
    return lambda: the_reply().awaits_approval and the_reply().text == text


def sent():
    return list(Message.objects.filter(actor="assistant").values_list("body", flat=True))


def test_the_earlier_draft_is_kept_with_what_was_asked(draft, world):
    again = drafts.regenerate(reply=draft, agent=world.agent, instruction="  shorter, \x00please ", ip="192.0.2.1")

    assert (again.status, again.text, again.data, again.attempt) == ("queued", "", {}, draft.attempt)
    assert (again.instruction, again.for_review) == ("shorter, please", True)
    earlier = EarlierDraft.objects.get()
    assert (earlier.reply, earlier.text, earlier.asked_by) == (draft, DRAFT, world.agent)
    assert (earlier.instruction, earlier.data["sources"]) == ("shorter, please", SOURCES)
    assert earlier.workspace == world.workspace
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.detail) == (
        "reply.regenerate",
        world.agent,
        {"instruction": "shorter, please"},
    )


def test_an_instruction_has_its_bounds(draft, world):
    with pytest.raises(CannotDecide, match="at most 2000"):
        drafts.regenerate(reply=draft, agent=world.agent, instruction="a" * 2001)
    assert the_reply().awaits_approval

    assert drafts.regenerate(reply=draft, agent=world.agent, instruction="a" * 2000).instruction == "a" * 2000


@pytest.mark.parametrize("status", ["queued", "generating", "by_hand", "failed", "rejected", "superseded", "canceled"])
def test_only_a_draft_can_be_asked_for_again(manual, world, status):
    reply = reply_in(ConversationFactory(account=manual), status)

    with pytest.raises(AlreadyDecided):
        drafts.regenerate(reply=reply, agent=world.agent)

    assert not EarlierDraft.objects.exists()
    assert not AuditEntry.objects.exists()


def test_another_draft_is_sent_and_the_earlier_one_never(server, manual, world, provider):
    with streams.opened(server, manual.token, **SEND) as stream:
        stream.until("pending")
        first = the_reply()
        assert first.text == "first draft"

        drafts.regenerate(reply=first, agent=world.agent, instruction="Name the days.", seen=first.attempt)
        wait_for(awaits("second draft"))
        second = the_reply()
        assert second.attempt > first.attempt
        with pytest.raises(CannotDecide, match="Another draft was written meanwhile"):
            drafts.approve(reply=second, agent=world.owner, seen=first.attempt)
        drafts.approve(reply=second, agent=world.owner, seen=second.attempt)

        rest = [block.data for block in stream]

    assert rest[-1]["message"]["body"] == "second draft"
    assert "first" not in str(rest)
    page = streams.history(server, manual.token, "customer-42")["messages"]
    assert [message["body"] for message in page] == [SEND["textContent"], "second draft"]
    assert EarlierDraft.objects.get().text == "first draft"
    system = provider.requests[-1].json["messages"][0]
    assert system["role"] == "system"
    assert "Name the days." in system["content"]
    assert "first draft" in system["content"]
    assert "first draft" not in str(provider.requests[-1].json["messages"][1:])


def test_each_draft_is_written_with_the_one_before_it(granian, manual, world, provider):
    with streams.opened(granian, manual.token, **SEND) as stream:
        stream.until("pending")
    for instruction, text in [("shorter", "second draft"), ("kinder", "third")]:
        drafts.regenerate(reply=the_reply(), agent=world.agent, instruction=instruction)
        wait_for(awaits(text))

    earlier = list(EarlierDraft.objects.values_list("text", "instruction"))
    assert earlier == [("first draft", "shorter"), ("second draft", "kinder")]
    last_prompt = provider.requests[-1].json["messages"][0]["content"]
    assert "kinder" in last_prompt and "second draft" in last_prompt
    assert "shorter" not in last_prompt and "first draft" not in last_prompt


def test_what_an_agent_asked_for_an_agent_decides_on(granian, manual, world):
    """Also when the customer was approved in between: nobody has read the new words."""
    with streams.opened(granian, manual.token, **SEND) as stream:
        stream.until("pending")
    drafts.regenerate(reply=the_reply(), agent=world.agent)
    customers.approve_customer(conversation=the_reply().conversation, agent=world.owner)

    wait_for(awaits("second draft"))

    assert sent() == []
    assert drafts.approve(reply=the_reply(), agent=world.agent).message.body == "second draft"


def test_a_draft_that_fails_is_tried_again_with_the_same_words(granian, manual, world, provider):
    with streams.opened(granian, manual.token, **SEND) as stream:
        stream.until("pending")
    provider.script(Answer.failure(400), Answer(deltas=["at ", "last"]))
    drafts.regenerate(reply=the_reply(), agent=world.agent, instruction="Name the days.")
    wait_for(lambda: the_reply().has_failed)

    drafts.retry(reply=the_reply(), agent=world.owner)

    wait_for(awaits("at last"))
    prompt = provider.requests[-1].json["messages"][0]["content"]
    assert "Name the days." in prompt and "first draft" in prompt
    assert sent() == []


def test_a_block_ends_the_writing_of_another_draft(granian, manual, world, provider):
    with streams.opened(granian, manual.token, **SEND) as stream:
        stream.until("pending")
    provider.script(Answer(deltas=["never "], hang_after=1))
    drafts.regenerate(reply=the_reply(), agent=world.agent)
    wait_for(lambda: the_reply().status == "generating")

    block_customer(the_reply(), world.owner)

    assert the_reply().status == "canceled"
    assert sent() == []


def test_the_teams_own_backend_is_told(granian, world, provider):
    provider.script(Answer(content_type="application/json", body=json.dumps({"text": "a draft"}).encode()))
    provider.requests.clear()
    backend = ResponderFactory(
        workspace=world.workspace,
        kind=Responder.Kind.WEBHOOK,
        base_url=f"{provider.base_url}/reply",
        api_key=secrets.encrypt(new_secret()),
    )
    account = AccountFactory(workspace=world.workspace, responder=backend, response_mode="manual")
    with streams.opened(granian, account.token, **SEND) as stream:
        stream.until("pending")

    drafts.regenerate(reply=the_reply(), agent=world.agent, instruction="Name the days.")

    wait_for(lambda: len(provider.requests) == 2 and the_reply().awaits_approval)
    told = [(sent.json["data"]["instruction"], sent.json["data"]["previousDraft"]) for sent in provider.requests]
    assert told == [(None, None), ("Name the days.", "a draft")]


def test_articles_are_searched_for_what_was_asked(granian, world):
    ArticleFactory(
        workspace=world.workspace,
        title="Return shipping",
        body="We pay the return shipping of a damaged item.",
    )
    ArticleFactory(workspace=world.workspace, title="Parcel lockers", body="A parcel locker is open day and night.")
    articles = ResponderFactory(workspace=world.workspace, kind=Responder.Kind.KNOWLEDGE)
    account = AccountFactory(workspace=world.workspace, responder=articles, response_mode="manual")
    with streams.opened(granian, account.token, **SEND) as stream:
        stream.until("pending")
    assert the_reply().text == "We pay the return shipping of a damaged item."

    drafts.regenerate(reply=the_reply(), agent=world.agent, instruction="Tell them about the parcel locker")

    wait_for(awaits("A parcel locker is open day and night."))
    assert [source["title"] for source in the_reply().data["sources"]] == ["Parcel lockers"]
