"""A server and a provider in processes of their own, so that the server's memory can be measured."""

import resource
import subprocess
import sys

import pytest

from integrations.models import Responder
from tests.factories import AccountFactory, ResponderFactory
from tests.ground import servers
from tests.machine import cannot_run

FILES = 4_096
SERVER_NAME = "lumika-load"
"""What PostgreSQL calls the connections of this server, to tell them from those of other tests."""


@pytest.fixture(autouse=True)
def _as_many_files_as_permitted():
    """The client of these tests holds a socket for each stream, and the server two."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < FILES:
        cannot_run(f"this machine lets a process open {hard} files, and {FILES} are needed (ulimit -Hn)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def own_server(world, tmp_path):
    """The base URL of a Granian server, with one worker, that no other test uses, and the product's own limits."""
    limits = {"LUMIKA_SEARCH_MILLISECONDS": "300"}
    with servers.running("granian", log=tmp_path / "log", PGAPPNAME=SERVER_NAME, **limits) as url:
        yield url


@pytest.fixture
def slow_account(world):
    """An account whose provider sends a word a second, fifteen in all."""
    command = [sys.executable, "-m", "tests.ground.provider", "--port", "0", "--deltas", "15", "--delay", "1.0"]
    with subprocess.Popen(command, cwd=servers.ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            port = int(process.stdout.readline())
            responder = ResponderFactory(
                workspace=world.workspace,
                kind=Responder.Kind.OPENAI_COMPATIBLE,
                base_url=f"http://127.0.0.1:{port}/v1",
                model="double",
            )
            yield AccountFactory(workspace=world.workspace, responder=responder)
        finally:
            process.terminate()
