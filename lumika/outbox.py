"""The mails that became files because no mail server is set, for whoever runs the server."""

import email
import email.policy
from collections.abc import Iterator
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

BETWEEN_MAILS = b"-" * 79


def mails(folder: Path) -> list[EmailMessage]:
    """All of them, the newest last."""
    return sorted(_all(folder), key=_moment)


def as_text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    text = body.get_content().strip() if body else ""
    return f"Date: {mail['Date']}\nTo: {mail['To']}\nSubject: {mail['Subject']}\n\n{text}\n"


def _all(folder: Path) -> Iterator[EmailMessage]:
    for path in folder.glob("*.log"):
        for written in path.read_bytes().split(b"\n" + BETWEEN_MAILS + b"\n"):
            if written.strip():
                yield email.message_from_bytes(written.lstrip(), policy=email.policy.default)


def _moment(mail: EmailMessage) -> float:
    return parsedate_to_datetime(mail["Date"]).timestamp() if mail["Date"] else 0.0
