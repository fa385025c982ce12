"""Keys of mailed links do not reach the log."""

import logging

import pytest

from lumika.logging import MaskSecrets


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("/invitations/S_njh1lpKbOSK3/accept/", "/invitations/…/accept/"),
        ("/accounts/confirm-email/Mg:1xVVIk:LO6Zb/", "/accounts/confirm-email/…/"),
        ("/accounts/password/reset/key/1-abc-def/", "/accounts/password/reset/key/…/"),
        ("/w/home/members/invitations/", "/w/home/members/invitations/"),
    ],
)
def test_the_key_of_a_link_is_masked(path, logged):
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, "Forbidden: %s", (path,), None)

    MaskSecrets().filter(record)

    assert record.getMessage() == f"Forbidden: {logged}"
