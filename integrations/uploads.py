"""Files of an upload, held in memory and bounded while they come in. Everything beyond the bounds is thrown away."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile


class BoundedUpload(FileUploadHandler):
    """Keeps files whose names end in ``suffixes``; notes the names of others in ``ignored``.

    ``refusal`` says why the upload is refused, and is empty when it is not. The rest of a refused upload is read and
    dropped, so that the browser gets an answer in place of a broken connection.
    """

    def __init__(self, *, suffixes: tuple[str, ...], most_files: int, most_bytes: int, most_bytes_of_all: int) -> None:
        super().__init__()
        self.refusal = ""
        self.ignored: list[str] = []
        self._suffixes = suffixes
        self._most_files = most_files
        self._most_bytes = most_bytes
        self._most_bytes_of_all = most_bytes_of_all
        self._files = 0
        self._bytes_of_all = 0
        self._parts: list[bytes] = []
        self._bytes = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._parts, self._bytes = [], 0
        self._files += 1
        if self._files > self._most_files:
            self._refuse(f"More than {self._most_files:,} files. Choose a smaller folder, or import it in parts.")
        if self.refusal:
            raise SkipFile
        if not (self.file_name or "").lower().endswith(self._suffixes):
            self.ignored.append(self.file_name or "")
            raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._bytes += len(raw_data)
        self._bytes_of_all += len(raw_data)
        if self._bytes > self._most_bytes:
            self._refuse(f"{self.file_name} is larger than {_megabytes(self._most_bytes)}.")
        elif self._bytes_of_all > self._most_bytes_of_all:
            self._refuse(f"The files are larger than {_megabytes(self._most_bytes_of_all)} together.")
        if self.refusal:
            raise SkipFile
        self._parts.append(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile | None:
        return SimpleUploadedFile(self.file_name or "", b"".join(self._parts))

    def _refuse(self, reason: str) -> None:
        self.refusal = self.refusal or reason
        self._parts = []


def _megabytes(count: int) -> str:
    return f"{count // (1024 * 1024)} MB"
