"""Keys of mailed links, tokens and query strings do not reach the log."""

import logging
import sys

import pytest

from lumika.logging import MaskingFormatter

TOKEN = "lmk_api_" + "A" * 38


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("/invitations/S_njh1lpKbOSK3/accept/", "/invitations/…/accept/"),
        ("/accounts/confirm-email/Mg:1xVVIk:LO6Zb/", "/accounts/confirm-email/…/"),
        ("/accounts/password/reset/key/1-abc-def/", "/accounts/password/reset/key/…/"),
        ("/w/home/members/invitations/", "/w/home/members/invitations/"),
        (f"/conversation/sse?integrationToken={TOKEN}", "/conversation/sse?…"),
        (f"token {TOKEN} is odd", "token lmk_api_… is odd"),
    ],
)
def test_secrets_in_a_message_are_masked(path, logged):
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, "Forbidden: %s", (path,), None)

    assert MaskingFormatter("%(message)s").format(record) == f"Forbidden: {logged}"


def test_secrets_in_a_traceback_are_masked():
    try:
        raise ValueError(TOKEN)
    except ValueError:
        record = logging.LogRecord("lumika", logging.ERROR, "", 0, "failed", (), sys.exc_info())

    entry = MaskingFormatter("%(message)s").format(record)

    assert "ValueError: lmk_api_…" in entry
    assert TOKEN not in entry
