"""The file `.env`: what stands in it, and what is wrong with it."""

import os

import pytest
from django.core.exceptions import ImproperlyConfigured

from lumika import environment
from lumika.environment import names


@pytest.fixture
def load(monkeypatch, tmp_path):
    """Reads a file with this content into an environment that is forgotten afterwards."""
    monkeypatch.setattr(os, "environ", os.environ.copy())
    monkeypatch.setattr("environ.Env.ENVIRON", os.environ)
    monkeypatch.setattr(names, "in_file", set())

    def loaded(content: bytes | str) -> None:
        file = tmp_path / ".env"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        environment.load(file)

    return loaded


def test_it_gives_way_to_the_environment(load, monkeypatch):
    os.environ["DEFAULT_FROM_EMAIL"] = "environment@example.com"

    load("\ufeff# ours\n\nDEFAULT_FROM_EMAIL=file@example.com\r\nexport EMAIL_URL='smtp://mail.example'\n  # end\n")

    assert os.environ["DEFAULT_FROM_EMAIL"] == "environment@example.com"
    assert os.environ["EMAIL_URL"] == "smtp://mail.example"


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("SECRET_KEY = otter", "must be NAME=value"),
        ("SECRET_KEY: otter", "must be NAME=value"),
        ("  SECRET_KEY=otter", "must be NAME=value"),
        ("otter", "must be NAME=value"),
        ("SECRET_KEY='otter", "opens a quotation mark for SECRET_KEY"),
        ('SECRET_KEY="otter" # ours', "opens a quotation mark for SECRET_KEY"),
        ("SECRET_KEY=ot\0ter", "has a NUL byte in the value of SECRET_KEY"),
    ],
)
def test_a_broken_line_is_named_by_its_number_and_not_quoted(load, line, complaint):
    load("DEBUG=on\n")

    with pytest.raises(ImproperlyConfigured) as refused:
        load(f"DEBUG=on\n{line}\n")

    assert str(refused.value).startswith("Line 2 of ")
    assert complaint in str(refused.value)
    assert "otter" not in str(refused.value).replace(".env", "")


def test_one_that_is_no_text_is_refused(load):
    with pytest.raises(ImproperlyConfigured, match=r"\.env must be text in UTF-8"):
        load(b"SECRET_KEY=\xff\xfe\n")


def test_one_that_cannot_be_read_is_refused(tmp_path):
    (tmp_path / ".env").symlink_to(tmp_path / "gone")

    with pytest.raises(ImproperlyConfigured, match=r"\.env cannot be read: No such file"):
        environment.load(tmp_path / ".env")


def test_a_directory_of_that_name_is_none(tmp_path):
    (tmp_path / ".env").mkdir()

    environment.load(tmp_path / ".env")


def test_names_that_mean_nothing_are_told_with_the_nearest_that_does(load):
    os.environ["LUMIKA_POOLSIZE"] = "3"
    os.environ["SECRET_KEI"] = "of another program"

    load("DATABSE_URL=postgresql:///lumika\nLUMIKA_TRUSTED_PROXY=1\nCOMPOSE_PROJECT_NAME=lumika\n")

    assert dict(environment.unknown()) == {
        "LUMIKA_POOLSIZE": "LUMIKA_POOL_SIZE",
        "LUMIKA_TRUSTED_PROXY": "LUMIKA_TRUSTED_PROXIES",
        "DATABSE_URL": "DATABASE_URL",
    }
