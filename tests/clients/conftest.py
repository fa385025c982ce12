"""The page of another origin is that of the browser tests."""

from tests.browser.conftest import elsewhere

__all__ = ["elsewhere"]
