"""Making an integration account, changing its settings, and retiring it."""

from typing import Any

from django import forms
from django.db import models
from django.utils.html import format_html

from integrations.forms.concurrent import ConcurrentForm
from integrations.forms.domains import DomainsField
from integrations.models import IntegrationAccount, Responder
from workspaces.models import Workspace
from workspaces.typed import TypedField

NO_RESPONDER = "None: people answer by hand"
HELP = {
    "name": "For your team, such as “Shop, production”. Customers do not see it.",
    "responder": "What writes the replies.",
}


def with_meanings(choices: Any) -> list[tuple[str, str]]:
    """Choices whose labels say in a sentence what each one means."""
    sentence = '<strong>{}</strong><span class="choice-meaning">{}</span>'
    return [(choice.value, format_html(sentence, choice.label, choice.meaning)) for choice in choices]


def offer_responders(field: Any, workspace: Workspace) -> models.QuerySet[Responder]:
    """Makes a field offer the workspace's own responders, or nobody; returns them."""
    offered = Responder.objects.filter(workspace=workspace).order_by("name", "pk")
    field.queryset, field.empty_label = offered, NO_RESPONDER
    return offered


def _likeliest(responders: models.QuerySet[Responder]) -> Responder | None:
    """One that has not failed lately, if there is one."""
    return responders.order_by("last_error_code", "name").first()


class CreateForm(forms.ModelForm):
    kind = forms.ChoiceField(widget=forms.RadioSelect, choices=with_meanings(IntegrationAccount.Kind))
    response_mode = forms.ChoiceField(
        label="Replies", widget=forms.RadioSelect, choices=with_meanings(IntegrationAccount.ResponseMode)
    )
    allowed_domains = DomainsField(
        label="Allowed domains",
        help_text="The sites whose pages may call, one per line. Empty: every site may. You can change it at any time.",
    )

    class Meta:
        model = IntegrationAccount
        fields = ["kind", "name", "responder", "response_mode", "allowed_domains"]
        field_classes = {"name": TypedField}
        help_texts = HELP

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.update(kind="api", response_mode="auto")
        self.initial["responder"] = _likeliest(offer_responders(self.fields["responder"], workspace))


class SettingsForm(ConcurrentForm):
    response_mode = forms.ChoiceField(
        label="Replies", widget=forms.RadioSelect, choices=with_meanings(IntegrationAccount.ResponseMode)
    )

    class Meta:
        model = IntegrationAccount
        fields = ["name", "responder", "response_mode", "require_signature"]
        field_classes = {"name": TypedField}
        labels = {"require_signature": "Require signed conversation ids"}
        help_texts = HELP | {
            "require_signature": "Every request must carry a conversationSignature, made by your backend with the "
            "identity secret. Requests without one are refused."
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_responders(self.fields["responder"], self.instance.workspace)


class RetireForm(forms.Form):
    name = forms.CharField(
        label="Type the account's name",
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, account: IntegrationAccount, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account = account

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if name != self.account.name:
            raise forms.ValidationError(f"This is not the account's name. Type exactly: {self.account.name}")
        return name
