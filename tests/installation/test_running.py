"""A test that passes only when it is run again is named, and in CI it is a failure."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RUN = "import sys; from tests.__main__ import run; sys.exit(run(sys.argv[1:]))"
UNSTEADY = """
from pathlib import Path

def test_that_needs_two_tries(request):
    tried = Path(request.config.rootpath, "tried")
    was_tried = tried.exists()
    tried.touch()
    assert was_tried

def test_that_is_steady():
    pass
"""
SETTINGS = """
[pytest]
markers = alone: by itself
addopts = -p no:django -p tests.seeds -q
"""
BROKEN = """
def test_that_is_broken():
    assert False
"""


@pytest.fixture
def tested(tmp_path):
    """The exit code of a run of these tests, and what it printed."""

    def run(tests, *, ci):
        (tmp_path / "test_it.py").write_text(tests)
        (tmp_path / "pytest.ini").write_text(
            "[pytest]\nmarkers = alone: by itself\naddopts = -p no:django -p tests.seeds -q"
        )
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        environment |= {"PYTHONPATH": str(ROOT), "CI": ci}
        command = [sys.executable, "-c", RUN, "--rootdir", str(tmp_path), "-c", str(tmp_path / "pytest.ini")]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=100)
        return done.returncode, done.stdout

    return run


@pytest.mark.parametrize(("ci", "code"), [("", 0), ("true", 1)], ids=["people", "CI"])
def test_what_passes_only_when_run_again(tested, ci, code):
    returned, shown = tested(UNSTEADY, ci=ci)

    assert "Passed only when run again: test_it.py::test_that_needs_two_tries\n" in shown, shown
    assert returned == code


def test_what_fails_again_is_a_failure_for_everybody(tested):
    returned, shown = tested(BROKEN, ci="")

    assert returned == 1
    assert "Passed only when run again" not in shown


@pytest.mark.parametrize("ci", ["", "true"], ids=["people", "CI"])
def test_the_seed_is_told_and_ci_tells_the_slowest_tests(tested, ci):
    returned, shown = tested(UNSTEADY.replace("assert was_tried", "pass"), ci=ci)

    assert returned == 0, shown
    assert "The seed was " in shown
    assert ("slowest 25 durations" in shown) == bool(ci)
