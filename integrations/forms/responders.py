"""Settings of a responder, one form per kind, and the question of a test."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.urls import reverse

from integrations.forms.concurrent import ConcurrentForm
from integrations.forms.keys import TOO_MANY, TYPED_OWN_LOGIN, KeyField
from integrations.models import Responder
from integrations.responders.addresses import LONGEST_URL, checked_url
from integrations.responders.base import ResponderRefused
from workspaces.models import Workspace
from workspaces.own_password import TooManyTries
from workspaces.typed import TypedField

Kind = Responder.Kind


class ResponderForm(ConcurrentForm):
    """What every responder has.

    ``is_password`` tells whether texts are the person's own password; ``replaces_key`` opens the field for a key.
    """

    kind: str

    class Meta:
        model = Responder
        fields = ["name"]
        field_classes = {"name": TypedField, "instructions": TypedField}
        help_texts = {"name": "For your team. Customers do not see it."}

    def __init__(
        self,
        *args: Any,
        workspace: Workspace,
        is_password: Callable[..., bool],
        replaces_key: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.is_password = is_password
        self.replaces_key = replaces_key
        self.instance.workspace = workspace
        self.instance.kind = self.kind


class KnowledgeForm(ResponderForm):
    kind = Kind.KNOWLEDGE


class AddressedForm(ResponderForm):
    """A responder behind an address. The address is no model field here: it is checked as connections are."""

    base_url = forms.CharField(
        label="Base URL",
        max_length=LONGEST_URL,
        widget=forms.URLInput(attrs={"spellcheck": "false", "autocapitalize": "none"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.base_url:
            self.initial["base_url"] = self.instance.base_url

    @property
    def model_fields(self) -> list[str]:
        return [*super().model_fields, "base_url"]

    def clean_base_url(self) -> str:
        text: str = self.cleaned_data["base_url"]
        try:
            checked_url(text)
        except ResponderRefused as error:
            raise forms.ValidationError(error.message) from None
        return text


def _temperature(highest: float) -> forms.FloatField:
    return forms.FloatField(
        required=False,
        min_value=0.0,
        max_value=highest,
        widget=forms.NumberInput(attrs={"step": "0.1"}),
        help_text="0 is the most predictable. Empty: the provider's default.",
    )


class ModelForm(AddressedForm):
    """A model at a provider. The key goes in and never comes out again."""

    api_key = KeyField(label="API key")
    remove_api_key = forms.BooleanField(label="Remove the stored key", required=False)
    temperature = _temperature(2.0)

    class Meta(ResponderForm.Meta):
        fields = ["name", "model", "instructions", "temperature", "max_tokens"]
        labels = {"max_tokens": "Longest answer, in tokens"}
        help_texts = ResponderForm.Meta.help_texts | {
            "model": "As the provider calls it.",
            "instructions": "How to answer: tone, language, what it must not promise. Matching articles are added.",
            "max_tokens": "Empty: the provider's default.",
        }
        widgets = {
            "instructions": forms.Textarea(attrs={"rows": 6}),
            "model": forms.TextInput(attrs={"spellcheck": "false", "autocapitalize": "none"}),
        }

    field_order = [
        "name",
        "base_url",
        "model",
        "api_key",
        "remove_api_key",
        "instructions",
        "temperature",
        "max_tokens",
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["model"].required = True
        self.fields["max_tokens"].widget.attrs["min"] = 1
        if self.instance.has_api_key:
            self.fields["api_key"].help_text = "It takes the place of the stored key. Empty: that one is kept."
        else:
            del self.fields["remove_api_key"]
        if self.replaces_key:
            self.fields["api_key"].widget.attrs["autofocus"] = True

    @property
    def asks_for_key(self) -> bool:
        """Whether the page has the field: a new responder's does, another only where somebody wants to enter a key."""
        if self.is_new or self.replaces_key:
            return True
        return self.is_bound and (self.add_prefix("api_key") in self.data or "api_key" in self.errors)

    @property
    def key_was_dropped(self) -> bool:
        """A key was typed, but nothing was saved: pages never repeat it."""
        return self.is_bound and bool(self.errors) and bool(self._typed_key.strip())

    @property
    def address_with_key(self) -> str:
        return reverse("integrations:responder", args=[self.instance.workspace.slug, self.instance.pk]) + "?replace=key"

    def clean_api_key(self) -> str:
        key: str = self.cleaned_data["api_key"]
        try:
            if key and self.is_password(key, self._typed_key):
                raise forms.ValidationError(TYPED_OWN_LOGIN)
        except TooManyTries:
            raise forms.ValidationError(TOO_MANY) from None
        return key

    def clean_max_tokens(self) -> int | None:
        most: int | None = self.cleaned_data["max_tokens"]
        if most == 0:
            raise forms.ValidationError("At least 1, or leave it empty.")
        return most

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        key, removes = cleaned.get("api_key"), cleaned.get("remove_api_key")
        if key and removes:
            self.add_error("remove_api_key", "Either enter a new key or remove the stored one.")
        elif self.instance.has_api_key and not key and not removes and self._leads_elsewhere(cleaned.get("base_url")):
            self.add_error("api_key", "The address leads to another server now. Enter the key that belongs to it.")
        return cleaned

    @property
    def _typed_key(self) -> str:
        return str(self.data.get(self.add_prefix("api_key"), ""))

    def _leads_elsewhere(self, base_url: str | None) -> bool:
        """A stored key must not follow to a server that its owner did not choose."""
        if base_url is None:
            return False
        try:
            before = checked_url(self.instance.base_url)
        except ResponderRefused:
            return True
        after = checked_url(base_url)
        return (before.scheme, before.host, before.port) != (after.scheme, after.host, after.port)


class OpenAICompatibleForm(ModelForm):
    kind = Kind.OPENAI_COMPATIBLE

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[
            "base_url"
        ].help_text = "Ends in /v1 in most cases: https://api.openai.com/v1, or http://localhost:11434/v1 for Ollama."
        self.fields[
            "max_tokens"
        ].help_text = "Sent as max_tokens. Empty: the provider's default; newer OpenAI models want that."


class AnthropicForm(ModelForm):
    kind = Kind.ANTHROPIC
    temperature = _temperature(1.0)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("base_url", "https://api.anthropic.com/v1")
        self.fields["max_tokens"].help_text = "Empty: 4,096."


class WebhookForm(AddressedForm):
    kind = Kind.WEBHOOK

    class Meta(ResponderForm.Meta):
        fields = ["name", "instructions"]
        help_texts = ResponderForm.Meta.help_texts | {"instructions": "Goes to your backend with every question."}
        widgets = {"instructions": forms.Textarea(attrs={"rows": 4})}

    field_order = ["name", "base_url", "instructions"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["base_url"].label = "Address of your backend"
        self.fields[
            "base_url"
        ].help_text = "The whole address that gets the POST, such as https://example.com/lumika/reply."


FORMS: dict[str, type[ResponderForm]] = {
    form.kind: form for form in (KnowledgeForm, OpenAICompatibleForm, AnthropicForm, WebhookForm)
}


class TrialForm(forms.Form):
    question = TypedField(
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "Ask as a customer would"}),
    )
