from django import forms

from integrations.account_tokens import Overlap


class RotateForm(forms.Form):
    """How long the older tokens go on working beside the new one."""

    overlap = forms.ChoiceField(
        label="Older tokens keep working for", choices=Overlap.choices, initial=Overlap.DAY.value
    )

    @property
    def chosen(self) -> Overlap:
        return Overlap(self.cleaned_data["overlap"])
