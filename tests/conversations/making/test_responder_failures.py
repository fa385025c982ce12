"""A reply that fails is noted on its responder, until a reply succeeds."""

import pytest

from tests.factories import AccountFactory, ResponderFactory
from tests.ground import streams
from tests.ground.provider import Answer

pytestmark = pytest.mark.django_db(transaction=True)


def send(granian, account, text: str = "Hello?"):
    return streams.whole(granian, account.token, conversationId="c", textContent=text)


def test_a_failure_is_noted_and_a_success_clears_it(granian, provider, account, model) -> None:
    provider.script(Answer.failure(401))
    send(granian, account)

    model.refresh_from_db()
    assert model.last_error_code == "responder_refused"
    assert model.last_error_message.startswith("The provider refuses the API key (401).")
    assert model.last_error_at is not None

    provider.script(Answer(deltas=["Hi"]))
    send(granian, account, "And now?")

    model.refresh_from_db()
    assert (model.last_error_code, model.last_error_message, model.last_error_at) == ("", "", None)


def test_other_responders_are_left_alone(granian, provider, world, account, model) -> None:
    other = ResponderFactory(workspace=world.workspace, last_error_code="responder_broken", last_error_message="Old.")
    AccountFactory(workspace=world.workspace, responder=other)
    provider.script(Answer(deltas=["Hi"]))

    send(granian, account)

    other.refresh_from_db()
    model.refresh_from_db()
    assert other.last_error_code == "responder_broken"
    assert model.last_error_code == ""


def test_a_webhook_learns_which_conversation_asks(granian, provider, world) -> None:
    responder = ResponderFactory(workspace=world.workspace, kind="webhook", base_url=provider.base_url)
    responder.issue_signing_secret()
    responder.save()
    account = AccountFactory(workspace=world.workspace, responder=responder)
    provider.requests.clear()
    provider.script(Answer(content_type="application/json", body=b'{"text": "Hi"}'))

    send(granian, account)

    assert provider.requests[0].json["data"]["conversationId"] == "c"


@pytest.mark.parametrize(
    ("reason", "code", "retryable"),
    [
        ("insufficient_system_resource", "responder_unavailable", True),
        ("SAFETY", "responder_refused", False),
        ("tool_calls", "responder_broken", True),
        (None, "responder_broken", True),
    ],
)
def test_half_a_sentence_is_never_sent_as_a_reply(granian, provider, account, model, reason, code, retryable) -> None:
    provider.script(Answer(deltas=["Your parcel ", "is"], finish=reason, done=reason is not None))

    error = send(granian, account)[-1]

    assert (error.type, error.data["code"], error.data["retryable"]) == ("error", code, retryable)
    messages = streams.history(granian, account.token, "c")["messages"]
    assert [message["actor"] for message in messages] == ["customer"]
    model.refresh_from_db()
    assert model.last_error_code == code
    assert (reason or "ended before the reply was whole") in model.last_error_message
