"""How a stop may be asked for, and what is refused (docs/api.md, sections 2, 3, 7 and 8)."""

import asyncio
import json
from urllib.parse import quote

import pytest

from conversations.api.body import FORM, JSON, MAX_BYTES
from conversations.models import Message, Reply
from integrations import signatures
from integrations.models import RefusedOrigin, RequestRecord
from lumika import bodies, handler
from tests.factories import AccountFactory, ConversationFactory
from tests.factories.drafts import reply_in
from tests.ground.raw_http import exchange
from tests.ground.waiting import wait_for
from workspaces import secrets

pytestmark = pytest.mark.django_db(transaction=True)

CANCEL = "/conversation/cancel"
HERE, AWAY = ("Origin", "https://example.com"), ("Origin", "https://evil.example")
AN_ID = "01a208bd-41dc-754c-8d70-8f9bcf517d0c"


@pytest.fixture
def draft(account):
    """A reply of conversation ``customer-42 🦊`` that can be stopped."""
    return reply_in(ConversationFactory(account=account, external_id="customer-42 🦊"), "awaiting_approval")


def post(server, account, *, query="", kind=None, body=b"", headers=(), path=CANCEL, **how):
    """A POST with the account's token in the header."""
    known = [("Authorization", f"Bearer {account.token}"), ("Content-Length", str(len(body)))]
    known += [("Content-Type", kind)] if kind else []
    target = f"{path}?{query}" if query else path
    return exchange(server, target, method="POST", headers=[*known, *headers], body=body, **how)


def form(conversation, reply_id):
    return f"conversationId={quote(conversation)}&replyId={reply_id}"


def obj(**members):
    return json.dumps(members).encode()


def test_the_parameters_stand_in_the_query_a_form_or_json(server, account, draft):
    conversation, reply_id = draft.conversation.external_id, str(draft.pk)
    whole = {"conversationId": conversation, "replyId": reply_id}
    ways = {
        "query": {"query": form(conversation, reply_id)},
        "query, and a kind without a body": {"query": form(conversation, reply_id), "kind": JSON},
        "query, and an empty form": {"query": form(conversation, reply_id), "kind": FORM},
        "form": {"kind": FORM, "body": form(conversation, reply_id).encode()},
        "form with a charset": {"kind": f"{FORM};charset=UTF-8", "body": form(conversation, reply_id).encode()},
        "form that is not escaped": {
            "kind": FORM,
            "body": f"conversationId={conversation}&replyId={reply_id}".encode(),
        },
        "json": {"kind": JSON, "body": obj(**whole)},
        "json in UTF-8": {
            "kind": "Application/JSON; charset=utf-8",
            "body": json.dumps(whole, ensure_ascii=False).encode(),
        },
        "json with more": {
            "kind": JSON,
            "body": obj(**whole, conversationSignature=None, more=[{"a": 1}], textContent=7),
        },
        "both": {"query": f"replyId={reply_id}", "kind": JSON, "body": obj(conversationId=conversation)},
        "at the limit": {"kind": JSON, "body": obj(**whole).ljust(MAX_BYTES)},
    }

    for way, how in ways.items():
        Reply.objects.filter(pk=draft.pk).delete()
        Reply.objects.create(**{f.attname: getattr(draft, f.attname) for f in draft._meta.concrete_fields})
        answer = post(server, account, **how)
        assert answer.status == 200, (way, answer.body)
        assert answer.json == {"conversationId": conversation, "replyId": reply_id, "status": "canceled"}, way
        assert Reply.objects.get().status == "canceled"
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers.get_all("Vary") == ["Origin"]
        assert len(answer.headers["X-Request-ID"]) == 16


BAD = {
    "nothing": ({}, 400, "missing_parameter", "conversationId"),
    "no reply": ({"query": "conversationId=c"}, 400, "missing_parameter", "replyId"),
    "no conversation": ({"query": f"replyId={AN_ID}"}, 400, "missing_parameter", "conversationId"),
    "null for a reply": (
        {"kind": JSON, "body": b'{"conversationId": "c", "replyId": null}'},
        400,
        "missing_parameter",
        "replyId",
    ),
    "reply twice": (
        {"query": f"conversationId=c&replyId={AN_ID}&replyId={AN_ID}"},
        400,
        "repeated_parameter",
        "replyId",
    ),
    "in query and form": (
        {"query": f"conversationId=c&replyId={AN_ID}", "kind": FORM, "body": f"replyId={AN_ID}".encode()},
        400,
        "repeated_parameter",
        "replyId",
    ),
    "in query and json": (
        {"query": "conversationId=c", "kind": JSON, "body": b'{"conversationId": "c"}'},
        400,
        "repeated_parameter",
        "conversationId",
    ),
    "twice in json": (
        {"kind": JSON, "body": b'{"conversationId": "c", "replyId": "1", "replyId": "2"}'},
        400,
        "repeated_parameter",
        "replyId",
    ),
    "a number": (
        {"kind": JSON, "body": b'{"conversationId": 42, "replyId": "1"}'},
        400,
        "invalid_parameter",
        "conversationId",
    ),
    "an object": (
        {"kind": JSON, "body": b'{"conversationId": "c", "replyId": {}}'},
        400,
        "invalid_parameter",
        "replyId",
    ),
    "a list": ({"kind": JSON, "body": b'{"conversationId": ["c"]}'}, 400, "invalid_parameter", "conversationId"),
    "half a character": (
        {"kind": JSON, "body": rb'{"conversationId": "\ud800"}'},
        400,
        "invalid_parameter",
        "conversationId",
    ),
    "NUL": ({"kind": JSON, "body": rb'{"conversationId": "\u0000"}'}, 400, "invalid_parameter", "conversationId"),
    "empty conversation": (
        {"kind": FORM, "body": b"conversationId=&replyId=1"},
        400,
        "missing_parameter",
        "conversationId",
    ),
    "bytes in a form": (
        {"kind": FORM, "body": b"conversationId=%FF&replyId=1"},
        400,
        "invalid_parameter",
        "conversationId",
    ),
    "too many parameters": ({"kind": FORM, "body": b"a=&" * 1100}, 400, "invalid_parameter", None),
    "broken json": ({"kind": JSON, "body": b'{"conversationId": "c",'}, 400, "invalid_body", None),
    "a list as body": ({"kind": JSON, "body": b'[["conversationId", "c"]]'}, 400, "invalid_body", None),
    "a text as body": ({"kind": JSON, "body": b'"conversationId"'}, 400, "invalid_body", None),
    "null as body": ({"kind": JSON, "body": b"null"}, 400, "invalid_body", None),
    "a byte order mark": ({"kind": JSON, "body": b"\xef\xbb\xbf{}"}, 400, "invalid_body", None),
    "deep json": ({"kind": JSON, "body": b"[" * 60_000}, 400, "invalid_body", None),
    "a huge number": ({"kind": JSON, "body": b'{"a": ' + b"9" * 60_000 + b"}"}, 400, "invalid_body", None),
    "no UTF-8": ({"kind": JSON, "body": b'{"conversationId": "\xff"}'}, 400, "invalid_body", None),
    "no UTF-8 in a form": ({"kind": FORM, "body": b"conversationId=\xff"}, 400, "invalid_body", None),
    "UTF-16": ({"kind": JSON, "body": '{"conversationId": "c"}'.encode("utf-16")}, 400, "invalid_body", None),
    "plain text": ({"kind": "text/plain", "body": b'{"conversationId": "c"}'}, 415, "unsupported_media_type", None),
    "no kind": ({"body": b"conversationId=c"}, 415, "unsupported_media_type", None),
    "multipart": ({"kind": "multipart/form-data; boundary=a", "body": b"--a--"}, 415, "unsupported_media_type", None),
    "too large": ({"kind": JSON, "body": b"{}".ljust(MAX_BYTES + 1)}, 413, "body_too_large", None),
    "far too large": ({"kind": FORM, "body": b"a" * 3_000_000}, 413, "body_too_large", None),
    "unknown": ({"query": f"conversationId=c&replyId={AN_ID}"}, 404, "unknown_reply", "replyId"),
    "no id": ({"query": "conversationId=c&replyId=1"}, 404, "unknown_reply", "replyId"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_understood_is_refused(granian, account, draft, case):
    how, status, code, param = BAD[case]

    answer = post(granian, account, headers=[HERE], **how)

    assert answer.error == (status, code, param)
    assert set(answer.json["error"]) == {"code", "message", "param"}
    assert answer.headers["Access-Control-Allow-Origin"] == HERE[1]
    assert answer.headers.get_all("Vary") == ["Origin"]
    assert account.token.encode() not in answer.body
    assert Reply.objects.get().status == "awaiting_approval"


def test_daphne_refuses_the_same(daphne, account, draft):
    for case in ("broken json", "plain text", "too large", "unknown"):
        how, *expected = BAD[case]
        assert post(daphne, account, **how).error == tuple(expected), case


def test_the_connection_stays_usable(server, account, draft):
    page = f"/conversation/history?integrationToken={account.token}&conversationId=c"
    good = form(draft.conversation.external_id, draft.pk)

    for how in ({"query": good}, {"kind": FORM, "body": good.encode()}, BAD["broken json"][0], BAD["unknown"][0]):
        assert post(server, account, **how, then=page).status == 200


def test_a_body_may_come_in_chunks(server, account, draft):
    body = obj(conversationId=draft.conversation.external_id, replyId=str(draft.pk))
    chunks = b"".join(b"1\r\n%b\r\n" % bytes([byte]) for byte in body) + b"0\r\n\r\n"
    headers = [("Authorization", f"Bearer {account.token}"), ("Transfer-Encoding", "chunked"), ("Content-Type", JSON)]

    answer = exchange(server, CANCEL, method="POST", headers=headers, body=chunks)

    assert answer.json["status"] == "canceled"


def test_only_a_post_is_answered(server, account, draft):
    good = f"{CANCEL}?integrationToken={account.token}&{form(draft.conversation.external_id, draft.pk)}"

    for method in ("GET", "PUT", "DELETE", "PATCH"):
        answer = exchange(server, good, method=method, headers=[("Content-Length", "0")])
        assert answer.error == (405, "method_not_allowed", None)
        assert answer.headers["Allow"] == "POST, OPTIONS"
    assert exchange(server, good, method="HEAD").status == 405

    assert Reply.objects.get().status == "awaiting_approval"
    assert exchange(server, good, method="POST", headers=[("Content-Length", "0")]).status == 200


def test_the_token_is_not_taken_from_the_body(granian, account, draft):
    body = f"integrationToken={account.token}&{form(draft.conversation.external_id, draft.pk)}".encode()
    headers = [("Content-Type", FORM), ("Content-Length", str(len(body)))]

    answer = exchange(granian, CANCEL, method="POST", headers=headers, body=body)

    assert answer.error == (401, "invalid_token", "integrationToken")
    assert Reply.objects.get().status == "awaiting_approval"


def test_a_preflight_allows_json_by_post(server, account):
    for origin in (HERE, AWAY):
        asked = [("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "content-type")]
        answer = exchange(server, CANCEL, method="OPTIONS", headers=[origin, *asked])
        assert (answer.status, answer.body) == (204, b"")
        assert answer.headers["Access-Control-Allow-Origin"] == origin[1]
        assert answer.headers["Access-Control-Allow-Methods"] == "POST"
        allowed = {name.strip().lower() for name in answer.headers["Access-Control-Allow-Headers"].split(",")}
        assert {"authorization", "content-type"} <= allowed
        assert answer.headers.get_all("Vary") == ["Origin, Access-Control-Request-Headers"]


def test_an_origin_that_is_not_allowed_stops_nothing(server, account, draft):
    account.allowed_domains = ["example.com"]
    account.save()
    good = form(draft.conversation.external_id, draft.pk)

    refused = post(server, account, query=good, headers=[AWAY])

    assert refused.error == (403, "origin_not_allowed", None)
    assert "Access-Control-Allow-Origin" not in refused.headers
    assert refused.headers.get_all("Vary") == ["Origin"]
    assert Reply.objects.get().status == "awaiting_approval"
    wait_for(lambda: RefusedOrigin.objects.filter(origin=AWAY[1]).exists())
    allowed = post(server, account, query=good, headers=[HERE])
    assert (allowed.status, allowed.headers["Access-Control-Allow-Origin"]) == (200, HERE[1])


def test_a_widget_stops_only_what_its_customer_may_read(granian, world):
    widget = AccountFactory(workspace=world.workspace, kind="widget")
    conversation = ConversationFactory(account=widget, external_id="customer-42")
    draft = reply_in(conversation, "awaiting_approval")
    members = {"conversationId": "customer-42", "replyId": str(draft.pk)}
    signature = signatures.sign(secrets.decrypt(bytes(widget.identity_secret)), "customer-42")

    for wrong in ({}, {"conversationSignature": "wrong"}, {"conversationSignature": ""}):
        answer = post(granian, widget, kind=JSON, body=obj(**members, **wrong))
        assert answer.error == (403, "invalid_signature", "conversationSignature")
    assert Reply.objects.get().status == "awaiting_approval"

    assert post(granian, widget, kind=JSON, body=obj(**members, conversationSignature=signature)).status == 200


def test_stops_are_on_record(granian, account, draft):
    stopped = post(granian, account, query=form(draft.conversation.external_id, draft.pk), headers=[HERE])
    refused = post(granian, account, kind=JSON, body=b"{")

    wait_for(lambda: RequestRecord.objects.count() == 2)
    first, second = RequestRecord.objects.order_by("created_at")
    assert (first.endpoint, first.status, first.code, first.origin) == ("cancel", 200, "", HERE[1])
    assert (second.endpoint, second.status, second.code) == ("cancel", 400, "invalid_body")
    assert [first.request_id, second.request_id] == [answer.headers["X-Request-ID"] for answer in (stopped, refused)]
    assert str(draft.pk) not in str(vars(first))


def test_a_stop_stores_no_message(granian, account, draft):
    before = Message.objects.count()

    post(granian, account, query=form(draft.conversation.external_id, draft.pk) + "&textContent=Hello")

    assert Message.objects.count() == before


async def answered(*events, method="POST"):
    """What the front door sends for a body that arrives in these events; then nothing more comes."""
    sent, waiting = [], [*events]

    async def receive():
        if waiting:
            return waiting.pop(0)
        return await asyncio.Event().wait()

    async def send(event):
        sent.append(event)

    scope = {"type": "http", "method": method, "path": CANCEL, "query_string": b"", "headers": []}
    await bodies.bounded(handler.handle)(scope, receive, send)
    return sent


def test_a_body_that_does_not_come_is_given_up(monkeypatch):
    monkeypatch.setattr(bodies, "SECONDS", 0.05)

    head, body = asyncio.run(answered({"type": "http.request", "body": b"{", "more_body": True}))

    assert head["status"] == 408
    assert json.loads(body["body"])["error"]["code"] == "body_timeout"


def test_nothing_is_done_for_a_client_that_left_in_the_middle_of_its_body():
    events = [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]

    assert asyncio.run(answered(*events)) == []


def test_the_body_of_a_get_is_not_waited_for():
    head, _ = asyncio.run(answered(method="GET"))

    assert head["status"] == 405
