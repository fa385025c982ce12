"""What tests need besides Python is found under any of its names; what needs the rest is skipped, and counted."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import machine, skipping
from tests.installation.programs import Programs

ROOT = Path(__file__).parents[2]
TESTS = """
from tests.machine import needs

@needs("redis")
def test_with_redis():
    pass

@needs("node", "npm")
def test_with_node_and_npm():
    pass

def test_with_nothing():
    pass
"""


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """Nothing else is found."""
    programs = Programs(tmp_path / "bin")
    monkeypatch.setenv("PATH", programs.path)
    monkeypatch.delenv(machine.CHROMIUM, raising=False)
    monkeypatch.setattr(machine, "_chromium_of_playwright", lambda: None)
    monkeypatch.setattr(machine, "CHROMIUMS", [name for name in machine.CHROMIUMS if "/" not in name])
    return programs


@pytest.mark.parametrize("name", ["chromium", "chromium-browser", "google-chrome", "microsoft-edge-stable"])
def test_any_browser_of_the_family_will_do(name, programs):
    assert machine._chromium() is None

    program = programs.add(name)

    assert machine._chromium() == str(program)


def test_a_browser_can_be_chosen_by_name_or_path(programs, monkeypatch, tmp_path):
    programs.add("chromium")
    chosen = programs.add("my browser")

    for way in ("my browser", str(chosen)):
        monkeypatch.setenv(machine.CHROMIUM, way)
        assert machine._chromium() == str(chosen)
    monkeypatch.setenv(machine.CHROMIUM, str(tmp_path / "nowhere"))
    assert machine._chromium() is None


def test_a_program_that_does_not_run_counts_as_missing(programs):
    programs.add("chromium-browser", "echo 'Install the snap.'; exit 1")
    assert machine._chromium() is None

    edge = programs.add("microsoft-edge")

    assert machine._chromium() == str(edge)


@pytest.mark.parametrize(("version", "is_enough"), [("v16.20.2", False), ("v18.0.0", True), ("v22.1.0", True)])
def test_an_old_node_counts_as_missing(version, is_enough, programs):
    program = programs.add("node", f"echo {version}")

    assert machine._node() == (str(program) if is_enough else None)


def run_tests(folder, **environment):
    """In a pytest of its own; the outcome, and the last line of `make test`."""
    file = folder / "test_them.py"
    file.write_text(TESTS)
    ours = ["-p", "tests.skipping", "-p", "no:django", "-c", os.devnull, "--rootdir", str(folder)]
    command = [sys.executable, "-m", "pytest", *ours, str(file)]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True)
    tally = folder / ".pytest_cache" / "v" / skipping.KEY
    kept = json.loads(tally.read_text()) if tally.exists() else {}
    return done.stdout.splitlines()[-1], skipping.last_line(list(kept.values()))


def test_what_is_missing_is_skipped_and_the_last_line_says_what_to_install(programs, tmp_path):
    outcome, last_line = run_tests(tmp_path, CI="")

    assert "1 passed, 2 skipped" in outcome
    assert last_line == (
        "2 tests were skipped: there is no redis-server on this machine (1); there is no Node.js from 18 on and no npm "
        "on this machine (1). To run them, install: redis-server nodejs npm"
    )


def test_what_is_there_is_not_skipped(programs, tmp_path):
    programs.add("redis-server")
    programs.add("npm")
    programs.add("node", "echo v20.0.0")

    outcome, last_line = run_tests(tmp_path, CI="")

    assert "3 passed" in outcome
    assert last_line == ""


def test_ci_fails_where_anything_is_missing(programs, tmp_path):
    outcome, _ = run_tests(tmp_path, CI="true")

    assert "1 passed, 2 errors" in outcome


def test_ci_does_not_begin_without_all_of_it(programs, monkeypatch):
    monkeypatch.setenv(machine.CHROMIUM, str(programs.add("browser")))

    def install(**environment):
        command = [sys.executable, "-m", "tests.installing"]
        return subprocess.run(command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True)

    programs.add("sh", 'echo "asked to install $*"')
    elsewhere, in_ci = install(CI=""), install(CI="true")

    assert elsewhere.returncode == 0, elsewhere.stderr
    assert "install firefox-esr webkit2gtk-driver xvfb redis-server nodejs npm" in elsewhere.stdout
    assert in_ci.returncode == 1
    assert "still without Firefox" in in_ci.stderr
