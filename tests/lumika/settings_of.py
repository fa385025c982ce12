"""The settings as another process would read them: lumika/settings.py, run anew under another environment."""

import os
import runpy
from typing import Any

import pytest

from lumika.environment import names
from tests.ground.servers import ROOT


def settings_of(monkeypatch: pytest.MonkeyPatch, **environment: str) -> dict[str, Any]:
    """Raises ImproperlyConfigured as a start would end."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(names, "in_file", set())
    assert os.environ["LUMIKA_DATA_DIR"], "the tests never touch the data of this working copy"
    return runpy.run_path(str(ROOT / "lumika" / "settings.py"))
