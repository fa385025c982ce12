"""Allowed domains as a text with one entry a line: mistakes are told line by line, and what was typed stays."""

from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError

from integrations.domains import InvalidDomain, canonical_entry, parse_entry
from integrations.forms.concurrent import ConcurrentForm
from integrations.models import IntegrationAccount

MOST_DOMAINS = 200


class Line(NamedTuple):
    """A written line, and what it becomes: an entry in canonical form, or the reason why it cannot be used."""

    number: int
    written: str
    entry: str = ""
    meaning: str = ""
    error: str = ""


def read_lines(text: str) -> list[Line]:
    """The lines that are not blank, in order, numbered as the editor numbers them."""
    return [_read(number, line.strip()) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]


def _read(number: int, written: str) -> Line:
    try:
        entry = canonical_entry(written)
    except InvalidDomain as error:
        return Line(number, written, error=str(error))
    return Line(number, written, entry, parse_entry(entry).meaning)


class DomainsField(forms.CharField):
    """Cleans to a list of canonical entries without repetitions."""

    widget = forms.Textarea(
        attrs={"rows": 6, "spellcheck": "false", "autocapitalize": "off", "placeholder": "shop.example.com"}
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, strip=False, max_length=MOST_DOMAINS * 300, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        lines = read_lines(super().clean(value))
        mistakes = [
            ValidationError(f"Line {line.number}, “{line.written}”: {line.error}") for line in lines if line.error
        ]
        if mistakes:
            raise ValidationError(mistakes)
        entries = list(dict.fromkeys(line.entry for line in lines))
        if len(entries) > MOST_DOMAINS:
            raise ValidationError(f"At most {MOST_DOMAINS} domains. An asterisk covers all names below one.")
        return entries

    def has_changed(self, initial: Any, data: Any) -> bool:
        return str(self.prepare_value(initial) or "").split() != str(data or "").split()


class DomainsForm(ConcurrentForm):
    allowed_domains = DomainsField(
        label="Allowed domains",
        help_text="One per line. Empty: every site may call. *.example.com means every name below example.com.",
    )

    class Meta:
        model = IntegrationAccount
        fields = ["allowed_domains"]

    @property
    def lines(self) -> list[Line]:
        """What each line of the text means, as it stands in the form."""
        return read_lines(self["allowed_domains"].value() or "")
