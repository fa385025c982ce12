"""Secrets that nobody set: made once and kept in the data directory, readable by its owner alone."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from cryptography.fernet import Fernet


def kept_secret_key(data_dir: Path) -> str:
    return _kept(data_dir / "secret_key", lambda: secrets.token_urlsafe(50))


def kept_encryption_key(data_dir: Path) -> str:
    return _kept(data_dir / "encryption_key", lambda: Fernet.generate_key().decode())


def kept_demo_password(data_dir: Path) -> str:
    return _kept(data_dir / "demo_password", lambda: secrets.token_urlsafe(12))


def _kept(path: Path, make: Callable[[], str]) -> str:
    """The content of ``path``, made first if need be; of several processes at once one wins."""
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(make())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text()
