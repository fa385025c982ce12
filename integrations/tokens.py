"""Integration tokens: their form, and where a request carries one (docs/api.md, section 1).

    lmk_api_ | lmk_web_   +   32 random base62 characters   +   6 base62 characters of CRC32 over all before them

The checksum is no secret. It turns typing errors and guesses away before any database work, and lets secret
scanners recognise a leaked token.
"""

import hashlib
import re
import zlib
from collections.abc import Sequence
from typing import ClassVar

from integrations import base62

PREFIXES = {"api": "lmk_api_", "widget": "lmk_web_"}
RANDOM_LENGTH = 32
CHECKSUM_LENGTH = 6

_FORM = re.compile(rf"(?:{'|'.join(PREFIXES.values())})[0-9A-Za-z]{{{RANDOM_LENGTH + CHECKSUM_LENGTH}}}")


class TokenError(Exception):
    """The request shows no usable token. `str()` of it is for people and never holds the token."""

    code: ClassVar[str]


class AmbiguousToken(TokenError):
    code = "ambiguous_token"


class InvalidToken(TokenError):
    code = "invalid_token"


def generate(kind: str) -> str:
    """A new token for an account of this kind, `api` or `widget`."""
    body = PREFIXES[kind] + base62.random_text(RANDOM_LENGTH)
    return body + _checksum(body)


def is_well_formed(token: str) -> bool:
    """Whether the token could be one of ours. Says nothing on whether it was ever issued."""
    if not _FORM.fullmatch(token):
        return False
    return token[-CHECKSUM_LENGTH:] == _checksum(token[:-CHECKSUM_LENGTH])


def digest(token: str) -> bytes:
    """What is stored and looked up instead of the token: SHA-256, 32 bytes."""
    return hashlib.sha256(token.encode()).digest()


def extract(authorization: str | None, query_tokens: Sequence[str]) -> str:
    """The well-formed token of a request, from its `Authorization` header or its `integrationToken` parameters.

    The same value in several places is fine. Schemes other than Bearer are somebody else's (a proxy's Basic login,
    for example) and are passed over. An empty parameter is a token, and a wrong one: it is no other parameter that
    may count as left out. Raises AmbiguousToken or InvalidToken.
    """
    candidates = {*query_tokens, bearer} if (bearer := _bearer(authorization)) else {*query_tokens}
    if len(candidates) > 1:
        raise AmbiguousToken("The request carries different integration tokens. Send one, in one place.")
    if not any(candidates):
        raise InvalidToken(
            "An integration token is missing. Send it as “Authorization: Bearer …” or as the query's integrationToken."
        )

    token = candidates.pop()
    if not is_well_formed(token):
        raise InvalidToken("This is not an integration token. Copy the whole token from the account's settings.")
    return token


def _checksum(body: str) -> str:
    return base62.encode(zlib.crc32(body.encode()), width=CHECKSUM_LENGTH)


def _bearer(authorization: str | None) -> str:
    scheme, _, token = (authorization or "").strip().partition(" ")
    if scheme.lower() != "bearer":
        return ""
    return token.strip()
