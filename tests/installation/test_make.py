"""`make` takes a Python that can make environments, and makes a broken environment anew; in any folder."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.installation.programs import Programs

MAKEFILE = Path(__file__).parents[2] / "Makefile"
PYTHON = """
case "$1 $2" in
    "-c "*ensurepip*) exit {cannot_make} ;;
    "-c "*) exit {is_old} ;;
    "--version "*) echo "Python of {name}" ;;
    "-m venv") mkdir -p "$4/bin" && printf '#!/bin/sh\\n' > "$4/bin/python" && chmod +x "$4/bin/python" ;;
esac
"""


@pytest.fixture
def programs(tmp_path):
    return Programs(tmp_path / "bin", "chmod", "dirname", "mkdir", "rm")


@pytest.fixture
def clone(tmp_path):
    directory = tmp_path / "Größe mit Platz"
    directory.mkdir()
    shutil.copy(MAKEFILE, directory)
    return directory


def add_python(programs, name, *, cannot_make=0, is_old=0):
    programs.add(name, PYTHON.format(name=name, cannot_make=cannot_make, is_old=is_old))


def make(programs, clone, target=".venv/bin/python"):
    return subprocess.run(
        [shutil.which("make"), "-C", clone, target], env={"PATH": programs.path}, capture_output=True, text=True
    )


def test_what_python3_names_goes_before_newer_ones(programs, clone):
    for name in ("python3", "python3.13"):
        add_python(programs, name)

    done = make(programs, clone)

    assert "with Python of python3\n" in done.stdout, done.stderr
    assert (clone / ".venv/bin/python").exists()


def test_a_python_that_is_too_old_is_passed_over(programs, clone):
    add_python(programs, "python3", is_old=1)
    add_python(programs, "python3.12")

    assert "with Python of python3.12\n" in make(programs, clone).stdout


def test_a_python_that_cannot_make_environments_is_passed_over(programs, clone):
    add_python(programs, "python3", cannot_make=1)
    programs.add("python3.13", "exit 127")  # as pyenv's, when its Python is not chosen
    add_python(programs, "python3.11")

    assert "with Python of python3.11\n" in make(programs, clone).stdout


def test_where_none_can_make_environments_it_says_what_to_install(programs, clone):
    add_python(programs, "python3", cannot_make=1)
    add_python(programs, "python3.12", cannot_make=1)

    done = make(programs, clone)

    assert done.returncode != 0
    assert "not even python3 python3.12. On Debian and Ubuntu: apt-get install python3-venv" in done.stdout


def test_where_there_is_none_it_says_which_are_needed(programs, clone):
    add_python(programs, "python3", is_old=1)

    done = make(programs, clone)

    assert done.returncode != 0
    assert "needs Python 3.11 or newer" in done.stdout


def test_an_environment_whose_python_is_gone_is_made_anew(programs, clone):
    add_python(programs, "python3")
    (clone / ".venv/bin").mkdir(parents=True)
    (clone / ".venv/bin/python").symlink_to(clone / "gone")
    (clone / ".venv/base.stamp").touch()

    done = make(programs, clone)

    assert "Making .venv" in done.stdout, done.stderr
    assert not (clone / ".venv/base.stamp").exists(), "what was installed must be installed again"
    assert "Making" not in make(programs, clone).stdout
