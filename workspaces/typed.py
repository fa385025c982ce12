"""What a person typed, as it is kept and compared: one rule for every field of a page.

The public API has a rule of its own, which is part of its contract (``conversations/api/customer_text.py``).
"""

from typing import Any

from django import forms

from workspaces.unseen import is_blank


def clean(text: str) -> str:
    """Trimmed, with line ends as LF and without NUL, which PostgreSQL cannot store. Empty where nobody would see any
    of it."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").strip()
    return "" if is_blank(text) else text


class TypedField(forms.CharField):
    """A text in a form. A line end counts as one character, as it does for the browser."""

    def to_python(self, value: Any) -> str:
        return clean(super().to_python(value) or "")
