"""A model's thinking that nothing announced is withdrawn from those who saw it, wherever they read."""

import pytest
from django.urls import reverse

from conversations.models import Conversation, Message, Reply
from integrations.models import IntegrationAccount
from tests.factories import AccountFactory, ResponderFactory
from tests.ground import servers, streams
from tests.ground.provider import Answer

pytestmark = pytest.mark.django_db(transaction=True)

THINKING = ["The customer ", "asks for 42. ", "So I say it.\n"]
REPLY = ["Good day! ", "Your parcel ", "arrives ", "on Tuesday."]
ALOUD = [*THINKING, "</think>\n\n", *REPLY]
AFTER_THINKING = (len(THINKING), 0.5)
"""So that it is shown before it is withdrawn: what arrives together is looked through as one."""
QUERY = {"conversationId": "customer-42", "textContent": "Hello?"}


@pytest.fixture
def account(world, provider, request):
    """Each test has a model of its own, since a process remembers which of them think aloud."""
    name = request.node.name[:200]
    model = ResponderFactory(
        workspace=world.workspace, kind="openai_compatible", base_url=provider.base_url, model=name
    )
    return AccountFactory(workspace=world.workspace, responder=model)


def test_a_stream_drops_the_thinking_and_goes_on_with_the_reply(granian, provider, account) -> None:
    provider.script(Answer(deltas=ALOUD, delay=0.05, silence=AFTER_THINKING))

    blocks = streams.whole(granian, account.token, **QUERY)

    kinds = [block.type for block in blocks]
    assert kinds.count("reset") == 1
    assert kinds[:2] == ["accepted", "partial"] and kinds.index("reset") > 1 and kinds[-2:] == ["partial", "final"]
    assert streams.text_of(blocks) == "".join(REPLY) == blocks[-1].data["message"]["body"]
    assert len({block.id for block in blocks}) == len(blocks)
    assert [message["body"] for message in history(granian, account)] == ["Hello?", "".join(REPLY)]
    reply = Reply.objects.get()
    assert (reply.attempt, reply.text, reply.status) == (2, "".join(REPLY), "sent")


def test_the_next_reply_of_that_responder_shows_no_thinking(granian, provider, account) -> None:
    provider.script(Answer(deltas=ALOUD, delay=0.05, silence=AFTER_THINKING))
    assert "reset" in [block.type for block in streams.whole(granian, account.token, **QUERY)], "the premise"

    blocks = streams.whole(granian, account.token, **QUERY | {"textContent": "And now?"})

    assert "reset" not in [block.type for block in blocks]
    assert "".join(block.data.get("delta", "") for block in blocks) == "".join(REPLY)
    assert len(blocks) > 3, "the reply itself is streamed"


@pytest.mark.parametrize("cut_at", ["partial", "reset", "partial after the reset"])
def test_a_resume_goes_on_rightly_before_and_after_the_withdrawal(granian, provider, account, cut_at) -> None:
    provider.requests.clear()
    provider.script(Answer(deltas=ALOUD, delay=0.1, silence=AFTER_THINKING))
    with streams.opened(granian, account.token, **QUERY) as stream:
        seen = [stream.until("reset" if "reset" in cut_at else "partial")]
        if cut_at.startswith("partial after"):
            seen.append(stream.until("partial"))

    blocks = streams.whole(granian, account.token, headers={"Last-Event-ID": seen[-1].id}, **QUERY)

    assert ("reset" in [block.type for block in blocks]) is (cut_at == "partial")
    assert streams.text_of([*seen, *blocks]) == "".join(REPLY) == blocks[-1].data["message"]["body"]
    assert len(provider.requests) == 1


def test_who_follows_in_another_process_sees_it_withdrawn_too(granian, provider, account, tmp_path) -> None:
    provider.script(Answer(deltas=[*THINKING, *["And so on. "] * 30, *ALOUD[3:]], delay=0.1))
    with servers.running(log=tmp_path / "second") as second, streams.opened(granian, account.token, **QUERY) as first:
        first.until("partial")
        position = first.until("partial")

        blocks = streams.whole(second, account.token, headers={"Last-Event-ID": position.id}, **QUERY)

    kinds = [block.type for block in blocks]
    assert kinds.index("partial") < kinds.index("reset"), "the premise: it followed the thinking"
    assert streams.text_of(blocks) == "".join(REPLY)


def test_no_draft_holds_thinking(granian, provider, account) -> None:
    IntegrationAccount.objects.update(response_mode="manual")
    provider.script(Answer(deltas=ALOUD, delay=0.05, silence=AFTER_THINKING))

    with streams.opened(granian, account.token, **QUERY) as stream:
        stream.until("pending")

    reply = Reply.objects.get()
    assert (reply.status, reply.text) == ("awaiting_approval", "".join(REPLY))


def test_what_was_withdrawn_is_not_kept_when_the_reply_is_stopped(granian, provider, account) -> None:
    provider.script(Answer(deltas=ALOUD, silence=AFTER_THINKING, hang_after=len(ALOUD) - 1))
    with streams.opened(granian, account.token, **QUERY) as stream:
        accepted = stream.until("accepted")
        stream.until("reset")
        written = ""
        while written != "".join(REPLY[:-1]):
            written += stream.until("partial").data["delta"]
        parameters = {"integrationToken": account.token, "conversationId": "customer-42"}
        streams.httpx2.post(
            f"{granian}/conversation/cancel", params=parameters | {"replyId": accepted.data["replyId"]}
        ).raise_for_status()
        final = stream.until("final")

    assert final.data["message"]["data"]["stopped"] is True
    assert final.data["message"]["body"] == "".join(REPLY[:-1])
    assert Message.objects.count() == 2


def test_a_test_from_the_dashboard_shows_what_customers_see(client, world, provider, account) -> None:
    provider.script(Answer(deltas=ALOUD))
    client.force_login(world.owner)
    address = reverse("integrations:test-responder", args=[world.workspace.slug, account.responder_id])

    page = client.post(address, {"question": "Hello?"})

    assert page.context["trial"].text == "".join(REPLY)
    assert "So I say it" not in page.text


def history(server, account):
    assert Conversation.objects.count() == 1
    return streams.history(server, account.token, "customer-42")["messages"]
