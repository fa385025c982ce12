"""A mail server that takes a connection and says nothing."""

import socket
import threading

import pytest
from django.core.mail import send_mail
from django.db import connection

from lumika import mail
from tests.ground.waiting import wait_for
from workspaces.models import User

BACKEND = "lumika.mail.EmailBackend"


@pytest.fixture
def silent(settings):
    """The settings lead to a server that never greets; the connections that it was asked for."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as server:
        settings.EMAIL_BACKEND, settings.EMAIL_TIMEOUT = BACKEND, 3
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.getsockname()
        yield server


@pytest.mark.django_db(transaction=True)
def test_a_mail_that_waits_for_its_server_holds_no_connection(silent):
    assert not User.objects.exists() and connection.connection is not None, "the premise"

    with pytest.raises(OSError):
        send_mail("Hello", "Text", None, ["olga@example.com"])

    assert connection.connection is None


def test_beyond_a_few_mails_the_next_ones_fail_at_once(silent, monkeypatch):
    monkeypatch.setattr(mail, "WAIT_SECONDS", 0.05)
    failures = []
    threads = [threading.Thread(target=send_and_note, args=(failures,)) for _ in range(mail.MOST_AT_ONCE)]
    for thread in threads:
        thread.start()
    wait_for(lambda: mail._sending._value == 0)

    with pytest.raises(mail.TooManyMails):
        send_mail("Hello", "Text", None, ["olga@example.com"])

    for thread in threads:
        thread.join()
    assert len(failures) == mail.MOST_AT_ONCE and not any(isinstance(one, mail.TooManyMails) for one in failures)
    assert mail._sending._value == mail.MOST_AT_ONCE


def send_and_note(failures):
    try:
        send_mail("Hello", "Text", None, ["olga@example.com"])
    except OSError as failure:
        failures.append(failure)
