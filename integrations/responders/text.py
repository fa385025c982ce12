"""Text as it may be stored: PostgreSQL holds neither NUL nor half a surrogate pair."""


def clean(text: str) -> str:
    """The text without NUL and lone surrogates; every responder passes what it yields through here."""
    if not text.isascii():
        text = text.encode("utf-8", "ignore").decode("utf-8")
    return text.replace("\0", "")
