"""Ids that an unset variable or an unfilled template left behind let nobody into a thread with all other visitors
(docs/api.md, section 3)."""

import json
from urllib.parse import quote

import pytest

from conversations.api.body import JSON
from conversations.api.slips import likely_cause
from conversations.models import Conversation, Message
from tests.factories import AccountFactory, ConversationFactory
from tests.ground import streams
from tests.ground.provider import Answer
from tests.ground.raw_http import exchange

pytestmark = pytest.mark.django_db(transaction=True)

SSE, HISTORY, CANCEL = "/conversation/sse", "/conversation/history", "/conversation/cancel"
AN_ID = "01a208bd-41dc-754c-8d70-8f9bcf517d0c"
A_KEY = "4f7c1b9e-0000-4000-8000-000000000001"

WORDS = ["undefined", "null", "none", "nil", "nan", "true", "false", "[object Object]"]
QUOTES = ['"{}"', "'{}'", "`{}`", "“{}”", "‘{}’", "„{}“", "«{}»", '\\"{}\\"', "\"'{}'\"", " {} "]
SLIPS = [
    *WORDS,
    *(word.upper() for word in WORDS),
    *(word.capitalize() for word in WORDS),
    *(quotes.format(word) for quotes in QUOTES for word in ("undefined", "None", "[object Object]", "{name}")),
    *("{{id}}", "{{ user.id }}", "{{{ id }}}", "{{ id | upper }}", "{{}}", "{{first}}-{{last}}"),
    *("${id}", "${user.id}", "${ user?.id ?? '' }", "${}", "%s", "%S", "%d", "[object Promise]"),
    *("{name}", "{ customer_id }", "{user.id}", "{größe}", "<id>", "<customer_id>", "<customer-id>", "<your-id>"),
    *(":id", ":customerId", ":customer_id", ":customer-id"),
    *('""', "''", " ", "“”"),
]
HONEST = [
    *("nullpointer", "null-42", "undefined1", "user-undefined", "trueman", "nan-cy", "nil@example.com", "none of us"),
    *("{6F9619FF-8B86-D011-B42D-00CF4FC964FF}", "{af9619ff-8b86-d011-b42d-00cf4fc964ff}"),
    *("{AF9619FF8B86D011B42D00CF4FC964FF}", "6F9619FF-8B86-D011-B42D-00CF4FC964FF", "{42}", "{user-42}"),
    *("user:42", ":42", ":smile:", ":", "a<b", "<1>", "<>", "<a.b@example.com>", "<b>x</b>", "{}", "{a:b}"),
    *('{"id":1}', "{{a", "${", "%", "100%", "%s-1", "[object]", "0", "-1", "..", "c", '"John"', "O'Neil", "🦊"),
]


@pytest.fixture(autouse=True)
def plain_provider(provider):
    provider.script(Answer(deltas=["Hi."]))


@pytest.fixture
def widget(world, model):
    return AccountFactory(workspace=world.workspace, responder=model, kind="widget")


def ask(server, path, account, **query):
    if path == SSE:
        query.setdefault("textContent", "Hello")
    pairs = (f"{name}={quote(value, safe='')}" for name, value in query.items())
    return exchange(server, f"{path}?integrationToken={account.token}&" + "&".join(pairs))


def cancel(server, account, body):
    headers = [("Authorization", f"Bearer {account.token}"), ("Content-Type", JSON), ("Content-Length", str(len(body)))]
    return exchange(server, CANCEL, method="POST", headers=headers, body=body)


@pytest.mark.parametrize("value", SLIPS)
def test_a_slip_is_told_with_its_likely_cause(value):
    assert "variable" in likely_cause(value) or "placeholder" in likely_cause(value) or "empty" in likely_cause(value)


@pytest.mark.parametrize("value", HONEST)
def test_an_id_that_somebody_meant_is_none(value):
    assert likely_cause(value) is None


def test_a_slip_as_conversation_is_refused_by_every_endpoint(server, account):
    event = streams.whole(server, account.token, conversationId="customer-42", textContent="Hello")[-1].id
    before = Message.objects.count()

    for value in ("undefined", "NULL", '"none"', "[object Object]", "{{ user.id }}", "${id}", "%s", "<id>", ":id"):
        answers = {
            "send": ask(server, SSE, account, conversationId=value),
            "resume": ask(server, SSE, account, conversationId=value, lastEventId=event),
            "history": ask(server, HISTORY, account, conversationId=value),
            "cancel": cancel(server, account, json.dumps({"conversationId": value, "replyId": AN_ID}).encode()),
        }
        for name, answer in answers.items():
            assert answer.error == (400, "invalid_parameter", "conversationId"), (name, value)
            assert "visitors would share it" in answer.json["error"]["message"]

    assert Message.objects.count() == before


def test_a_slip_as_key_is_refused_on_a_send_and_on_a_resume(server, account):
    event = streams.whole(server, account.token, textContent="Hello", clientMessageId=A_KEY)[-1].id
    assert ask(server, SSE, account, clientMessageId=A_KEY, lastEventId=event).status == 204
    before = Message.objects.count()

    for value in ("undefined", "Undefined", '"undefined"', "null", "[object Object]", "{{ message.id }}", "{key}"):
        for query in ({}, {"conversationId": "customer-42"}, {"lastEventId": event}):
            answer = ask(server, SSE, account, clientMessageId=value, **query)
            assert answer.error == (400, "invalid_parameter", "clientMessageId"), (value, query)
            assert "visitors would share it" in answer.json["error"]["message"]

    assert Message.objects.count() == before


def test_a_conversation_that_once_got_such_an_id_is_closed_to_all(granian, account):
    ConversationFactory(account=account, external_id="undefined")
    assert ask(granian, HISTORY, account, conversationId="undefined2").status == 200

    assert ask(granian, HISTORY, account, conversationId="undefined").status == 400
    assert ask(granian, SSE, account, conversationId="undefined").status == 400

    assert not Message.objects.exists()


def test_json_that_is_no_string_is_no_id(granian, account):
    good = cancel(granian, account, json.dumps({"conversationId": "c", "replyId": AN_ID}).encode())
    assert good.error == (404, "unknown_reply", "replyId")

    for value in (None, 42, 4.5, True, False, [], ["c"], {}, {"id": "c"}):
        answer = cancel(granian, account, json.dumps({"conversationId": value, "replyId": AN_ID}).encode())
        assert answer.error == (400, "invalid_parameter", "conversationId"), value
        written = "an object" if isinstance(value, dict) else json.dumps(value)
        assert f"is {written}" in answer.json["error"]["message"]


def test_honest_ids_keep_their_own_threads(granian, account):
    for value in HONEST:
        assert ask(granian, SSE, account, conversationId=value).status == 200, value

    assert set(Conversation.objects.values_list("external_id", flat=True)) == set(HONEST)


# Given but empty


def test_an_empty_parameter_counts_as_left_out(server, account):
    sent = ask(server, SSE, account, conversationId="", clientMessageId="", lastEventId="")
    assert sent.status == 200
    conversation = Conversation.objects.get()
    assert conversation.issued
    assert Message.objects.get(sequence=1).client_message_id is None

    page = ask(
        server, HISTORY, account, conversationId=conversation.external_id, afterId="", beforeId="latest", limit=""
    )
    assert len(page.json["messages"]) == 2
    both = exchange(server, f"{HISTORY}?integrationToken={account.token}&conversationId=&conversationId=c&afterId")
    assert (both.status, both.json["conversationId"]) == (200, "c")

    for path, param in ((HISTORY, "conversationId"), (SSE, "textContent")):
        answer = exchange(server, f"{path}?integrationToken={account.token}&{param}=")
        assert answer.error == (400, "missing_parameter", param)
    empty = cancel(server, account, b'{"conversationId": "", "replyId": ""}')
    assert empty.error == (400, "missing_parameter", "conversationId")


def test_an_empty_resume_names_no_conversation(server, account):
    event = streams.whole(server, account.token, conversationId="customer-42", textContent="Hello")[-1].id

    assert ask(server, SSE, account, conversationId="", clientMessageId="", lastEventId=event).status == 204


def test_an_empty_signature_or_token_is_wrong_and_not_left_out(server, account):
    bearer = [("Authorization", f"Bearer {account.token}")]
    for path, query in ((SSE, "textContent=Hello&conversationId=c"), (HISTORY, "conversationId=c")):
        assert exchange(server, f"{path}?{query}", headers=bearer).status == 200

        unsigned = exchange(server, f"{path}?{query}&conversationSignature=", headers=bearer)
        nameless = exchange(server, f"{path}?{query}&integrationToken=")
        ambiguous = exchange(server, f"{path}?{query}&integrationToken=", headers=bearer)

        assert unsigned.error == (403, "invalid_signature", "conversationSignature")
        assert nameless.error == (401, "invalid_token", "integrationToken")
        assert ambiguous.error == (400, "ambiguous_token", "integrationToken")


# Keys at a Website Widget


def test_a_widgets_key_is_long_where_it_alone_leads_to_the_conversation(server, widget, account):
    issued = streams.whole(server, widget.token, textContent="Hello", clientMessageId="k" * 22)[0].data
    before = Message.objects.count()

    for length in (8, 21):
        answer = ask(server, SSE, widget, clientMessageId="s" * length)
        assert answer.error == (400, "invalid_parameter", "clientMessageId")
        assert "22 characters" in answer.json["error"]["message"]
        assert ask(server, SSE, widget, clientMessageId="s" * length, conversationId="").status == 400
    assert Message.objects.count() == before

    named = ask(server, SSE, widget, clientMessageId="s" * 8, conversationId=issued["conversationId"])
    assert named.status == 200
    assert ask(server, SSE, account, clientMessageId="s" * 8).status == 200
