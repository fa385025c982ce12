"""`.ci/install` never asks or waits for anybody, installs what it can, and says what is missing and why."""

import subprocess
from pathlib import Path

import pytest

from tests.installation.programs import Programs

SCRIPT = Path(__file__).parents[2] / ".ci" / "install"


@pytest.fixture
def programs(tmp_path):
    return Programs(tmp_path / "bin", "env")


def install(programs, *packages):
    command = ["/bin/sh", SCRIPT, *packages]
    environment = {"PATH": programs.path}
    return subprocess.run(command, env=environment, capture_output=True, text=True, stdin=subprocess.PIPE, timeout=30)


def add_apt(programs, log, *, without=""):
    programs.add("apt-get", f'echo "$*" >> "{log}"\ncase "$*" in *install*" {without}") exit 100 ;; esac')
    return log


@pytest.fixture
def apt_log(programs, tmp_path):
    return add_apt(programs, tmp_path / "log of apt")


def test_root_installs_each_package(programs, apt_log):
    programs.add("id", "echo 0")

    done = install(programs, "chromium", "redis-server")

    assert done.returncode == 0, done.stderr
    assert [line.split()[-1] for line in apt_log.read_text().splitlines()] == ["update", "chromium", "redis-server"]


def test_others_take_sudo(programs, apt_log):
    programs.add("id", "echo 1000")
    programs.add("sudo", '[ "$1" = -n ] && shift && exec "$@"')
    programs.add("true")

    done = install(programs, "chromium")

    assert done.returncode == 0, done.stderr
    assert apt_log.read_text().splitlines()[-1].endswith(" chromium")


def test_a_sudo_that_wants_a_password_is_not_asked(programs, apt_log):
    programs.add("id", "echo 1000")
    programs.add("sudo", "exit 1")

    done = install(programs, "chromium")

    assert done.returncode == 1
    assert "needs root, or sudo without a password. As root: apt-get install chromium" in done.stderr
    assert not apt_log.exists()


def test_a_package_that_is_not_to_be_had_leaves_the_others(programs, tmp_path):
    programs.add("id", "echo 0")
    log = add_apt(programs, tmp_path / "log", without="chromium")

    done = install(programs, "chromium", "redis-server")

    assert done.returncode == 1
    assert "Not installed: chromium;" in done.stderr
    assert log.read_text().splitlines()[-1].endswith(" redis-server")


def test_without_apt_it_names_what_to_install(programs):
    done = install(programs, "chromium", "redis-server")

    assert done.returncode == 1
    assert "Not installed: chromium redis-server; there is no apt-get here" in done.stderr
