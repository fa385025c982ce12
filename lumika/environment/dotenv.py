"""The file `.env`: lines `NAME=value`, which give way to the environment."""

import os
import re
from io import StringIO
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

from . import names

_ASSIGNMENT = re.compile(r"(?:export )?([A-Za-z_0-9]+)=(.*)")
_WITHOUT_VALUE = re.compile(r"\s*(#.*)?")


def load(path: Path) -> None:
    """Puts what the file says into the environment. A directory of that name is none: some keep Python in one."""
    if path.is_dir() or not os.path.lexists(path):
        return
    try:
        content = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ImproperlyConfigured(f"{path} cannot be read: {error.strerror}. Let this user read it.") from None
    except UnicodeDecodeError:
        raise ImproperlyConfigured(f"{path} must be text in UTF-8.") from None
    for number, line in enumerate(content.splitlines(), start=1):
        if fault := _fault(line):
            raise ImproperlyConfigured(f"Line {number} of {path} {fault}")
    environ.Env.read_env(StringIO(content))


def _fault(line: str) -> str:
    """What is wrong with this line, without quoting it: it may hold a secret."""
    if _WITHOUT_VALUE.fullmatch(line):
        return ""
    found = _ASSIGNMENT.fullmatch(line)
    if found is None:
        return "must be NAME=value, with nothing before the name or around the equals sign, or a comment behind #."
    name, value = found.groups()
    if "\0" in value:
        return f"has a NUL byte in the value of {name}."
    if value[:1] in {"'", '"'} and (len(value) < 2 or value[-1] != value[0]):
        return f"opens a quotation mark for {name} and does not close it at its end."
    names.in_file.add(name)
    return ""
