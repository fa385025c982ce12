"""A token that stops working: new requests are refused at once, open streams end soon; on Granian and on daphne."""

from datetime import timedelta
from time import monotonic

import httpx2
import pytest
from django.utils import timezone

from tests.factories import AccountFactory
from tests.ground import streams
from tests.ground.provider import Answer

pytestmark = pytest.mark.django_db(transaction=True)

TERMINAL = {"final", "error", "pending"}


@pytest.fixture(autouse=True)
def slow_provider(provider):
    provider.script(Answer(deltas=["word "] * 60, delay=0.3))


def refusal(server: str, token: str, **headers: str) -> tuple[int, str]:
    """The status and the error code of a further request with the token."""
    query = {"integrationToken": token, "conversationId": "c", "textContent": "Hello?"}
    response = httpx2.get(f"{server}/conversation/sse", params=query, headers=headers)
    return response.status_code, response.json()["error"]["code"]


def test_a_retired_account_is_refused_at_once_and_its_open_stream_ends(server, world, account, model):
    other = AccountFactory(workspace=world.workspace, responder=model)
    with (
        streams.opened(server, other.token, conversationId="c", textContent="Hello?") as untouched,
        streams.opened(server, account.token, conversationId="c", textContent="Hello?") as stream,
    ):
        untouched.until("partial")
        last = stream.until("partial")

        account.retire()
        retired_at = monotonic()
        refused = refusal(server, account.token)
        rest = list(stream)
        ended_after = monotonic() - retired_at

        assert refused == (401, "integration_retired")
        assert not TERMINAL & {block.type for block in rest}
        assert ended_after < 15
        last_id = (rest or [last])[-1].id
        assert refusal(server, account.token, **{"Last-Event-ID": last_id}) == (401, "integration_retired")
        assert untouched.until("partial")


def test_the_older_token_works_until_its_overlap_ends_and_not_after(server, account):
    account.rotate_token(overlap=timedelta(hours=1))
    older = account.tokens.get(expires_at__isnull=False)

    with streams.opened(server, account.token, conversationId="c", textContent="Hello?") as stream:
        assert stream.response.status_code == 200
        stream.until("partial")

        older.expires_at = timezone.now()
        older.save(update_fields=["expires_at"])
        ended_at = monotonic()
        refused = refusal(server, account.token)
        rest = list(stream)

        assert refused == (401, "invalid_token")
        assert not TERMINAL & {block.type for block in rest}
        assert monotonic() - ended_at < 15


def test_the_newer_token_goes_on_when_the_older_one_has_ended(server, account, provider):
    provider.script(Answer())
    newer = account.rotate_token(overlap=timedelta(0))

    assert refusal(server, account.token) == (401, "invalid_token")
    assert streams.whole(server, newer, conversationId="c", textContent="Hello?")[-1].type == "final"
