"""What agents tell each other reaches no customer and no responder: not by the history, not by a stream, not in a
prompt, and in no table that those read."""

import pytest
from django.apps import apps

from conversations.deciding import drafts, handling
from conversations.models import Conversation, Note, Reply
from tests.factories import AccountFactory
from tests.ground import streams
from tests.ground.provider import Answer
from tests.ground.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "the-customer-is-always-wrong"
CUSTOMER = "customer-42"


@pytest.fixture
def provider(provider):
    provider.script(Answer(deltas=["It comes ", "on Monday."]))
    provider.requests.clear()
    return provider


@pytest.fixture
def noted(world):
    """Leaves a note in the customer's conversation."""

    def leave():
        conversation = Conversation.objects.get(external_id=CUSTOMER)
        handling.leave_note(conversation=conversation, agent=world.agent, body=f"Careful: {SECRET}")

    return leave


def ask(granian, account, text):
    return streams.whole(granian, account.token, textContent=text, conversationId=CUSTOMER)


def test_a_note_is_neither_in_the_history_nor_on_a_stream_nor_in_a_prompt(granian, account, provider, noted):
    ask(granian, account, "Where is my parcel?")
    noted()

    blocks = ask(granian, account, "Are you sure?")
    history = streams.history(granian, account.token, CUSTOMER)

    assert Note.objects.get().body.endswith(SECRET)
    assert [block.type for block in blocks][-1] == "final"
    assert [message["body"] for message in history["messages"]] == [
        "Where is my parcel?",
        "It comes on Monday.",
        "Are you sure?",
        "It comes on Monday.",
    ]
    assert SECRET not in str(history) + str(blocks)
    assert len(provider.requests) == 2
    assert b"Where is my parcel?" in provider.requests[-1].body
    assert SECRET.encode() not in b"".join(request.body for request in provider.requests)


def test_a_note_left_while_a_customer_waits_is_not_streamed_to_them(granian, world, model, provider, noted):
    held = AccountFactory(workspace=world.workspace, responder=model, response_mode="manual")
    with streams.opened(granian, held.token, textContent="Hello?", conversationId=CUSTOMER) as stream:
        stream.until("pending")
        noted()
        rest = list(stream)

    assert SECRET not in str([block.data for block in rest])
    assert SECRET not in str(streams.history(granian, held.token, CUSTOMER))


def test_another_draft_is_written_without_knowing_of_the_note(granian, world, model, provider, noted):
    held = AccountFactory(workspace=world.workspace, responder=model, response_mode="manual")
    with streams.opened(granian, held.token, textContent="Hello?", conversationId=CUSTOMER) as stream:
        stream.until("pending")
    noted()

    drafts.regenerate(reply=Reply.objects.get(), agent=world.agent, instruction="shorter")

    wait_for(lambda: Reply.objects.get().attempt == 2 and Reply.objects.get().awaits_approval)
    assert len(provider.requests) == 2
    assert SECRET.encode() not in provider.requests[-1].body


def test_a_note_lies_in_its_own_table_only(granian, account, provider, noted):
    ask(granian, account, "Where is my parcel?")
    noted()

    holding = [
        model.__name__
        for model in apps.get_models()
        if any(SECRET in str(row) for row in model._base_manager.values_list())
    ]

    assert holding == ["Note"]
