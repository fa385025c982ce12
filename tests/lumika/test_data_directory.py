"""The data directory is closed to every other account of the machine: what is made there, and what was there before."""

import json
import os
import stat
import subprocess
import sys

import pytest
from django.core.mail import EmailMessage
from django.core.management import call_command

from lumika import checks, data_directory, outbox
from lumika.kept_secrets import kept_demo_password, kept_encryption_key, kept_secret_key
from tests.ground.servers import ROOT
from tests.lumika.embedded_postgres.users import temporary_directory

IS_ROOT = os.geteuid() == 0
NOBODY = 65534

# Everything that a running Lumika writes there; then the mode and owner of all that is found, the server still running.
PROGRAM = """
import json, os, sys
import django
from django.conf import settings
from django.core.mail import send_mail
from django.db import connection
from lumika.kept_secrets import kept_demo_password

django.setup()
connection.ensure_connection()
kept_demo_password(settings.LUMIKA_DATA_DIR)
send_mail("Reset your password", "https://…/reset/key/…", None, ["mira@example.com"])
root = settings.LUMIKA_DATA_DIR
found = {str(path.relative_to(root)): (path.lstat().st_mode, path.lstat().st_uid) for path in [root, *root.rglob("*")]}
print(json.dumps(found))
"""


@pytest.fixture
def loose_umask():
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture(params=["this account", "another account"])
def account(request):
    """User and group id: our own, and where we are root an ordinary one too."""
    if request.param == "this account":
        return os.geteuid(), os.getegid()
    if not IS_ROOT:
        pytest.skip("only root can be somebody else")
    try:
        subprocess.run([sys.executable, "-c", "import django"], cwd=ROOT, user=NOBODY, group=NOBODY, check=True)
    except (PermissionError, subprocess.CalledProcessError):
        pytest.skip("an ordinary account cannot read this Python or this working copy")
    return NOBODY, NOBODY


@pytest.fixture
def data_dir(account):
    """Not yet there, in a directory that everybody may enter."""
    with temporary_directory() as directory:
        os.chown(directory, *account)
        directory.chmod(0o755)
        yield directory / "data"


def found_after_a_run(data_dir, account):
    """By the path under the data directory: type and mode as `stat` has them, and the owner."""
    user, group = account
    ours = {"DJANGO_SETTINGS_MODULE": "lumika.settings", "LUMIKA_DATA_DIR": str(data_dir)}
    finished = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env=os.environ | ours | {"DATABASE_URL": "", "EMAIL_URL": ""},
        **({"user": user, "group": group, "extra_groups": []} if IS_ROOT else {}),
        umask=0,
        text=True,
        capture_output=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)


def open_to_others(found):
    """What differs from 0700 for directories and 0600 for all else, but for the data directory itself."""
    return {
        path: oct(mode)
        for path, (mode, _) in found.items()
        if path != "." and stat.S_IMODE(mode) != (0o700 if stat.S_ISDIR(mode) else 0o600)
    }


def mode_of(path):
    return stat.S_IMODE(path.lstat().st_mode)


def test_all_that_is_written_is_closed_under_a_loose_umask(data_dir, account):
    found = found_after_a_run(data_dir, account)

    kinds = {"secret_key", "encryption_key", "demo_password", "outbox", "postgres/log", "postgres/users.lock"}
    assert kinds <= found.keys()
    assert any(path.startswith("outbox/") for path in found)
    assert any(stat.S_ISSOCK(mode) for mode, _ in found.values())
    assert open_to_others(found) == {}
    runs_as_another = account[0] == 0
    assert stat.S_IMODE(found["."][0]) == (0o711 if runs_as_another else 0o700)
    server = found["postgres"][1]
    assert (server != account[0]) == runs_as_another
    of_server = ("postgres/data", "postgres/log", "postgres/socket")
    assert {owner for path, (_, owner) in found.items() if path.startswith(of_server)} == {server}
    assert {owner for path, (_, owner) in found.items() if not path.startswith("postgres")} == {account[0]}


def test_what_lay_there_open_is_closed_at_the_next_start(data_dir, account):
    before = found_after_a_run(data_dir, account)
    (data_dir / "left.txt").write_text("by hand")
    for path in [data_dir, *data_dir.rglob("*")]:
        path.chmod(0o777)

    found = found_after_a_run(data_dir, account)

    assert open_to_others(found) == {}
    assert "left.txt" in found
    assert found["."] == before["."]
    kept = before.keys() & found.keys()
    assert {path: found[path][1] for path in kept} == {path: before[path][1] for path in kept}


def test_links_lead_out_and_are_left_alone(tmp_path):
    outside = tmp_path / "outside"
    outside.write_text("")
    outside.chmod(0o644)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "link").symlink_to(outside)

    assert data_directory.close(tmp_path / "data") == []

    assert mode_of(outside) == 0o644


def test_a_directory_that_does_not_exist_is_not_made(tmp_path):
    assert data_directory.close(tmp_path / "none") == []
    assert not (tmp_path / "none").exists()


@pytest.mark.skipif(not IS_ROOT, reason="only root can give files away")
def test_what_root_leaves_belongs_to_whom_the_directory_belongs(tmp_path, settings):
    os.chown(tmp_path, NOBODY, NOBODY)
    settings.EMAIL_FILE_PATH = tmp_path / "outbox"

    kept_secret_key(tmp_path)
    send("secret link")

    assert {path.stat().st_uid for path in tmp_path.rglob("*")} == {NOBODY}


@pytest.mark.usefixtures("loose_umask")
def test_a_mail_is_closed_from_the_moment_it_exists(tmp_path, settings, monkeypatch):
    settings.EMAIL_FILE_PATH = tmp_path / "data" / "outbox"
    seen = []
    really_open = os.open

    def watching_open(path, *arguments, **options):
        descriptor = really_open(path, *arguments, **options)
        seen.append(stat.S_IMODE(os.fstat(descriptor).st_mode))
        return descriptor

    monkeypatch.setattr(os, "open", watching_open)
    send("secret link")

    (mail,) = (tmp_path / "data" / "outbox").iterdir()
    assert "secret link" in mail.read_text()
    assert seen == [0o600]
    assert mode_of(mail.parent) == 0o700


@pytest.mark.usefixtures("loose_umask")
@pytest.mark.parametrize("keep", [kept_secret_key, kept_encryption_key, kept_demo_password])
def test_a_kept_secret_is_closed_and_stays_the_same(tmp_path, keep):
    secret = keep(tmp_path / "data")

    (file,) = (tmp_path / "data").iterdir()
    assert keep(tmp_path / "data") == secret
    assert mode_of(file) == 0o600


def test_what_cannot_be_closed_is_told(monkeypatch, settings, capsys):
    monkeypatch.setattr(checks, "left_open", [settings.LUMIKA_DATA_DIR / "outbox"])

    call_command("check")

    said = capsys.readouterr().err
    assert "lumika.W004" in said
    assert str(settings.LUMIKA_DATA_DIR / "outbox") in said


def send(body):
    EmailMessage("Hello", body, None, ["mira@example.com"], connection=outbox.EmailBackend()).send()
