"""Several workers without Redis: `serve` says plainly what that means for open pages."""

from io import StringIO

import pytest
from django.core.management import call_command

from lumika.management.commands import serve


@pytest.fixture
def serve_says(monkeypatch, settings):
    """What `serve` prints before it serves: ``serve_says(workers=2)``."""
    monkeypatch.setattr(serve.Command, "handle", lambda self, *_, **__: None)
    settings.LUMIKA_WORKERS = 1

    def said(**options):
        errors = StringIO()
        call_command("serve", skip_checks=False, stderr=errors, **options)
        return errors.getvalue()

    return said


def test_several_workers_without_redis_are_warned_of(serve_says, settings):
    settings.REDIS_URL = ""

    said = serve_says(workers=2)

    assert "lumika.W001" in said
    assert "2 workers cannot tell each other's open pages what changed" in said
    assert "Set REDIS_URL" in said


def test_one_worker_needs_no_redis(serve_says, settings):
    settings.REDIS_URL = ""

    assert serve_says() == ""


def test_several_workers_with_redis_are_fine(serve_says, settings):
    settings.REDIS_URL = "redis://localhost:6379/0"

    assert serve_says(workers=2) == ""
