"""A plugin of pytest: skips what this machine cannot run, and keeps count of it for the last line of `make test`.

pytest runs more than once in `make test`, so the count is kept in pytest's cache, which `make test` clears first.
"""

import json
from collections import Counter
from pathlib import Path

import pytest

from tests import machine

KEY = "lumika/skipped"
TALLY = Path(".pytest_cache/v") / KEY

_skipped: dict[str, str] = {}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(*names): runs only where the machine has these, as tests/machine.py says")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before the fixtures of the test, which may start servers."""
    for mark in item.iter_markers("needs"):
        if why := machine.missing(*mark.args):
            machine.cannot_run(why)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped and not hasattr(report, "wasxfail") and isinstance(report.longrepr, tuple):
        _skipped[report.nodeid] = report.longrepr[2].removeprefix("Skipped: ")


def pytest_sessionfinish(session: pytest.Session) -> None:
    cache = session.config.cache
    is_worker = hasattr(session.config, "workerinput")
    if _skipped and cache is not None and not is_worker:
        cache.set(KEY, cache.get(KEY, {}) | _skipped)


def last_line(reasons: list[str]) -> str:
    """How many tests were skipped, why, and what to install so that they run; nothing where none was."""
    if not reasons:
        return ""
    counts = Counter(reasons)
    why = "; ".join(f"{reason} ({count})" for reason, count in counts.most_common())
    packages = [part.package for part in machine.PARTS.values() if any(part.absence in reason for reason in counts)]
    advice = f" To run them, install: {' '.join(packages)}" if packages else ""
    return f"{len(reasons)} {'test was' if len(reasons) == 1 else 'tests were'} skipped: {why}.{advice}"


def tell() -> None:
    kept = json.loads(TALLY.read_text()) if TALLY.exists() else {}
    if line := last_line(list(kept.values())):
        print(line)
