"""Libraries that read streams on servers: `eventsource` of npm in Node, and `httpx-sse` of PyPI."""

import asyncio
import time

import httpx
import httpx_sse
import pytest

from tests.clients import trial
from tests.faults import npm_source
from tests.machine import needs

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def reply_with_a_silence(provider):
    provider.script(trial.ANSWER)


@needs("node", "npm")
def test_the_eventsource_of_npm_sends_once_and_sees_the_whole_reply(granian, account, libraries):
    with trial.proxy_before(granian) as proxy:
        url = trial.address(proxy, account, "customer-42")

        [seen] = asyncio.run(npm_source.shown([url], seconds=trial.SECONDS))

    trial.assert_passed(proxy, account, "customer-42", seen)
    trial.assert_sent_once(granian, account, "customer-42")


def test_httpx_sse_sends_once_and_sees_the_whole_reply(granian, account):
    seen, headers, retry = [], {}, 0.0
    deadline = time.monotonic() + trial.SECONDS

    with trial.proxy_before(granian) as proxy, httpx.Client(timeout=trial.SECONDS) as client:
        url = trial.address(proxy, account, "customer-42")
        while not (seen and seen[-1]["type"] == "final") and time.monotonic() < deadline:
            time.sleep(retry)  # as long as the stream asks for
            try:
                with httpx_sse.connect_sse(client, "GET", url, headers=headers) as source:
                    for event in source.iter_sse():
                        seen.append(event.json())
                        headers = {"Last-Event-ID": event.id}
                        retry = retry if event.retry is None else event.retry / 1000
            except httpx.TransportError:
                continue

    trial.assert_passed(proxy, account, "customer-42", seen)
    trial.assert_sent_once(granian, account, "customer-42")
