"""The field for a provider's key: not in the page until somebody wants to enter one, and never filled by a browser.

A browser that finds a password field fills in the person's own password for this site, whatever ``autocomplete="off"``
says, and the key is sent to the provider.
"""

from typing import Any

from django import forms

IGNORED_BY_PASSWORD_MANAGERS = {
    "autocomplete": "new-password",
    "data-1p-ignore": "",  # 1Password
    "data-lpignore": "true",  # LastPass
    "data-bwignore": "true",  # Bitwarden
    "data-form-type": "other",  # Dashlane
    "data-protonpass-ignore": "true",
    "data-keeper-lock": "false",
}
NO_KEY = "The key holds characters that no key has. Copy it once more."
TYPED_OWN_LOGIN = (
    "This is your own password for this site, not the provider's key: your browser may have filled it in. "
    "Copy the key from the provider."
)
TOO_MANY = "Too many keys within a minute. Wait a moment, then enter it again."


class KeyField(forms.CharField):
    partial = "integrations/responders/_key_field.html"

    def __init__(self, **kwargs: Any) -> None:
        attrs = {**IGNORED_BY_PASSWORD_MANAGERS, "spellcheck": "false", "autocapitalize": "none"}
        super().__init__(required=False, max_length=500, widget=forms.PasswordInput(attrs=attrs), **kwargs)

    def clean(self, value: Any) -> str:
        key: str = super().clean(value)
        if not (key.isascii() and key.isprintable()):
            raise forms.ValidationError(NO_KEY)
        return key
