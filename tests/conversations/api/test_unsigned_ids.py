"""A page that names conversations by ids that nobody vouched for lets its visitors read each other: that is noted on
the account, for its admins (docs/api.md, section 3)."""

import asyncio
import json
from time import monotonic
from uuid import uuid4

import pytest

from conversations import store
from conversations.making import bookkeeping
from conversations.making.bookkeeping import Bookkeeping
from conversations.store import database
from integrations import signatures
from integrations.models import IntegrationAccount
from tests.factories import AccountFactory
from tests.ground import streams
from tests.ground.provider import Answer
from tests.ground.raw_http import exchange
from tests.ground.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

SSE, HISTORY, CANCEL = "/conversation/sse", "/conversation/history", "/conversation/cancel"
PAGE = ("Origin", "https://shop.example")
AN_ID = "01a208bd-41dc-754c-8d70-8f9bcf517d0c"


@pytest.fixture(autouse=True)
def plain_provider(provider):
    provider.script(Answer(deltas=["Hi."]))


@pytest.fixture
def fresh(world, model):
    """Makes API accounts: a process notes an account once in ten minutes."""
    return lambda **values: AccountFactory(workspace=world.workspace, responder=model, **values)


def ask(server, account, path=HISTORY, *, headers=(PAGE,), **query):
    if path == SSE:
        query.setdefault("textContent", "Hello")
    query = "&".join(f"{name}={value}" for name, value in query.items())
    return exchange(server, f"{path}?integrationToken={account.token}&{query}", headers=headers)


def stop(server, account):
    headers = [("Authorization", f"Bearer {account.token}"), PAGE, ("Content-Type", "application/json")]
    body = json.dumps({"conversationId": "customer-42", "replyId": AN_ID}).encode()
    headers.append(("Content-Length", str(len(body))))
    return exchange(server, CANCEL, method="POST", headers=headers, body=body)


def noted():
    """Each account that was noted, with the page's origin."""
    return dict(IntegrationAccount.objects.exclude(unsigned_ids_at=None).values_list("pk", "unsigned_ids_origin"))


def test_an_id_of_its_own_from_a_page_is_noted_whatever_it_asks_for(server, fresh):
    sent, read, stopped = fresh(), fresh(), fresh()

    assert ask(server, sent, SSE, conversationId="customer-42").status == 200
    assert ask(server, read, HISTORY, conversationId="customer-42").status == 200
    assert stop(server, stopped).error == (404, "unknown_reply", "replyId")

    wait_for(lambda: noted() == dict.fromkeys([sent.pk, read.pk, stopped.pk], "https://shop.example"))


@pytest.mark.parametrize(
    "headers", [[("Referer", "https://shop.example/cart?c")], [("Origin", "null")], [("Sec-Fetch-Site", "cross-site")]]
)
def test_a_page_is_told_by_any_of_its_headers(granian, fresh, headers):
    account = fresh()

    assert ask(granian, account, conversationId="customer-42", headers=headers).status == 200

    wait_for(lambda: account.pk in noted())
    assert noted()[account.pk] == ("https://shop.example" if headers[0][0] == "Referer" else "")


def test_nothing_else_is_noted(server, fresh, world, model):
    account, demanding = fresh(), fresh(require_signature=True)
    widget = AccountFactory(workspace=world.workspace, responder=model, kind="widget")
    signature = signatures.sign(account.reveal_identity_secret(), "customer-42")
    issued = streams.whole(server, account.token, textContent="Hello", headers=dict([PAGE]))[0].data["conversationId"]

    assert ask(server, account, conversationId=issued).status == 200
    assert ask(server, account, SSE, conversationId=issued).status == 200
    assert ask(server, account, conversationId="customer-42", conversationSignature=signature).status == 200
    assert ask(server, account, conversationId="customer-42", headers=()).status == 200
    assert ask(server, account, conversationId="customer-42", conversationSignature="wrong").status == 403
    assert ask(server, account, conversationId="undefined").status == 400
    assert ask(server, demanding, conversationId="customer-42").status == 403
    assert ask(server, widget, conversationId="customer-42").status == 403

    last = fresh()  # what is noted after all that is written after it
    assert ask(server, last, conversationId="customer-42").status == 200
    wait_for(lambda: last.pk in noted())
    assert set(noted()) == {last.pk}


def test_a_server_that_resumes_for_a_page_is_not_taken_for_it(granian, fresh):
    """The stream of a message that a server named: the page that goes on with it names nothing."""
    account, last = fresh(), fresh()
    event = streams.whole(granian, account.token, conversationId="customer-42", textContent="Hello")[-1].id

    assert ask(granian, account, SSE, lastEventId=event).status == 204

    assert ask(granian, last, conversationId="customer-42").status == 200
    wait_for(lambda: last.pk in noted())
    assert set(noted()) == {last.pk}


def test_an_account_is_written_once_in_ten_minutes(account, monkeypatch):
    now, written = [1_000.0], []

    async def mark(origins):
        written.append(origins)

    monkeypatch.setattr(bookkeeping, "monotonic", lambda: now[0])
    monkeypatch.setattr(store, "mark_unsigned_ids", mark)
    notes = Bookkeeping()

    for seconds in (0, 1, 598, 2, 10):
        now[0] += seconds
        notes.note_unsigned_id(account.pk, "https://shop.example")
        asyncio.run(notes.write())

    assert written == [{account.pk: "https://shop.example"}] * 2


def test_what_is_noted_of_a_deleted_account_spoils_nothing(account):
    async def once():
        try:
            await store.mark_unsigned_ids({uuid4(): "https://gone.example", account.pk: "https://" + "x" * 400})
        finally:
            await database.close()

    asyncio.run(once())

    assert noted()[account.pk] == ("https://" + "x" * 400)[:300]


def test_a_note_costs_microseconds(account):
    notes, many = Bookkeeping(), 10_000
    began = monotonic()

    for _ in range(many):
        notes.note_unsigned_id(account.pk, "https://shop.example")

    assert (monotonic() - began) / many < 20e-6
