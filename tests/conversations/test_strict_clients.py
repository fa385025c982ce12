"""Clients that go by the letter of the standard: a block without an id makes them forget the last one."""

import httpx2
import pytest

from tests import streams
from tests.provider import Answer

pytestmark = pytest.mark.django_db(transaction=True)

QUERY = {"conversationId": "customer-42", "textContent": "Hello?"}


def test_a_resumed_stream_begins_with_the_id_that_the_client_came_with(server, account, provider):
    provider.script(Answer(deltas=["one ", "two "], hang_after=2))
    with streams.opened(server, account.token, **QUERY) as stream:
        seen = stream.until("partial")

        first = first_block(server, account, seen.id)

    assert first == f"retry: 2000\nid: {seen.id}"


def test_so_does_a_stream_that_waits_for_a_person(server, account, provider):
    provider.script(Answer(deltas=["A draft."]))
    type(account).objects.filter(pk=account.pk).update(response_mode="manual")
    with streams.opened(server, account.token, **QUERY) as stream:
        seen = stream.until("pending")

        first = first_block(server, account, seen.id)

    assert seen.id.endswith(".p")
    assert first == f"retry: 2000\nid: {seen.id}"


def first_block(server, account, last_event_id):
    parameters = {"integrationToken": account.token, **QUERY}
    headers = {"Last-Event-ID": last_event_id}
    received = ""
    with (
        httpx2.Client(timeout=20) as client,
        client.stream("GET", f"{server}/conversation/sse", params=parameters, headers=headers) as response,
    ):
        for text in response.iter_text():
            received += text
            if "\n\n" in received:
                break
    return received.partition("\n\n")[0]
