from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from integrations.responders.http import close_shared_client
from tests.provider import ScriptedProvider


@pytest.fixture
def provider() -> Iterator[ScriptedProvider]:
    with ScriptedProvider() as running:
        yield running


@pytest_asyncio.fixture(autouse=True)
async def _closed_client() -> AsyncIterator[None]:
    yield
    await close_shared_client()
