"""One rule for what people type."""

import pytest
from django import forms

from workspaces.typed import TypedField, clean


class NoteForm(forms.Form):
    body = TypedField(max_length=3)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (" a \r\n", "a"),
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("a\r\n\r\nb", "a\n\nb"),
        ("a\x00b", "ab"),
        ("\x00 a", "a"),
        ("  a  b  ", "a  b"),
        ("\u200b\u200d\x00", ""),
        ("\u200ba", "\u200ba"),
        ("", ""),
    ],
)
def test_a_text_is_trimmed_with_plain_line_ends_and_nothing_that_cannot_be_stored(text, kept):
    assert clean(text) == kept
    assert clean(kept) == kept


def test_a_form_keeps_what_the_rule_keeps():
    form = NoteForm({"body": " a\r\nb "})

    assert form.is_valid()
    assert form.cleaned_data == {"body": "a\nb"}


@pytest.mark.parametrize("body", ["", " \r\n", "\u200b", "\x00"])
def test_a_text_that_nobody_would_see_is_missing(body):
    assert NoteForm({"body": body}).errors == {"body": ["This field is required."]}
