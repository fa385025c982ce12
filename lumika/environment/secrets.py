"""Variables that hold secrets, and the sender of mails. What is wrong with a secret is said without quoting it."""

import re
from email import policy

from django.core.exceptions import ImproperlyConfigured

from . import listed, text

SHORTEST = 50
FEWEST_DIFFERENT = 5  # as Django's own check has it
_FERNET_KEY = re.compile(r"[A-Za-z0-9_+/-]{43}=")


def signing_key(name: str) -> str:
    """Empty when it is not set."""
    value = text(name)
    if value and not is_long_enough(value):
        raise ImproperlyConfigured(
            f"{name} must be at least {SHORTEST} random characters. To make some: "
            "python3 -c 'import secrets; print(secrets.token_urlsafe(50))'"
        )
    return value


def encryption_keys(name: str) -> list[str]:
    """Empty when it is not set."""
    values = listed(name)
    if not all(map(is_fernet_key, values)):
        raise ImproperlyConfigured(
            f"{name} must hold Fernet keys (32 bytes in url-safe base64), separated by commas. To make one: "
            "python3 -c 'import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())'"
        )
    return values


def sender(name: str, default: str) -> str:
    """One address, with or without a name before it."""
    value = text(name, default)
    header = policy.default.header_factory("From", value)
    if header.defects or len(header.addresses) != 1 or not header.addresses[0].domain:
        raise ImproperlyConfigured(
            f"{name} must be one address, such as Lumika <lumika@example.com>; a name with a comma in it stands in "
            "double quotation marks."
        )
    return value


def is_long_enough(key: str) -> bool:
    return len(key) >= SHORTEST and len(set(key)) >= FEWEST_DIFFERENT


def is_fernet_key(key: str) -> bool:
    """Fernet itself passes over what stands behind the first key, such as another one without a comma before it."""
    return _FERNET_KEY.fullmatch(key) is not None
