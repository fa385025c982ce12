"""Two admins edit the same thing: the second one to save sees what the first one changed, and decides."""

from datetime import datetime
from typing import Any, NamedTuple, cast
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError

from workspaces import typed

STALE = "Somebody else saved this while you were editing. Nothing of yours is saved yet: compare, then save again."


class Change(NamedTuple):
    """A field that somebody else changed meanwhile, in words; ``mine`` is None where the person left it alone."""

    label: str
    theirs: str
    mine: str | None


class ConcurrentForm(forms.ModelForm):
    """A form that remembers what its page showed.

    ``updated_at`` tells whether the row was saved since; hidden initial values tell which fields of this form changed
    thereby. Fields that only the others changed take their values; of the rest the person's own are kept, and saving
    again stores them. Only fields that differ from what the page showed are ever written.

    It saves nothing: the verb takes its ``changes`` and what it has ``seen``, and compares once more under the lock.
    """

    updated_at = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.changed_meanwhile: list[Change] = []
        if self.is_new:
            del self.fields["updated_at"]
            return
        self.initial["updated_at"] = self.instance.updated_at.isoformat()
        for name in self.model_fields:
            self.fields[name].show_hidden_initial = not self.is_bound or self.add_initial_prefix(name) in self.data

    @property
    def is_new(self) -> bool:
        return bool(self.instance._state.adding)

    @property
    def model_fields(self) -> list[str]:
        return list(self._meta.fields or ())

    @property
    def remembered(self) -> list[str]:
        """The hidden inputs of groups of choices, which Django does not render with them."""
        bound = [self[name] for name in self.model_fields]
        return [field.as_hidden(only_initial=True) for field in bound if field.use_fieldset]

    @property
    def changes(self) -> dict[str, Any]:
        """What the person changed, for a verb to write."""
        names = [name for name in self.fields if name in self.changed_data and name != "updated_at"]
        return {name: self.cleaned_data[name] for name in names}

    @property
    def seen(self) -> datetime:
        """When the row that the form compared with was last saved."""
        return cast("datetime", self.instance.updated_at)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.is_new or cleaned.get("updated_at", "") in ("", self.initial["updated_at"]):
            return cleaned
        names = [name for name in self.model_fields if self._was_changed_by_others(name)]
        self.changed_meanwhile = [self._change(name) for name in names]
        self._catch_up(names)
        if names:
            raise ValidationError(STALE, code="stale")
        return cleaned

    def _was_changed_by_others(self, name: str) -> bool:
        seen = self._seen(name)
        value = self[name].data if seen is None else seen
        return self.fields[name].has_changed(_clean(self.initial[name]), _clean(value))

    def _change(self, name: str) -> Change:
        is_touched = name in self.changed_data
        mine = self._words(name, self.cleaned_data.get(name)) if is_touched else None
        return Change(str(self[name].label), self._words(name, self.initial[name]), mine)

    def _catch_up(self, names: list[str]) -> None:
        """From here on the form compares with what is stored now."""
        fresh = {self.add_prefix("updated_at"): self.initial["updated_at"]}
        for name in names:
            current = self.fields[name].prepare_value(self.initial[name])
            current = "" if current is None else str(current)
            fresh[self.add_initial_prefix(name)] = current
            if name not in self.changed_data:
                fresh[self.add_prefix(name)] = current
        self.data = dict(self.data.items()) | fresh

    def _seen(self, name: str) -> Any:
        """What the page showed; None when the request does not say."""
        widget = self.fields[name].hidden_widget()
        return widget.value_from_datadict(self.data, self.files, self.add_initial_prefix(name))

    def _words(self, name: str, value: Any) -> str:
        field = self.fields[name]
        if isinstance(field, forms.BooleanField):
            return "on" if value else "off"
        if isinstance(field, forms.ModelChoiceField):
            chosen = field.queryset.get(pk=value) if isinstance(value, UUID) else value  # type: ignore[union-attr]
            return str(chosen or field.empty_label)
        if isinstance(value, list):
            return ", ".join(value) or "nothing"
        labels = dict(self._meta.model._meta.get_field(name).flatchoices)
        return str(labels.get(value, value) or "nothing")


def _clean(value: Any) -> Any:
    """Browsers send their own line ends, whatever the page had."""
    return typed.clean(value) if isinstance(value, str) else value
