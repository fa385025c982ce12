"""A conversation of an account with manual approval, and Mina, who opens it."""

import pytest
from django.test import Client
from django.urls import reverse

from conversations.desk.conversation.thread import latest
from tests.factories import AccountFactory, ConversationFactory
from tests.factories.drafts import reply_in


@pytest.fixture
def conversation(world):
    account = AccountFactory(workspace=world.workspace, response_mode="manual")
    return ConversationFactory(account=account, external_id="customer-42")


@pytest.fixture
def draft(conversation):
    return reply_in(conversation, "awaiting_approval")


@pytest.fixture
def thread(conversation, world):
    """The thread as the owner sees it, unless told otherwise."""
    return lambda **how: latest(conversation, **{"viewer": world.owner, **how})


@pytest.fixture
def at(world, conversation):
    """The address of a route of this conversation."""
    return lambda name: reverse(f"desk:{name}", args=[world.workspace.slug, conversation.pk])


@pytest.fixture
def client(world):
    """Mina's."""
    client = Client()
    client.force_login(world.agent)
    return client
