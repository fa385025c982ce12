"""The rules of the public API that the Django and the FastAPI application have in common."""

import hashlib
import re
from urllib.parse import urlsplit

CONTEXT_MESSAGES = 20
KEY = re.compile(r"[A-Za-z0-9_-]{8,64}\Z")
MAX_TEXT = 4000
MAX_LIMIT = 200
STREAM_HEADERS = {"Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"}


class ApiError(Exception):
    """An answer of PROTOCOL section 7: HTTP status, stable code, and a sentence for people."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"code": code, "message": message, "param": None}}


def digest_of(token: str) -> str:
    """The key under which a token is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def check_origin(origin: str | None, allowed_domains: list[str]) -> None:
    """Refuses a browser request whose origin is not listed; an empty list allows every origin."""
    if origin is None or not allowed_domains:
        return
    parts = urlsplit(origin)
    host = parts.hostname or ""
    if parts.scheme == "https" and any(_matches(host, entry) for entry in allowed_domains):
        return
    raise ApiError(403, "origin_not_allowed", f"Requests from {origin} are not allowed for this integration.")


def check_message(text: str, key: str | None) -> str:
    """The trimmed text of a message, after its length and the form of its idempotency key were checked."""
    text = text.strip()
    if not 1 <= len(text) <= MAX_TEXT or "\0" in text or "\ufffd" in text:
        raise ApiError(400, "invalid_text", "Give textContent between 1 and 4,000 characters.")
    if key is not None and not KEY.match(key):
        raise ApiError(400, "invalid_key", "Give a clientMessageId of 8 to 64 letters, digits, _ or -.")
    return text


def check_limit(limit: str) -> int:
    """The number of messages asked for, at most 200."""
    if not limit.isdecimal() or int(limit) < 1:
        raise ApiError(400, "invalid_limit", "Give a limit of 1 or more.")
    return min(int(limit), MAX_LIMIT)


def check_cursor(cursor: str) -> int:
    """The primary key behind a public message id."""
    if not cursor.isdecimal():
        raise ApiError(404, "unknown_cursor", "This conversation has no message with that id.")
    return int(cursor)


def _matches(host: str, entry: str) -> bool:
    return host.endswith(entry[1:]) if entry.startswith("*.") else host == entry
