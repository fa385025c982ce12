"""Mails as files, while no mail server is set. They hold links that sign people in, so only this account reads them."""

import email
import email.policy
import os
from collections.abc import Iterator
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail.backends import filebased

from lumika import data_directory

BETWEEN_MAILS = b"-" * 79


class EmailBackend(filebased.EmailBackend):
    def __init__(self, *args: Any, file_path: str | Path | None = None, **options: Any) -> None:
        directory = Path(file_path or settings.EMAIL_FILE_PATH)
        if not directory.is_dir():
            directory.mkdir(mode=data_directory.DIRECTORY, parents=True, exist_ok=True)
            data_directory.give_to_owner_of_parent(directory)
        if not os.access(directory, os.W_OK):
            raise PermissionError(f"{directory} cannot be written to.")  # as a mail server that refuses, not a crash
        options["file_path"] = str(directory)
        super().__init__(*args, **options)

    def open(self) -> bool:
        if self.stream is not None:
            return False
        self.stream = open(self._get_filename(), "ab", opener=data_directory.open_file)  # noqa: SIM115 - see close()
        return True


def mails(folder: Path) -> list[EmailMessage]:
    """All of them, the newest last."""
    return sorted(_all(folder), key=_moment)


def as_text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    text = body.get_content().strip() if body else ""
    return f"Date: {mail['Date']}\nTo: {mail['To']}\nSubject: {mail['Subject']}\n\n{text}\n"


def _all(folder: Path) -> Iterator[EmailMessage]:
    for path in sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime_ns):
        for written in path.read_bytes().split(b"\n" + BETWEEN_MAILS + b"\n"):
            if written.strip():
                yield email.message_from_bytes(written.lstrip(), policy=email.policy.default)


def _moment(mail: EmailMessage) -> float:
    return parsedate_to_datetime(mail["Date"]).timestamp() if mail["Date"] else 0.0
