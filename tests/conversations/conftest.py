import pytest

from tests.factories import AccountFactory, ConversationFactory


@pytest.fixture
def conversation(world):
    return ConversationFactory(account=AccountFactory(workspace=world.workspace))
