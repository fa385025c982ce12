"""Encryption at rest."""

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from workspaces import secrets

OLD = Fernet.generate_key().decode()
NEW = Fernet.generate_key().decode()


def keys(*configured: str) -> override_settings:
    return override_settings(LUMIKA_ENCRYPTION_KEYS=list(configured))


@given(st.text())
def test_what_was_encrypted_is_read_back(text: str) -> None:
    with keys(NEW):
        assert secrets.decrypt(secrets.encrypt(text)) == text


def test_the_stored_form_hides_the_text_and_differs_each_time() -> None:
    with keys(NEW):
        stored = [secrets.encrypt("sk-provider-key") for _ in range(2)]

    assert stored[0] != stored[1]
    assert b"sk-provider-key" not in stored[0]


def test_the_first_key_encrypts_and_every_key_decrypts() -> None:
    with keys(OLD):
        before = secrets.encrypt("secret")
    with keys(NEW, OLD):
        after = secrets.encrypt("secret")
        assert secrets.decrypt(before) == "secret"

    with keys(NEW):
        assert secrets.decrypt(after) == "secret"
        with pytest.raises(secrets.SecretUnreadable, match="LUMIKA_ENCRYPTION_KEYS"):
            secrets.decrypt(before)


def test_a_rotated_secret_needs_the_old_key_no_more() -> None:
    with keys(OLD):
        stored = secrets.encrypt("secret")
    with keys(NEW, OLD):
        rotated = secrets.rotate(stored)

    with keys(NEW):
        assert secrets.decrypt(rotated) == "secret"
        with pytest.raises(secrets.SecretUnreadable):
            secrets.rotate(stored)


@pytest.mark.parametrize("damaged", [b"", b"secret", "gAAAAA\u00e9".encode()])
def test_a_damaged_secret_is_unreadable(damaged: bytes) -> None:
    with keys(NEW):
        stored = secrets.encrypt("secret")
        assert secrets.decrypt(stored) == "secret"

        for spoilt in (damaged, stored[:-5], stored[:20] + b"AAAA" + stored[24:]):
            with pytest.raises(secrets.SecretUnreadable):
                secrets.decrypt(spoilt)


@pytest.mark.parametrize("configured", [[], [""], ["too-short"], [NEW, "too-short"], ["\u00e9" * 44]])
def test_wrong_keys_are_refused_with_the_way_to_make_one_and_without_the_key(configured: list[str]) -> None:
    with keys(NEW):
        assert secrets.encrypt("secret")

    with keys(*configured), pytest.raises(ImproperlyConfigured, match="generate_key") as refusal:
        secrets.encrypt("secret")
    assert NEW not in str(refusal.value)
    assert "too-short" not in str(refusal.value)
