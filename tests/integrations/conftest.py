"""An admin at work on an account."""

import pytest

from tests.factories import AccountFactory, MembershipFactory, ResponderFactory, UserFactory
from workspaces.models import Role


@pytest.fixture
def admin(world, client):
    """An admin of the workspace, signed in."""
    person = UserFactory(name="Ada")
    MembershipFactory(workspace=world.workspace, user=person, role=Role.ADMIN)
    client.force_login(person)
    return person


@pytest.fixture
def shop(world):
    """An API account of the workspace, with a responder."""
    return AccountFactory(workspace=world.workspace, name="Shop", responder=ResponderFactory(workspace=world.workspace))
