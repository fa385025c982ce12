"""The account of the operating system that PostgreSQL runs under when root starts Lumika."""

from pathlib import Path

import pytest

from lumika.embedded_postgres import os_account

USERADD = Path("/usr/sbin/useradd")


@pytest.mark.skipif(not USERADD.exists(), reason=f"there is no {USERADD} on this machine")
@pytest.mark.parametrize("path", ["/usr/bin:/bin", ""], ids=["as after su", "empty"])
def test_the_program_that_makes_it_need_not_be_on_the_path(path, monkeypatch):
    monkeypatch.setenv("PATH", path)

    assert Path(os_account._useradd()).samefile(USERADD)
