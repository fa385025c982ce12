"""The feed of what was published: pages in both directions, without gaps or repeats (docs/api.md, section 5)."""

import asyncio
import random
import re

import httpx2
import pytest

from conversations.deciding import drafts
from conversations.models import Message, Note, Reply
from tests.factories import AccountFactory, ConversationFactory
from tests.ground import streams
from tests.ground.provider import Answer
from workspaces.models import AuditEntry

pytestmark = pytest.mark.django_db(transaction=True)

WRITERS, MESSAGES_EACH, POLLERS = 20, 2, 5
TOTAL = WRITERS * MESSAGES_EACH * 2  # each message has a reply


@pytest.fixture(autouse=True)
def plain_provider(provider):
    provider.script(Answer(deltas=["Hi ", "there."]))


@pytest.fixture
def conversation(account):
    return ConversationFactory(account=account, external_id="customer-42")


@pytest.fixture
def read(server, account):
    """Reads a page of the conversation."""
    return lambda **query: streams.history(server, account.token, "customer-42", **query)


def publish(conversation, *bodies, actor="customer", data=None):
    """Messages as any writer would insert them; returns their ids as the API shows them."""
    messages = [
        Message.objects.create(
            conversation=conversation,
            workspace_id=conversation.workspace_id,
            account_id=conversation.account_id,
            actor=actor,
            body=body,
            data=data,
        )
        for body in bodies
    ]
    return [str(message.pk) for message in messages]


def summary(page):
    return [message["body"] for message in page["messages"]], page["lastMessageId"], page["hasMore"]


def test_after_pages_forward_from_the_start_to_the_end(read, conversation):
    ids = publish(conversation, *"12345")

    assert summary(read(limit=2)) == (["1", "2"], ids[1], True)
    assert summary(read(limit=2, afterId=ids[1])) == (["3", "4"], ids[3], True)
    assert summary(read(limit=2, afterId=ids[3])) == (["5"], ids[4], False)
    assert summary(read(limit=2, afterId=ids[4])) == ([], ids[4], False)
    assert summary(read(limit=5)) == (list("12345"), ids[4], False)
    assert summary(read(limit=4)) == (list("1234"), ids[3], True)

    [newer] = publish(conversation, "6")
    assert summary(read(afterId=ids[4])) == (["6"], newer, False)


def test_before_pages_backward_from_the_end_to_the_start(read, conversation):
    ids = publish(conversation, *"12345")

    assert summary(read(limit=2, beforeId="latest")) == (["4", "5"], ids[4], True)
    assert summary(read(limit=2, beforeId=ids[3])) == (["2", "3"], ids[2], True)
    assert summary(read(limit=2, beforeId=ids[1])) == (["1"], ids[0], False)
    assert summary(read(limit=2, beforeId=ids[0])) == ([], None, False)
    assert summary(read(limit=5, beforeId="latest")) == (list("12345"), ids[4], False)
    assert summary(read(limit=4, beforeId="latest")) == (list("2345"), ids[4], True)
    assert summary(read(beforeId=ids[4])) == (list("1234"), ids[3], False)


def test_a_page_holds_fifty_and_never_more_than_two_hundred(granian, account, conversation):
    ids = publish(conversation, *map(str, range(201)))

    for limit, expected in [(None, 50), (1, 1), (199, 199), (200, 200), (201, 200), (10**30, 200)]:
        query = {"limit": limit} if limit else {}
        forward = streams.history(granian, account.token, "customer-42", **query)
        backward = streams.history(granian, account.token, "customer-42", beforeId="latest", **query)

        assert [message["id"] for message in forward["messages"]] == ids[:expected]
        assert [message["id"] for message in backward["messages"]] == ids[-expected:]
        assert forward["hasMore"]
        assert backward["hasMore"]


def test_an_unknown_conversation_has_no_messages_yet(read, account, server):
    empty = {"conversationId": "customer-42", "messages": [], "lastMessageId": None, "hasMore": False}

    assert read() == read(beforeId="latest") == read(limit=1) == empty

    streams.whole(server, account.token, conversationId="customer-42", textContent="Hello")
    assert len(read()["messages"]) == 2


def test_a_message_has_the_documented_shape(read, conversation):
    sources = [{"title": "Shipping", "url": "https://help.example/shipping"}]
    [asked] = publish(conversation, "Hello\r\n 🦊 \u2028")
    [answered] = publish(conversation, "Hi.", actor="assistant", data={"author": "responder", "sources": sources})

    page = read()

    times = [message.pop("createdAt") for message in page["messages"]]
    assert page["messages"] == [
        {"id": asked, "actor": "customer", "type": "message", "body": "Hello\r\n 🦊 \u2028", "data": None},
        {
            "id": answered,
            "actor": "assistant",
            "type": "message",
            "body": "Hi.",
            "data": {"author": "responder", "sources": sources},
        },
    ]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", time) for time in times)
    assert times == sorted(times)


def test_what_is_internal_never_shows(granian, world, model, provider):
    """Drafts (awaiting, rejected, edited away), notes, assignment and audit; the published words do show."""
    account = AccountFactory(workspace=world.workspace, responder=model, response_mode="manual")
    provider.script(Answer(deltas=["internal draft"]))
    for text in ["first", "second", "third"]:
        with streams.opened(granian, account.token, conversationId="c", textContent=text) as stream:
            stream.until("pending")
        draft = Reply.objects.latest("created_at")
        assert draft.text == "internal draft"
        if text == "first":
            drafts.reject(reply=draft, agent=world.agent, reason="internal reason")
        if text == "second":
            drafts.approve_edited(reply=draft, agent=world.agent, body="published")
    conversation = draft.conversation
    Note.objects.create(workspace=world.workspace, conversation=conversation, author=world.agent, body="internal note")
    conversation.assignee = world.agent
    conversation.save(update_fields=["assignee"])
    assert AuditEntry.objects.count() == 2

    parameters = {"integrationToken": account.token, "conversationId": "c"}
    for query in ({}, {"beforeId": "latest"}):
        answer = httpx2.get(f"{granian}/conversation/history", params=parameters | query)
        bodies = [message["body"] for message in answer.json()["messages"]]
        assert bodies == ["first", "second", "published", "third"]
        assert "internal" not in answer.text
        assert world.agent.email not in answer.text
        assert str(world.agent.pk) not in answer.text
        assert world.agent.name not in answer.text


def test_a_draft_approved_after_newer_messages_comes_to_who_polls(granian, world, model):
    account = AccountFactory(workspace=world.workspace, responder=model, response_mode="manual")
    with streams.opened(granian, account.token, conversationId="c", textContent="Hello") as stream:
        stream.until("pending")
    draft = Reply.objects.get()
    publish(draft.conversation, "newer", actor="assistant", data={"author": "agent"})
    cursor = streams.history(granian, account.token, "c")["lastMessageId"]
    assert streams.history(granian, account.token, "c", afterId=cursor)["messages"] == []

    drafts.approve(reply=draft, agent=world.agent)

    page = streams.history(granian, account.token, "c", afterId=cursor)
    assert [message["body"] for message in page["messages"]] == ["Hi there."]
    assert page["messages"][0]["data"] == {"author": "responder_approved"}


def test_every_poller_sees_every_message_once_in_order_whatever_is_written(granian, account):
    polled = asyncio.run(_write_and_poll(granian, account.token))

    published = list(Message.objects.order_by("sequence").values_list("pk", "sequence", "created_at"))
    assert [sequence for _, sequence, _ in published] == list(range(1, TOTAL + 1))
    assert [created for *_, created in published] == sorted(created for *_, created in published)
    assert len(polled) == POLLERS
    for seen, last_page in polled:
        assert seen == [str(pk) for pk, *_ in published]
        assert not last_page["hasMore"]


async def _write_and_poll(server, token):
    """For each poller: the ids in the order in which it got them, and its last page."""
    chance = random.Random(42)
    query = {"integrationToken": token, "conversationId": "customer-42"}

    async def write(client, writer):
        for number in range(MESSAGES_EACH):
            sent = query | {"textContent": f"{writer}/{number}"}
            async with client.stream("GET", f"{server}/conversation/sse", params=sent) as response:
                assert response.status_code == 200
                assert '"type":"final"' in [line async for line in response.aiter_lines() if "data" in line][-1]

    async def poll(client):
        seen, cursor = [], {}
        while len(seen) < TOTAL:
            asked = query | cursor | {"limit": chance.randint(1, 7)}
            page = (await client.get(f"{server}/conversation/history", params=asked)).json()
            seen += [message["id"] for message in page["messages"]]
            if page["lastMessageId"]:
                cursor = {"afterId": page["lastMessageId"]}
            await asyncio.sleep(chance.random() * 0.02)
        return seen, page

    async with httpx2.AsyncClient(timeout=30) as client, asyncio.timeout(40), asyncio.TaskGroup() as tasks:
        for writer in range(WRITERS):
            tasks.create_task(write(client, writer))
        polls = [tasks.create_task(poll(client)) for _ in range(POLLERS)]
    return [task.result() for task in polls]
