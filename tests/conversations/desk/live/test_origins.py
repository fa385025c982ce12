"""Which pages may open a socket at all: our own, at the address that people use."""

import pytest

pytestmark = pytest.mark.django_db(transaction=True)

FOREIGN = [
    "http://evil.example",
    "http://localhost:3000",
    "https://localhost:8000",
    "http://localhost",
    "http://sub.localhost:8000",
    "http://localhost:8000.evil.example",
    "null",
    "",
    None,
]
BEHIND_A_PROXY = [
    ("https://desk.example", "desk.example", True),
    ("https://desk.example", "127.0.0.1:8000", True),
    ("https://localhost:8443", "localhost:8443", True),
    ("http://desk.example", "desk.example", False),
    ("https://desk.example:444", "desk.example", False),
    ("https://evil.example", "evil.example", False),
    ("https://evil.example", "desk.example", False),
    ("https://localhost", "desk.example", False),
]


async def test_pages_of_other_origins_are_refused(world, sessions, opened):
    await opened.socket(world.workspace.slug, sessions["agent"])

    let_in = {}
    for origin in FOREIGN:
        let_in[origin], _ = await opened.unopened(world.workspace.slug, sessions["agent"], origin=origin).connect()

    assert let_in == dict.fromkeys(FOREIGN, False)


async def test_behind_a_proxy_the_public_address_counts(world, sessions, opened, settings):
    settings.PUBLIC_URL = "https://desk.example"
    settings.ALLOWED_HOSTS = ["desk.example", "localhost"]

    found = []
    for origin, host, _ in BEHIND_A_PROXY:
        socket = opened.unopened(world.workspace.slug, sessions["agent"], origin=origin, host=host)
        is_open, _ = await socket.connect()
        found.append((origin, host, is_open))

    assert found == BEHIND_A_PROXY
