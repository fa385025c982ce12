from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from integrations.responders import http
from tests.ground.provider import ScriptedProvider


@pytest.fixture
def provider() -> Iterator[ScriptedProvider]:
    with ScriptedProvider() as running:
        yield running


@pytest_asyncio.fixture(autouse=True)
async def _closed_client() -> AsyncIterator[None]:
    yield
    await http.close()
