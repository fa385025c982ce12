"""The libraries from npm, and the page of another origin of the browser tests."""

import pytest

from tests import machine
from tests.browser.conftest import elsewhere
from tests.clients import packages

__all__ = ["elsewhere"]


@pytest.fixture
def libraries():
    """Those of npm, installed when a test needs them first."""
    if why := packages.missing():
        machine.cannot_run(why)
