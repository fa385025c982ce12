"""What a browser gave, where it makes sense; None where it does not."""

from uuid import UUID

LONGEST_NUMBER = 18


def uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def number(text: str) -> int | None:
    """A whole number from 0 on, as PostgreSQL can hold it."""
    return int(text) if text.isdecimal() and len(text) <= LONGEST_NUMBER else None
