"""Mail by SMTP. A mail server that does not answer keeps a few requests waiting, and not all pages."""

from collections.abc import Sequence
from threading import BoundedSemaphore

from django.core.mail import EmailMessage
from django.core.mail.backends import smtp

from workspaces import door

MOST_AT_ONCE = 8
"""Far below the pages that a process makes at a time."""
WAIT_SECONDS = 1.0

_sending = BoundedSemaphore(MOST_AT_ONCE)


class TooManyMails(OSError):
    """As when the mail server cannot be reached: callers say that the mail was not sent."""


class EmailBackend(smtp.EmailBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Holds no database connection meanwhile, unless in a transaction."""
        if not _sending.acquire(timeout=WAIT_SECONDS):
            raise TooManyMails("The mail server is slow, and enough mails wait for it already.")
        try:
            door.close_connections()
            return super().send_messages(email_messages) or 0
        finally:
            _sending.release()
