"""Readers of what can be configured: each takes the name of a variable and returns a value that is fit for use.

A value that is not ends the start with one line: which variable, and what it takes. The line never quotes a value that
may hold a password or a key. A variable that is set to nothing counts as not set.
"""

import os
import re

from django.core.exceptions import ImproperlyConfigured

from .dotenv import load
from .names import known, unknown

__all__ = ["known", "listed", "load", "switch", "text", "unknown", "whole_number"]

SWITCHES = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
MOST_QUOTED = 60
_DIGITS = re.compile(r"[+-]?[0-9]{1,18}")


def text(name: str, default: str = "") -> str:
    """``$OTHER`` stands for the value of that variable, if there is one."""
    known.add(name)
    value = os.environ.get(name, "").strip()
    if value.startswith("$") and value[1:] in os.environ:
        value = os.environ[value[1:]].strip()
    return value or default


def listed(name: str) -> list[str]:
    """What stands between commas. Raises ImproperlyConfigured when there is nothing but commas."""
    value = text(name)
    found = [part.strip() for part in value.split(",") if part.strip()]
    if value and not found:
        raise ImproperlyConfigured(f"{name} must hold at least one value, not only commas.")
    return found


def whole_number(name: str, default: int, lowest: int, highest: int) -> int:
    value = text(name)
    if not value:
        return default
    if not _DIGITS.fullmatch(value):
        raise ImproperlyConfigured(f"{name} must be a whole number, {lowest} to {highest}, not {_quoted(value)}.")
    if not lowest <= int(value) <= highest:
        raise ImproperlyConfigured(f"{name} must lie between {lowest} and {highest}, not {value}.")
    return int(value)


def switch(name: str, *, default: bool) -> bool:
    value = text(name).lower()
    if value in SWITCHES:
        return SWITCHES[value]
    if value:
        raise ImproperlyConfigured(f"{name} must be on or off, not {_quoted(value)}.")
    return default


def _quoted(value: str) -> str:
    return repr(value if len(value) <= MOST_QUOTED else f"{value[:MOST_QUOTED]}…")
