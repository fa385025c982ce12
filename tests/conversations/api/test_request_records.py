"""What was asked of an account is on record for its admins: status, origin, duration, and never the token or text."""

import asyncio
from datetime import timedelta
from time import monotonic
from types import SimpleNamespace
from uuid import uuid4

import httpx2
import pytest
from django.utils import timezone

from conversations import store
from conversations.making import request_log
from conversations.making.request_log import Call, RequestLog
from conversations.store import database
from integrations.models import IntegrationToken, RequestRecord
from integrations.origins import Caller
from tests.factories import AccountFactory
from tests.ground import streams
from tests.ground.provider import Answer
from tests.ground.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

HERE, AWAY = "https://example.com", "https://evil.example"


@pytest.fixture(autouse=True)
def plain_provider(provider):
    provider.script(Answer())


def ask(server, token, *, path="history", origin=None, **query):
    headers = {"Authorization": f"Bearer {token}"} | ({"Origin": origin} if origin else {})
    return httpx2.get(f"{server}/conversation/{path}", params={"conversationId": "c"} | query, headers=headers)


def records(account, *, count):
    """The account's records, oldest first, once there are so many."""
    wait_for(lambda: RequestRecord.objects.filter(account=account).count() >= count)
    found = list(RequestRecord.objects.filter(account=account).order_by("created_at"))
    assert len(found) == count
    return found


def test_a_send_and_a_poll_are_on_record(server, account):
    streams.whole(server, account.token, conversationId="c", textContent="Hello?", headers={"Origin": HERE})
    answer = ask(server, account.token)

    sent, polled = records(account, count=2)
    assert (sent.endpoint, sent.status, sent.code, sent.origin) == ("sse", 200, "", HERE)
    assert (polled.endpoint, polled.status, polled.code, polled.origin) == ("history", 200, "", "")
    assert polled.request_id == answer.headers["X-Request-ID"]
    assert polled.workspace_id == account.workspace_id
    assert timezone.now() - polled.created_at < timedelta(seconds=30)


def test_the_duration_of_a_stream_is_until_its_answer_began(granian, account, provider):
    provider.script(Answer(deltas=["slow"], delay=1.5))

    streams.whole(granian, account.token, conversationId="c", textContent="Hello?")

    (record,) = records(account, count=1)
    assert record.duration_ms < 1000


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"limit": "0"}, 400, "invalid_limit"),
        ({"afterId": "01a208b1-a413-770e-a9e8-2e1649514777"}, 404, "unknown_cursor"),
        ({"conversationSignature": "wrong"}, 403, "invalid_signature"),
        ({"path": "sse", "textContent": ""}, 400, "missing_parameter"),
        ({"path": "sse", "textContent": "x", "lastEventId": "x"}, 404, "unknown_event"),
    ],
)
def test_a_refusal_is_on_record_with_its_code(granian, account, query, status, code):
    answer = ask(granian, account.token, **query)
    assert answer.status_code == status, answer.text

    (record,) = records(account, count=1)
    assert (record.status, record.code) == (status, code)
    assert record.request_id == answer.headers["X-Request-ID"]


def test_a_refused_origin_is_on_record(granian, world):
    account = AccountFactory(workspace=world.workspace, allowed_domains=["example.com"])
    assert ask(granian, account.token, origin=HERE).status_code == 200

    assert ask(granian, account.token, origin=AWAY).status_code == 403

    allowed, refused = records(account, count=2)
    assert (allowed.origin, allowed.status) == (HERE, 200)
    assert (refused.origin, refused.status, refused.code) == (AWAY, 403, "origin_not_allowed")


def test_an_expired_token_still_tells_its_account(granian, account):
    IntegrationToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert ask(granian, account.token).status_code == 401

    (record,) = records(account, count=1)
    assert record.code == "invalid_token"


def test_neither_token_nor_text_is_on_record(granian, account):
    streams.whole(granian, account.token, conversationId="c", textContent="A secret question")

    (record,) = records(account, count=1)
    kept = " ".join(str(value) for value in vars(record).values())
    assert account.token not in kept
    assert "secret" not in kept


def test_a_deleted_account_spoils_nothing_for_others(account, world):
    other = AccountFactory(workspace=world.workspace)
    notes = [note_for(uuid4()), note_for(other.pk)]

    run(store.record_requests(notes))

    assert [record.account_id for record in RequestRecord.objects.all()] == [other.pk]


def test_what_is_older_than_seven_days_is_deleted_in_batches(account):
    days = {1: "young", 6: "kept", 8: "old", 9: "older"}
    for age, request_id in days.items():
        RequestRecord.objects.create(
            workspace_id=account.workspace_id,
            account=account,
            created_at=timezone.now() - timedelta(days=age),
            endpoint="sse",
            status=200,
            duration_ms=1,
            request_id=request_id,
        )

    assert run(store.forget_old_requests(1)) == 1
    assert set(RequestRecord.objects.values_list("request_id", flat=True)) == {"young", "kept", "old"}
    assert run(store.forget_old_requests(10)) == 1
    assert set(RequestRecord.objects.values_list("request_id", flat=True)) == {"young", "kept"}


def test_many_polls_do_not_hide_a_refusal(account):
    log, call = RequestLog(), call_of(account)

    for _ in range(request_log.BURST + 10):
        log.note(call, endpoint="history", status=200, code="", request_id="well")
    log.note(call, endpoint="sse", status=403, code="origin_not_allowed", request_id="refused")

    assert len(log.notes) == request_log.BURST + 1
    assert log.notes[-1].request_id == "refused"
    assert log.dropped == 10


def test_the_buffer_is_bounded(world, monkeypatch):
    monkeypatch.setattr(request_log, "MOST_NOTES", 3)
    log = RequestLog()

    for _ in range(5):
        log.note(call_of(AccountFactory(workspace=world.workspace)), endpoint="sse", status=200, code="", request_id="")

    assert len(log.notes) == 3
    assert log.dropped == 2


def test_a_note_costs_microseconds(account):
    log, call, many = RequestLog(), call_of(account), 1_000
    began = monotonic()
    for number in range(many):
        if number % request_log.BURST == 0:
            log._allowances.clear()
        log.note(call, endpoint="sse", status=200, code="", request_id="0123456789abcdef")

    assert len(log.notes) == many
    assert (monotonic() - began) / many < 50e-6


def call_of(account):
    call = Call(Caller(is_browser=False))
    call.account = SimpleNamespace(id=account.pk)
    return call


def note_for(account_id):
    caller = Caller(is_browser=False)
    return store.RequestNote(account_id, "sse", 200, "", caller, 0.01, timezone.now().timestamp(), "id")


def run(awaitable):
    async def once():
        try:
            return await awaitable
        finally:
            await database.close()

    return asyncio.run(once())
