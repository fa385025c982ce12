"""Base62 text: the alphabet of tokens and of conversation ids (docs/api.md, sections 1 and 3)."""

import secrets
import string

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase


def random_text(length: int) -> str:
    """`length` characters, each drawn uniformly by the system's secure generator (5.95 bits a character)."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def encode(number: int, *, width: int) -> str:
    """A non-negative number, most significant digit first, padded with zeros to `width`."""
    digits = ""
    while number:
        number, remainder = divmod(number, len(ALPHABET))
        digits = ALPHABET[remainder] + digits
    return digits.rjust(width, ALPHABET[0])
