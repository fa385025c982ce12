"""What an operator can mend ends a start with one line, and without a trace; what may come back is said."""

import os
import subprocess
import sys

import pytest

from tests.ground import servers
from tests.ground.ports import free_port

NOWHERE = "postgresql://lumika:quiet-otter@127.0.0.1:1/lumika"


def ended(*command, **environment):
    """How this command ended that was to end by itself."""
    return subprocess.run(
        [sys.executable, *command],
        cwd=servers.ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("command", "name", "value"),
    [
        (["manage.py", "serve"], "PORT", "http"),
        (["manage.py", "serve", "--demo"], "PUBLIC_URL", "example.com"),
        (["manage.py", "migrate"], "LUMIKA_ENCRYPTION_KEYS", "quiet-otter"),
        (["manage.py", "no-such-command"], "DATABASE_URL", "mysql://root:quiet-otter@localhost/lumika"),
        (["manage.py", "check"], "LUMIKA_DATA_DIR", "/dev/null"),
        (["manage.py", "demo"], "LUMIKA_CRASH_POINT", "nowhere"),
        (["-m", "daphne", "-p", "1", "lumika.asgi:application"], "SECRET_KEY", "quiet-otter"),
    ],
)
def test_a_bad_value_ends_every_command_with_one_line(command, name, value):
    result = ended(*command, **{name: value})

    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.startswith(f"{name} must ")
    assert result.stderr.count("\n") == 1
    assert "quiet-otter" not in result.stderr


@pytest.mark.parametrize("command", [["serve", "--demo"], ["migrate"], ["demo"]])
def test_a_database_that_does_not_answer_ends_in_one_line(command):
    if command[0] == "serve":
        command = [*command, "--port", str(free_port())]

    result = ended("manage.py", *command, DATABASE_URL=NOWHERE, DEBUG="on")

    assert result.returncode == 1
    assert result.stderr.removeprefix("CommandError: ").startswith("The database does not answer: ")
    assert "Connection refused" in result.stderr
    assert result.stderr.count("\n") == 1
    assert "quiet-otter" not in result.stderr


def test_serve_takes_no_fewer_workers_than_one():
    result = ended("manage.py", "serve", "--workers", "0")

    assert (result.returncode, result.stderr) == (1, "CommandError: --workers takes 1 or more, not 0.\n")


def test_a_name_that_is_no_setting_is_warned_of():
    result = ended("manage.py", "check", LUMIKA_POOLSIZE="5")

    assert result.returncode == 0
    assert "LUMIKA_POOLSIZE is no setting." in result.stderr
    assert "LUMIKA_POOL_SIZE" in result.stderr


@pytest.mark.django_db(transaction=True)
def test_serve_says_that_redis_does_not_answer_and_that_mail_is_not_set_and_goes_on(tmp_path):
    log = tmp_path / "log"

    with servers.running(log=log, REDIS_URL="redis://:quiet-otter@127.0.0.1:1/0", EMAIL_URL=""):
        said = log.read_text()

    assert "Redis (REDIS_URL) does not answer: " in said
    assert "EMAIL_URL is not set: mails reach nobody" in said
    assert "quiet-otter" not in said


@pytest.mark.django_db(transaction=True)
def test_serve_says_nothing_of_mail_where_a_mail_server_is_set(tmp_path):
    log = tmp_path / "log"

    with servers.running(log=log, EMAIL_URL="smtp://127.0.0.1:1"):
        said = log.read_text()

    assert "EMAIL_URL" not in said
    assert "Redis" not in said
