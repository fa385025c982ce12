from datetime import timedelta

from django import forms

OVERLAPS = {
    "none": ("None: they end now", timedelta(0)),
    "1h": ("1 hour", timedelta(hours=1)),
    "24h": ("24 hours", timedelta(hours=24)),
    "7d": ("7 days", timedelta(days=7)),
}


class RotateForm(forms.Form):
    """How long the older tokens go on working beside the new one."""

    overlap = forms.ChoiceField(
        label="Older tokens keep working for",
        choices=[(key, label) for key, (label, _) in OVERLAPS.items()],
        initial="24h",
    )

    @property
    def chosen_overlap(self) -> timedelta:
        return OVERLAPS[self.cleaned_data["overlap"]][1]
