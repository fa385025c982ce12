"""Real servers in directories of their own. Users are processes, because the server lives as long as they do."""

import importlib.util
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from lumika.embedded_postgres import EmbeddedPostgresUnavailable, start
from tests.lumika.embedded_postgres.users import DEADLINE_SECONDS, ROOT, fetch, server_pid
from tests.machine import needs

pytestmark = needs("embedded postgres")

PARENT_OF_A_FORK = """
import os, sys
from pathlib import Path
from lumika.embedded_postgres import start

url = start(Path(sys.argv[1]))
if os.fork() == 0:
    print(url, flush=True)
    sys.stdin.read()
    os._exit(0)
"""

DJANGO = """
import sys
from pathlib import Path
import django
from django.conf import settings
from django.db import connection

data_dir = Path(sys.argv[1])
database = {"ENGINE": "lumika.embedded_postgres", "NAME": "lumika", "TEST": {"NAME": "test_gw0"}}
settings.configure(LUMIKA_DATA_DIR=data_dir, DATABASES={"default": database})
django.setup()
assert not data_dir.joinpath("postgres").exists(), "started without a connection"

def current_database():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        return cursor.fetchone()[0]

names = [current_database()]
connection.creation.create_test_db(verbosity=0)
names.append(current_database())
connection.creation.destroy_test_db("lumika", verbosity=0)
connection.client.runshell(["-A", "-t", "-c", "SELECT 'shell in ' || current_database()"])
print(*names)
"""


def has_stopped(data_dir: Path) -> bool:
    return not (data_dir / "postgres/data/postmaster.pid").exists()


def wait_until_stopped(data_dir: Path) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not has_stopped(data_dir):
        assert time.monotonic() < deadline, "the server still runs"
        time.sleep(0.01)


def test_it_starts_with_a_database_and_stops_with_its_user(data_dir, user):
    only = user(data_dir)
    url = only.url()

    assert fetch(url, "SELECT current_database()") == "lumika"
    assert fetch(url, "SELECT current_setting('fsync')") == "on"

    only.leave()
    assert has_stopped(data_dir), "leaving must return when the server has stopped"


def test_a_second_process_attaches_and_the_last_one_stops_it(data_dir, user):
    first = user(data_dir)
    url, pid = first.url(), server_pid(data_dir)
    second = user(data_dir)

    assert second.url() == url
    assert server_pid(data_dir) == pid

    first.leave()
    assert fetch(url, "SELECT 1") == 1
    second.leave()
    assert has_stopped(data_dir)


def test_processes_that_start_at_once_share_one_server(new_dir, user):
    users = [user(new_dir) for _ in range(3)]

    urls = {each.url() for each in users}

    assert len(urls) == 1
    assert fetch(urls.pop(), "SELECT 1") == 1


def test_a_killed_user_neither_stops_the_server_nor_keeps_it(data_dir, user):
    killed, other = user(data_dir), user(data_dir)
    killed.url()
    url = other.url()

    killed.kill()
    assert fetch(url, "SELECT 1") == 1

    other.leave()
    assert has_stopped(data_dir)


def test_it_stops_when_its_only_user_is_killed(data_dir, user):
    only = user(data_dir)
    only.url()

    only.kill()

    wait_until_stopped(data_dir)


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="finds the keeper in /proc")
def test_a_keeper_is_replaced_when_it_was_killed(data_dir, user):
    first = user(data_dir)
    first.url()
    keeper = next(int(p.parent.name) for p in Path("/proc").glob("[0-9]*/cmdline") if is_keeper(p, data_dir))
    os.kill(keeper, signal.SIGKILL)
    second = user(data_dir)
    second.url()

    first.kill()
    second.kill()

    wait_until_stopped(data_dir)


def is_keeper(cmdline: Path, data_dir: Path) -> bool:
    try:
        content = cmdline.read_text()
    except OSError:
        return False
    return "keeper.py" in content and str(data_dir) in content


def test_a_forked_child_keeps_the_server_of_its_parent(data_dir, user):
    parent = user(data_dir, PARENT_OF_A_FORK)
    url = parent.url()
    parent.process.wait(DEADLINE_SECONDS)

    assert fetch(url, "SELECT 1") == 1

    parent.leave()
    wait_until_stopped(data_dir)


def test_a_process_id_left_by_a_crash_and_reused_does_not_stop_the_start(data_dir, user):
    before = user(data_dir)
    before.url()
    pid_file = data_dir / "postgres/data/postmaster.pid"
    left, owner = pid_file.read_text().splitlines(), pid_file.stat()
    before.leave()
    reuser = subprocess.Popen(
        ["sleep", "60"], **({"user": owner.st_uid, "group": owner.st_gid} if os.geteuid() == 0 else {})
    )
    try:
        pid_file.write_text("\n".join([str(reuser.pid), *left[1:]]) + "\n")

        assert fetch(user(data_dir).url(), "SELECT 1") == 1
        assert server_pid(data_dir) != reuser.pid
    finally:
        reuser.kill()
        reuser.wait()


@pytest.mark.parametrize("name", ["/".join("x" * 60 for _ in range(4)), "with space, comma, 'quotes' and 100%"])
def test_unusual_paths(name, new_dir, user):
    data_dir = new_dir / name
    only = user(data_dir)
    url = only.url()
    socket = Path(psycopg.conninfo.conninfo_to_dict(url)["host"])

    assert fetch(url, "SELECT 1") == 1
    assert socket.stat().st_mode & 0o077 == 0

    only.leave()
    assert not socket.exists(), "the temporary directory of the socket is left behind"


def test_data_survives_a_restart(data_dir, user):
    before = user(data_dir)
    with psycopg.connect(before.url()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'still here' AS what")
    before.leave()

    after = user(data_dir)

    assert fetch(after.url(), "SELECT what FROM kept") == "still here"


def test_django_connects_lazily_makes_test_databases_and_opens_a_shell(new_dir):
    finished = subprocess.run(
        [sys.executable, "-c", DJANGO, new_dir], cwd=ROOT, text=True, capture_output=True, check=False
    )

    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.split("\n") == ["shell in lumika", "lumika test_gw0", ""]


def test_without_the_wheel_the_message_says_what_to_do(new_dir, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    with pytest.raises(EmbeddedPostgresUnavailable, match=r"Set DATABASE_URL to a PostgreSQL 14 or newer, or install"):
        start(new_dir)

    assert list(new_dir.iterdir()) == []


def test_a_cluster_of_another_version_is_left_alone(new_dir):
    version_file = new_dir / "postgres/data/PG_VERSION"
    version_file.parent.mkdir(parents=True)
    version_file.write_text("17\n")

    with pytest.raises(EmbeddedPostgresUnavailable, match="not of PostgreSQL 18"):
        start(new_dir)
