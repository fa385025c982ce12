"""A plugin of pytest: one seed a run for all that is left to chance, told at its end, whatever came of it.

``--hypothesis-seed`` repeats a run, for Hypothesis and for tests with the fixture ``seed`` alike.
"""

import random

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Before Hypothesis reads it. The processes of pytest-xdist get the options as they then are."""
    if config.option.hypothesis_seed is None:
        config.option.hypothesis_seed = random.randrange(1_000_000)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    terminalreporter.write_line(f"The seed was {config.option.hypothesis_seed} (--hypothesis-seed)")


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """Shown by pytest when a test fails."""
    chosen = int(request.config.option.hypothesis_seed)
    print(f"seed {chosen}")
    return chosen
