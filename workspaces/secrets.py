"""Encryption at rest of what is shown or used again: tokens, identity secrets, provider keys (docs/api.md, section 1).

Keys come from the setting LUMIKA_ENCRYPTION_KEYS, a list of Fernet keys. The first encrypts, all decrypt. To change
keys: put a new one first, `rotate` every stored value, then take the old one out.
"""

from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class SecretUnreadable(Exception):
    """A stored secret was encrypted with a key that is no longer configured, or it was damaged."""

    def __init__(self) -> None:
        super().__init__(
            "A stored secret cannot be decrypted with the configured keys. Add the key it was encrypted with to "
            "LUMIKA_ENCRYPTION_KEYS again (after the first, comma-separated); if that key is lost, enter or issue the "
            "secret anew."
        )


def encrypt(text: str) -> bytes:
    """The text as a Fernet token, made with the first key."""
    return _cipher().encrypt(text.encode())


def decrypt(token: bytes) -> str:
    """The text of a Fernet token. Raises SecretUnreadable."""
    cipher = _cipher()
    try:
        return cipher.decrypt(token).decode()
    except InvalidToken:
        raise SecretUnreadable from None


def rotate(token: bytes) -> bytes:
    """The same secret, encrypted with the first key. Raises SecretUnreadable."""
    cipher = _cipher()
    try:
        return cipher.rotate(token)
    except InvalidToken:
        raise SecretUnreadable from None


def _cipher() -> MultiFernet:
    from django.conf import settings  # settings may not be configured yet when this module is imported

    return _cipher_for(tuple(settings.LUMIKA_ENCRYPTION_KEYS))


@lru_cache(maxsize=8)
def _cipher_for(keys: tuple[str, ...]) -> MultiFernet:
    from django.core.exceptions import ImproperlyConfigured

    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError:  # no key at all, or one of a wrong form; the cause stays out, as it may hold the key
        raise ImproperlyConfigured(
            "LUMIKA_ENCRYPTION_KEYS needs at least one key, and each must be 32 bytes in url-safe base64. To make one: "
            'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'
        ) from None
