"""A server that was killed comes back for whoever asks for it next, whatever it left behind."""

import os
import signal
import stat
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from lumika import embedded_postgres
from lumika.embedded_postgres import EmbeddedPostgresError
from tests.ground.waiting import wait_for
from tests.lumika.embedded_postgres.users import DEADLINE_SECONDS, fetch, server_pid, starts
from tests.machine import needs

pytestmark = needs("embedded postgres")

BUSY = "DO $$ BEGIN LOOP END LOOP; END $$"
PID_FILE = "postgres/data/postmaster.pid"
LONG = "/".join("x" * 60 for _ in range(4))  # too long for the path of a socket


def kill(data_dir: Path) -> list[psutil.Process]:
    """Kills the postmaster alone; returns the processes that it had."""
    postmaster = psutil.Process(server_pid(data_dir))
    children = postmaster.children()
    postmaster.kill()
    wait_for(lambda: not is_alive(postmaster))
    return children


def is_alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def test_a_user_that_asks_again_gets_a_new_server_at_the_same_address(data_dir, user):
    only = user(data_dir)
    url, killed = only.url(), server_pid(data_dir)
    kill(data_dir)
    with pytest.raises(psycopg.OperationalError):
        fetch(url, "SELECT 1")

    assert only.url_again() == url
    assert fetch(url, "SELECT 1") == 1
    assert server_pid(data_dir) != killed


def test_of_many_users_one_starts_it(data_dir, user):
    users = [user(data_dir) for _ in range(4)]
    urls = {each.url() for each in users}
    before = starts(data_dir)
    kill(data_dir)

    again = [threading.Thread(target=lambda each=each: urls.add(each.url_again())) for each in users]
    for thread in again:
        thread.start()
    for thread in again:
        thread.join(DEADLINE_SECONDS)

    assert len(urls) == 1
    assert fetch(urls.pop(), "SELECT 1") == 1
    assert starts(data_dir) == before + 1


def test_the_revived_server_stops_with_its_last_user(data_dir, user):
    only = user(data_dir)
    only.url()
    kill(data_dir)
    url = only.url_again()
    assert fetch(url, "SELECT 1") == 1

    only.kill()

    wait_for(lambda: not (data_dir / PID_FILE).exists())


def test_a_backend_at_work_is_ended_before_the_new_server_starts(data_dir, user):
    only = user(data_dir)
    url = only.url()
    with busy(url) as backend:
        orphans = kill(data_dir)
        assert is_alive(backend), "the premise: a backend at work does not notice the end of its postmaster"

        assert fetch(only.url_again(), "SELECT 1") == 1
        assert not any(map(is_alive, [backend, *orphans]))


@contextmanager
def busy(url: str) -> Iterator[psutil.Process]:
    """A backend that works until it is ended."""
    with psycopg.connect(url, autocommit=True) as connection:

        def work() -> None:
            with pytest.raises(psycopg.OperationalError):
                connection.execute(BUSY)

        worker = threading.Thread(target=work)
        worker.start()
        backend = psutil.Process(connection.info.backend_pid)
        try:
            state = f"SELECT state FROM pg_stat_activity WHERE pid = {backend.pid}"
            wait_for(lambda: fetch(url, state) == "active")
            yield backend
        finally:
            with suppress(psutil.NoSuchProcess):
                backend.kill()  # or it would work for ever where the test fails
            worker.join(DEADLINE_SECONDS)


def test_what_a_killed_server_wrote_is_there(data_dir, user):
    only = user(data_dir)
    with psycopg.connect(only.url()) as connection:
        connection.execute("CREATE TABLE written AS SELECT 'before the crash' AS at")
    kill(data_dir)

    assert fetch(only.url_again(), "SELECT at FROM written") == "before the crash"


def test_process_ids_in_its_files_may_belong_to_others_by_now(data_dir, user):
    only = user(data_dir)
    url = only.url()
    owner = (data_dir / PID_FILE).stat()
    as_owner = {"user": owner.st_uid, "group": owner.st_gid} if os.geteuid() == 0 else {}
    with subprocess.Popen(["sleep", "60"], **as_owner) as other:
        kill(data_dir)
        for name in ("data/postmaster.pid", "socket/.s.PGSQL.5432.lock"):
            file = data_dir / "postgres" / name
            file.write_text("\n".join([str(other.pid), *file.read_text().splitlines()[1:]]) + "\n")

        assert only.url_again() == url
        assert fetch(url, "SELECT 1") == 1
        assert other.poll() is None, "the other process is none of our business"
        other.kill()


@pytest.mark.parametrize("content", ["", "12", "no number\n"])
def test_a_damaged_process_file_does_not_hinder_the_start(content, data_dir, user):
    only = user(data_dir)
    only.url()
    kill(data_dir)
    (data_dir / PID_FILE).write_text(content)

    assert fetch(only.url_again(), "SELECT 1") == 1


def test_with_a_long_path_the_socket_stays_where_it_was(new_dir, user):
    data_dir = new_dir / LONG
    only = user(data_dir)
    url = only.url()
    directory = socket_directory(url)
    assert new_dir not in directory.parents, "the premise: it does not lie in the data directory"
    kill(data_dir)

    assert only.url_again() == url
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700

    only.leave()
    assert not directory.exists()


def test_a_copy_of_a_running_cluster_leaves_the_original_alone(new_dir, user):
    """Such a copy holds the original's process file."""
    running, copy = new_dir / "original" / LONG, new_dir / "copy" / LONG
    original, visitor = user(running), user(copy)
    url, pid = original.url(), server_pid(running)
    visitor.url()
    visitor.leave()
    (copy / PID_FILE).write_text((running / PID_FILE).read_text())

    assert user(copy).url() != url
    assert server_pid(running) == pid
    assert (socket_directory(url) / ".s.PGSQL.5432.lock").read_text().split()[0] == str(pid)
    assert fetch(url, "SELECT 1") == 1


def socket_directory(url: str) -> Path:
    return Path(psycopg.conninfo.conninfo_to_dict(url)["host"])


def test_after_a_failed_start_others_are_told_at_once_for_a_while(new_dir, monkeypatch):
    tries = []

    def fail(home: Path) -> None:
        tries.append(home)
        raise EmbeddedPostgresError("The disk is full.")

    monkeypatch.setattr(embedded_postgres, "_use", fail)
    for _ in range(3):
        with pytest.raises(EmbeddedPostgresError, match=r"^The disk is full\.$"):
            embedded_postgres.start(new_dir)
    assert len(tries) == 1

    monkeypatch.setattr(embedded_postgres, "PAUSE_SECONDS", 0.0)
    with pytest.raises(EmbeddedPostgresError):
        embedded_postgres.start(new_dir)
    assert len(tries) == 2


def test_a_server_that_hangs_is_not_replaced(data_dir, user):
    """It may be swapped out or stopped for a while; a second one on the same files would ruin them."""
    only = user(data_dir)
    url, pid = only.url(), server_pid(data_dir)
    os.kill(pid, signal.SIGSTOP)
    try:
        assert only.url_again() == url
        assert server_pid(data_dir) == pid
    finally:
        os.kill(pid, signal.SIGCONT)
    assert fetch(url, "SELECT 1") == 1
