from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.lumika.embedded_postgres.users import USER, User, temporary_directory


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    """One cluster for all tests that need not see its birth; every test ends without users of it."""
    with temporary_directory() as directory:
        yield directory


@pytest.fixture
def new_dir() -> Iterator[Path]:
    with temporary_directory() as directory:
        yield directory


@pytest.fixture
def user() -> Iterator[Callable[..., User]]:
    users: list[User] = []

    def join(data_dir: Path, program: str = USER) -> User:
        users.append(User(data_dir, program))
        return users[-1]

    yield join
    for each in users:
        if not each.process.stdin.closed:
            each.leave()
