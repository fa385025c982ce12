"""A manual account, a draft of its customer, and two agents who are signed in."""

import pytest
from django.urls import reverse

from tests.conversations.desk.approvals.desk import draft_of, signed_in
from tests.factories import AccountFactory, ResponderFactory


@pytest.fixture
def account(world):
    responder = ResponderFactory(workspace=world.workspace)
    return AccountFactory(workspace=world.workspace, response_mode="manual", responder=responder)


@pytest.fixture
def draft(account):
    return draft_of(account, "customer-42")


@pytest.fixture
def at(world):
    """The address of a route about a reply, or of one about none."""
    return lambda name, reply=None: reverse(f"desk:{name}", args=[world.workspace.slug, *([reply.pk] if reply else [])])


@pytest.fixture
def mina(world):
    return signed_in(world.agent)


@pytest.fixture
def olga(world):
    return signed_in(world.owner)
