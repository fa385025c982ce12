"""Who may speak in which conversation, over HTTP (docs/api.md, section 3)."""

import pytest

from conversations.models import Conversation, Message
from integrations import signatures
from tests.factories import AccountFactory, ConversationFactory, ResponderFactory
from tests.ground import streams
from tests.ground.provider import Answer
from tests.ground.raw_http import exchange

pytestmark = pytest.mark.django_db(transaction=True)

SSE, HISTORY = "/conversation/sse", "/conversation/history"
INVALID = (403, "invalid_signature", "conversationSignature")


@pytest.fixture(autouse=True)
def plain_provider(provider):
    provider.script(Answer(deltas=["Hi."]))


@pytest.fixture
def widget(world, model):
    return AccountFactory(workspace=world.workspace, responder=model, kind="widget")


@pytest.fixture
def foreign(world, provider):
    """An API account of the stranger."""
    responder = ResponderFactory(
        workspace=world.elsewhere, kind="openai_compatible", base_url=provider.base_url, model="double"
    )
    return AccountFactory(workspace=world.elsewhere, responder=responder)


def signed(account, conversation):
    return signatures.sign(account.reveal_identity_secret(), conversation)


def ask(server, path, account, conversation=None, signature=None, **query):
    query = {"integrationToken": account.token, **query}
    if path == SSE:
        query.setdefault("textContent", "Hello")
    if conversation is not None:
        query["conversationId"] = conversation
    if signature is not None:
        query["conversationSignature"] = signature
    return exchange(server, f"{path}?" + "&".join(f"{name}={value}" for name, value in query.items()))


def issue(server, account):
    """A conversation id that the server issues to a customer of the account."""
    return streams.whole(server, account.token, textContent="Hello")[0].data["conversationId"]


@pytest.mark.parametrize("path", [SSE, HISTORY])
def test_a_widget_takes_the_ids_that_the_server_issued_to_it(server, widget, path):
    issued = issue(server, widget)

    assert ask(server, path, widget, issued).status == 200

    assert Conversation.objects.get().issued
    assert len(streams.history(server, widget.token, issued)["messages"]) == (4 if path == SSE else 2)


@pytest.mark.parametrize("path", [SSE, HISTORY])
def test_a_widget_takes_no_id_that_somebody_made_up(server, widget, account, world, model, path):
    sibling = AccountFactory(workspace=world.workspace, responder=model, kind="widget")
    issued, of_sibling, of_api = issue(server, widget), issue(server, sibling), issue(server, account)
    assert ask(server, path, widget, issued).status == 200
    by_backend = ConversationFactory(account=widget, external_id=signatures.issue_conversation_id())
    before = Message.objects.count()

    for case, conversation in {
        "a name": "customer-42",
        "in the issued form": signatures.issue_conversation_id(),
        "issued by another widget": of_sibling,
        "issued by an API account": of_api,
        "in the issued form, but named by a backend": by_backend.external_id,
        "longer": f"{issued}0",
        "shorter": issued[:-1],
        "in other case": issued.swapcase(),
        "with a space": f"{issued}%20",
    }.items():
        assert ask(server, path, widget, conversation).error == INVALID, case

    assert Message.objects.count() == before
    assert not Conversation.objects.filter(account=widget).exclude(external_id__in=[issued, by_backend]).exists()


@pytest.mark.parametrize("path", [SSE, HISTORY])
@pytest.mark.parametrize("kind", ["widget", "api that requires it", "widget that requires it"])
def test_a_signature_opens_the_conversation_that_it_signs(server, world, model, path, kind):
    kind, _, required = kind.partition(" ")
    account = AccountFactory(workspace=world.workspace, responder=model, kind=kind, require_signature=bool(required))
    sibling = AccountFactory(workspace=world.workspace, kind=kind)
    good = signed(account, "customer-42")
    assert ask(server, path, account, "customer-42", good).status == 200
    assert ask(server, path, account, "customer-42", good.upper()).status == 200
    before = Message.objects.count()

    for case, signature in {
        "missing": None,
        "empty": "",
        "nonsense": "nonsense",
        "of another conversation": signed(account, "customer-43"),
        "of another account": signed(sibling, "customer-42"),
        "shorter": good[:-1],
        "longer": f"{good}0",
        "with a prefix": f"sha256={good}",
        "NUL": f"{good}%00",
        "lone surrogate": "%ED%A0%80",
        "emoji": "%F0%9F%A6%8A" * 64,
    }.items():
        answer = ask(server, path, account, "customer-42", signature)
        assert answer.error == INVALID, case
        assert good.encode() not in answer.body
    assert ask(server, path, account, "customer-43", good).error == INVALID

    assert Message.objects.count() == before


def test_an_account_that_requires_signatures_issues_no_conversations(server, world, model):
    account = AccountFactory(workspace=world.workspace, responder=model)
    assert ask(server, SSE, account).status == 200
    account.require_signature = True
    account.save()
    before = Message.objects.count()

    assert ask(server, SSE, account).error == INVALID
    assert ask(server, SSE, account, signature=signed(account, "")).error == INVALID

    assert Message.objects.count() == before


def test_an_issued_id_needs_a_signature_where_all_do(server, widget):
    issued = issue(server, widget)
    assert ask(server, HISTORY, widget, issued).status == 200
    widget.require_signature = True
    widget.save()

    assert ask(server, HISTORY, widget, issued).error == INVALID
    assert ask(server, HISTORY, widget, issued, signed(widget, issued)).status == 200


@pytest.mark.parametrize("path", [SSE, HISTORY])
def test_an_api_account_takes_any_id_but_no_wrong_signature(server, account, path):
    for conversation in ["customer-42", signatures.issue_conversation_id()]:
        assert ask(server, path, account, conversation).status == 200
        assert ask(server, path, account, conversation, signed(account, conversation)).status == 200
        before = Message.objects.count()

        assert ask(server, path, account, conversation, "0" * 64).error == INVALID

        assert Message.objects.count() == before


def test_a_resume_needs_the_same_right_as_a_send(server, widget):
    good = signed(widget, "customer-42")
    query = {"conversationId": "customer-42", "textContent": "Hello"}
    final = streams.whole(server, widget.token, conversationSignature=good, **query)[-1]
    accepted = final.id.removesuffix(".e")
    assert ask(server, SSE, widget, "customer-42", good, lastEventId=final.id).status == 204
    assert ask(server, SSE, widget, "customer-42", good, lastEventId=accepted).status == 200

    for event_id in (final.id, accepted):
        assert ask(server, SSE, widget, "customer-42", lastEventId=event_id).error == INVALID
        assert ask(server, SSE, widget, "customer-42", "0" * 64, lastEventId=event_id).error == INVALID


def test_without_its_id_a_widget_resumes_only_an_issued_conversation(server, widget):
    """The address of such a stream names no conversation: the server made the id only then."""
    issued = streams.whole(server, widget.token, textContent="Hello")[-1]
    named = streams.whole(
        server,
        widget.token,
        conversationId="customer-42",
        conversationSignature=signed(widget, "customer-42"),
        textContent="Hello",
    )[-1]
    assert ask(server, SSE, widget, lastEventId=issued.id).status == 204

    assert ask(server, SSE, widget, lastEventId=named.id).error == INVALID
    assert ask(server, SSE, widget, lastEventId=named.id.removesuffix(".e")).error == INVALID


def test_without_its_id_a_key_of_a_widget_opens_only_an_issued_conversation(server, widget):
    """Keys may be easy to guess; they are no permission."""
    key = {"clientMessageId": "1" * 22}
    issued = streams.whole(server, widget.token, textContent="Hello", clientMessageId="2" * 22)
    streams.whole(
        server,
        widget.token,
        conversationId="customer-42",
        conversationSignature=signed(widget, "customer-42"),
        textContent="Hello",
        **key,
    )
    again = streams.whole(server, widget.token, textContent="Hello", clientMessageId="2" * 22)
    assert again[0].data == issued[0].data

    assert ask(server, SSE, widget, **key).error == INVALID
    assert ask(server, SSE, widget, "customer-42", signed(widget, "customer-42"), **key).status == 200
    assert Message.objects.count() == 4


def test_equal_conversation_ids_of_different_accounts_are_different_threads(server, account, foreign, world, model):
    sibling = AccountFactory(workspace=world.workspace, responder=model)
    texts = {account: "from home", sibling: "from next door", foreign: "from elsewhere"}
    finals = {
        owner: streams.whole(server, owner.token, conversationId="customer-42", textContent=text)[-1]
        for owner, text in texts.items()
    }

    for owner, text in texts.items():
        page = streams.history(server, owner.token, "customer-42")
        assert [message["body"] for message in page["messages"]] == [text, "Hi."]
        for other, final in finals.items():
            resumed = ask(server, SSE, owner, "customer-42", lastEventId=final.id)
            cursor = ask(server, HISTORY, owner, "customer-42", afterId=final.data["message"]["id"])
            expected = (204, 200) if owner is other else (404, 404)
            assert (resumed.status, cursor.status) == expected

    assert Message.objects.count() == 6


def test_a_key_of_one_account_attaches_to_nothing_of_another(server, account, foreign):
    query = {"textContent": "Hello", "clientMessageId": "12345678"}
    here = streams.whole(server, account.token, conversationId="customer-42", **query)[-1]
    again = streams.whole(server, account.token, conversationId="customer-42", **query)[-1]
    assert again.data == here.data

    there = streams.whole(server, foreign.token, conversationId="customer-42", **query)[-1]

    assert there.data["userMessageId"] != here.data["userMessageId"]
    assert Message.objects.count() == 4
