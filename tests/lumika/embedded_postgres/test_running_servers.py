"""A server of Lumika outlives a kill of its embedded PostgreSQL."""

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx2
import psutil
import pytest

from tests.ground import servers
from tests.ground.waiting import wait_for
from tests.lumika.embedded_postgres.users import ROOT, server_pid, starts, temporary_directory
from tests.machine import needs

SOON_SECONDS = 20.0

pytestmark = [pytest.mark.timeout(180), needs("embedded postgres")]


@dataclass(frozen=True)
class Installation:
    data_dir: Path
    token: str

    @property
    def environment(self) -> dict[str, str]:
        return {"LUMIKA_DATA_DIR": str(self.data_dir), "DATABASE_URL": ""}

    def manage(self, *arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        environment = os.environ | self.environment
        finished = subprocess.run(command, cwd=ROOT, env=environment, text=True, capture_output=True, check=False)
        assert finished.returncode == 0, finished.stderr
        return finished.stdout

    def kill(self, *, all_of_it: bool = False) -> int:
        """Kills the postmaster, or it and all that runs for it, the keeper included; returns the postmaster's id."""
        postmaster = psutil.Process(server_pid(self.data_dir))
        others = [*postmaster.children(), *self._keepers()] if all_of_it else []
        for process in (postmaster, *others):
            process.kill()
        return postmaster.pid

    def _keepers(self) -> list[psutil.Process]:
        home = str(self.data_dir / "postgres")
        return [each for each in psutil.process_iter(["cmdline"]) if home in (each.info["cmdline"] or [])]


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    with temporary_directory() as directory:
        empty = Installation(directory.resolve(), "")
        empty.manage("migrate")
        account = json.loads(empty.manage("demo", "--json"))["accounts"][0]
        yield Installation(empty.data_dir, account["token"])


@pytest.fixture
def serve(installation: Installation, tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Starts servers of the installation, and returns their addresses."""
    with ExitStack() as running:

        def start(**environment: str) -> str:
            known = installation.environment | environment
            return running.enter_context(servers.running(log=tmp_path / "log", **known))

        yield start


def history(server: str, installation: Installation) -> int:
    """The status of an answer that needs the database."""
    query = {"integrationToken": installation.token, "conversationId": "c"}
    return httpx2.get(f"{server}/conversation/history", params=query, timeout=20).status_code


def page(server: str) -> int:
    """The status of a page that looks for a session in the database."""
    return httpx2.get(f"{server}/accounts/login/", cookies={"sessionid": "x" * 32}, timeout=20).status_code


@pytest.mark.parametrize("all_of_it", [False, True], ids=["postmaster", "everything"])
def test_a_running_server_brings_it_back(all_of_it, installation, serve):
    server = serve()
    assert history(server, installation) == 200
    before = starts(installation.data_dir)

    killed = installation.kill(all_of_it=all_of_it)

    wait_for(lambda: history(server, installation) == 200, seconds=SOON_SECONDS)
    assert page(server) == 200
    assert server_pid(installation.data_dir) != killed
    assert starts(installation.data_dir) == before + 1


def test_a_page_alone_brings_it_back(installation, serve):
    server = serve()
    assert page(server) == 200
    installation.kill()

    wait_for(lambda: page(server) == 200, seconds=SOON_SECONDS)


def test_it_comes_back_without_any_request(installation, serve):
    server = serve()
    assert history(server, installation) == 200
    before = starts(installation.data_dir)
    installation.kill()

    wait_for(lambda: starts(installation.data_dir) > before, seconds=SOON_SECONDS)


def test_of_two_servers_one_starts_it_again_and_both_go_on(installation, serve):
    both = [serve(), serve()]
    assert [history(server, installation) for server in both] == [200, 200]
    before = starts(installation.data_dir)

    installation.kill()

    for server in both:
        wait_for(lambda server=server: history(server, installation) == 200, seconds=SOON_SECONDS)
    assert starts(installation.data_dir) == before + 1


def test_a_start_that_takes_its_time_keeps_nothing_else_waiting(installation, serve):
    server = serve()
    assert history(server, installation) == 200
    with (installation.data_dir / "postgres/starting.lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # as another process has it that takes its time to start the server
        installation.kill()
        assert history(server, installation) == 503

        assert httpx2.get(f"{server}/conversation/history", timeout=20).status_code == 401, "needs no database"

    wait_for(lambda: history(server, installation) == 200, seconds=SOON_SECONDS)


def test_a_database_of_ones_own_is_never_started(user, installation, serve):
    holder = user(installation.data_dir)
    server = serve(DATABASE_URL=holder.url())
    assert history(server, installation) == 200
    before = starts(installation.data_dir)

    installation.kill()

    assert history(server, installation) == 503
    assert starts(installation.data_dir) == before
    holder.url_again()
    wait_for(lambda: history(server, installation) == 200, seconds=SOON_SECONDS)
