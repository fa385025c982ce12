"""Whose conversation is it: signed and issued conversation ids (docs/api.md, section 3).

A caller proves a right to a conversation with `conversationSignature`, or by knowing an id that the server issued and
that cannot be guessed. The team's backend makes the signature, so it must be a one-liner in every language:
hex HMAC-SHA256(identity secret, conversationId), both as UTF-8.
"""

import hashlib
import hmac
import re

from integrations import base62

ISSUED_PREFIX = "c_"
ISSUED_RANDOM_LENGTH = 32

_ISSUED_FORM = re.compile(rf"{ISSUED_PREFIX}[0-9A-Za-z]{{{ISSUED_RANDOM_LENGTH}}}")


def sign(secret: str, conversation_id: str) -> str:
    """The signature as 64 lower-case hex digits. Raises ValueError for an empty secret: anybody could sign with it."""
    if not secret:
        raise ValueError("The identity secret is empty.")
    return hmac.new(secret.encode(), conversation_id.encode(), hashlib.sha256).hexdigest()


def verify(secret: str, conversation_id: str, signature: object) -> bool:
    """Whether the signature is right, in constant time. Whatever it is given, it answers and never raises.

    Hex digits count in either case, since some languages print them in capitals. Nothing else is forgiven: no spaces,
    no `sha256=` prefix.
    """
    if not isinstance(signature, str) or not signature.isascii():
        return False
    try:
        expected = sign(secret, conversation_id)
    except ValueError:  # an empty secret, or text that is no Unicode (a lone surrogate)
        return False
    return hmac.compare_digest(expected, signature.lower())


def issue_conversation_id() -> str:
    """An id that nobody can guess (190 random bits), so that knowing it is the right to the conversation."""
    return ISSUED_PREFIX + base62.random_text(ISSUED_RANDOM_LENGTH)


def is_issued_form(conversation_id: str) -> bool:
    """Whether the id looks like an issued one. Anybody can write one that does: only the database knows the issued."""
    return _ISSUED_FORM.fullmatch(conversation_id) is not None
