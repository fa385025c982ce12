"""All ways out of the product, one by one: none of them carries what agents tell each other.

``test_notes_are_internal.py`` walks one conversation; this walks the exits, and fails when there is a new one.
"""

import json

import pytest

from conversations.deciding import drafts, handling
from conversations.models import Conversation, Note, Reply
from integrations.models import RequestRecord, Responder
from integrations.responders.webhook import new_secret
from tests import site_map
from tests.conversations.making.stopping import cancel
from tests.factories import AccountFactory, ArticleFactory, ResponderFactory
from tests.ground import streams
from tests.ground.provider import Answer
from tests.ground.servers import ROOT
from tests.ground.waiting import wait_for
from workspaces import secrets

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "umbrella-in-the-cellar"
SEND = {"conversationId": "customer-42", "textContent": "Where is my umbrella?"}
HISTORY, SSE, CANCEL = "conversations:history", "conversations:sse", "conversations:cancel"
EXIT_WORDS = ("export", "download", "csv", "feed", "rss", "dump", "backup", "report")
PUBLIC = ("conversation/",)


@pytest.fixture
def provider(provider):
    provider.script(Answer(deltas=["Behind ", "the door."]))
    provider.requests.clear()
    return provider


@pytest.fixture
def held(world, model, provider):
    return AccountFactory(workspace=world.workspace, responder=model, response_mode="manual")


def leave_notes(agent):
    """Before and after each other, long and short, with the words of the question, so that a search would find them."""
    conversation = Conversation.objects.get(external_id="customer-42")
    for body in (SECRET, f"Where is my umbrella? {SECRET} " * 20):
        handling.leave_note(conversation=conversation, agent=agent, body=body)
    assert Note.objects.filter(body__contains=SECRET).count() >= 2


def send(server, account, *, until):
    with streams.opened(server, account.token, **SEND) as stream:
        return stream.until(until)


def test_the_history_in_both_directions(server, account, provider, world):
    streams.whole(server, account.token, **SEND)
    leave_notes(world.agent)
    streams.whole(server, account.token, conversationId="customer-42", textContent="And my hat?")
    leave_notes(world.agent)

    pages = [streams.history(server, account.token, "customer-42", limit=limit) for limit in (1, 2, 200)]
    newest = streams.history(server, account.token, "customer-42", beforeId="latest", limit=1)
    pages.append(newest)
    pages += [
        streams.history(server, account.token, "customer-42", **{name: newest["lastMessageId"]})
        for name in ("afterId", "beforeId")
    ]

    assert sum(len(page["messages"]) for page in pages) == 1 + 2 + 4 + 1 + 0 + 3
    assert SECRET not in json.dumps(pages)


def test_a_stream_that_sends_resumes_or_attaches(server, held, world):
    pending = send(server, held, until="pending")
    leave_notes(world.agent)
    with (
        streams.opened(server, held.token, headers={"Last-Event-ID": pending.id}, **SEND) as resumed,
        streams.opened(server, held.token, **SEND) as attached,
    ):
        blocks = [attached.until("accepted"), attached.until("pending")]
        leave_notes(world.agent)
        drafts.approve(reply=Reply.objects.get(), agent=world.agent)
        blocks += [*resumed, *attached]

    assert [block.type for block in blocks] == ["accepted", "pending", "final", "final"]
    assert SECRET not in str(blocks)
    assert blocks[-1].data["message"]["body"] == "Behind the door."


def test_a_stopped_reply(granian, account, provider, world):
    provider.script(Answer(deltas=["Behind ", "the door."], hang_after=1))
    with streams.opened(granian, account.token, **SEND) as stream:
        stream.until("partial")
        leave_notes(world.agent)
        answer = cancel(granian, account.token, reply=Reply.objects.get())
        rest = list(stream)

    assert rest[-1].data["message"]["body"] == "Behind "
    assert SECRET not in str(rest)
    assert SECRET.encode() not in answer.body


def test_what_a_model_is_sent(granian, held, world, provider):
    send(granian, held, until="pending")
    leave_notes(world.agent)
    drafts.regenerate(reply=Reply.objects.get(), agent=world.agent, instruction="Where is the umbrella?")
    wait_for(lambda: len(provider.requests) == 2 and Reply.objects.get().awaits_approval)
    drafts.approve(reply=Reply.objects.get(), agent=world.agent)
    with streams.opened(granian, held.token, conversationId="customer-42", textContent="And my hat?") as stream:
        stream.until("pending")

    assert len(provider.requests) == 3
    for request in provider.requests:
        assert b"Where is my umbrella?" in request.body
        assert SECRET.encode() not in request.body


def test_what_the_teams_own_backend_is_sent(granian, world, provider):
    provider.script(Answer(content_type="application/json", body=json.dumps({"text": "Behind the door."}).encode()))
    backend = ResponderFactory(
        workspace=world.workspace,
        kind=Responder.Kind.WEBHOOK,
        base_url=f"{provider.base_url}/reply",
        api_key=secrets.encrypt(new_secret()),
    )
    account = AccountFactory(workspace=world.workspace, responder=backend, response_mode="manual")
    send(granian, account, until="pending")
    leave_notes(world.agent)

    drafts.regenerate(reply=Reply.objects.get(), agent=world.agent, instruction="shorter")

    wait_for(lambda: len(provider.requests) == 2 and Reply.objects.get().awaits_approval)
    assert b"Where is my umbrella?" in provider.requests[-1].body
    assert SECRET.encode() not in provider.requests[-1].body


def test_what_the_articles_answer(granian, world):
    ArticleFactory(workspace=world.workspace, title="Umbrellas", body="An umbrella is behind the door.")
    articles = ResponderFactory(workspace=world.workspace, kind=Responder.Kind.KNOWLEDGE)
    account = AccountFactory(workspace=world.workspace, responder=articles, response_mode="manual")
    send(granian, account, until="pending")
    leave_notes(world.agent)

    drafts.regenerate(reply=Reply.objects.get(), agent=world.agent, instruction=SECRET.replace("-", " "))

    wait_for(lambda: Reply.objects.get().attempt == 2 and Reply.objects.get().awaits_approval)
    reply = Reply.objects.get()
    assert SECRET not in reply.text + str(reply.data)
    assert reply.text == "An umbrella is behind the door."


def test_what_is_on_record_of_requests(granian, account, provider, world):
    streams.whole(granian, account.token, **SEND)
    leave_notes(world.agent)
    streams.history(granian, account.token, "customer-42")

    wait_for(lambda: RequestRecord.objects.count() == 2)
    assert SECRET not in str(list(RequestRecord.objects.values()))


def test_there_is_no_other_way_out():
    """A new public address, or an export, belongs into this file."""
    routes = list(site_map.routes())
    public = {route.name for route in routes if route.pattern.startswith(PUBLIC)}
    exports = {route.pattern for route in routes if any(word in route.pattern.lower() for word in EXIT_WORDS)}

    assert public == {HISTORY, SSE, CANCEL}
    assert exports == {"accounts/2fa/recovery-codes/download/"}


def test_the_public_api_never_names_the_table_of_notes():
    """Its statements stand in ``conversations/store/`` and ``conversations/sql/``."""
    sources = [*ROOT.glob("conversations/store/*.py"), *ROOT.glob("conversations/sql/*.sql")]

    assert any("conversations_message" in path.read_text() for path in sources)
    assert [path.name for path in sources if "conversations_note" in path.read_text()] == []
