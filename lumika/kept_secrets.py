"""Secrets that nobody set: made once and kept in the data directory, readable by its owner alone."""

import os
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path

from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from lumika.data_directory import give_to_owner_of_parent
from lumika.environment.secrets import is_fernet_key, is_long_enough


def kept_secret_key(data_dir: Path) -> str:
    return _kept(data_dir / "secret_key", lambda: secrets.token_urlsafe(50), is_long_enough)


def kept_encryption_key(data_dir: Path) -> str:
    return _kept(data_dir / "encryption_key", lambda: Fernet.generate_key().decode(), is_fernet_key)


def kept_demo_password(data_dir: Path) -> str:
    return _kept(data_dir / "demo_password", lambda: secrets.token_urlsafe(12), bool)


def _kept(path: Path, make: Callable[[], str], is_whole: Callable[[str], bool]) -> str:
    """The content of ``path``, made first if need be. Raises ImproperlyConfigured when it cannot be had, or is damaged:
    a new one in its place would make what was encrypted or signed with it worthless."""
    try:
        if not path.is_file():
            _make(path, make())
        content = path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise ImproperlyConfigured(
            f"{path} (LUMIKA_DATA_DIR) cannot be used: {reason}. It must be a file of the user that runs Lumika."
        ) from None
    if not is_whole(content):
        raise ImproperlyConfigured(f"{path} (LUMIKA_DATA_DIR) is damaged. Put it back from a backup.")
    return content


def _make(path: Path, content: str) -> None:
    """Of several processes at once one wins."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # closed to others from the start
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(content)
        give_to_owner_of_parent(draft)
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        Path(draft).unlink()
