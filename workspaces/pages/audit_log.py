"""Who did what, when and from where; filtered, and paged by the last entry seen."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from workspaces import keyset
from workspaces.access import MemberRequest, for_admins
from workspaces.keyset import Cursor
from workspaces.models import AuditEntry, Membership, User
from workspaces.models.audit import AuditEntryQuerySet, readable_action

PAGE = 50
DATE = forms.DateInput(attrs={"type": "date"})


class FilterForm(forms.Form):
    action = forms.ChoiceField(label="Action", required=False)
    person = forms.ModelChoiceField(User.objects.none(), required=False, empty_label="Anybody")
    since = forms.DateField(label="From", required=False, widget=DATE)
    until = forms.DateField(label="Until", required=False, widget=DATE)

    def __init__(self, *args: Any, entries: AuditEntryQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.entries = entries
        actions = entries.order_by("action").values_list("action", flat=True).distinct()
        choices = [("", "Any action"), *((action, readable_action(action)) for action in actions)]
        self.fields["action"].choices = choices  # type: ignore[attr-defined]
        people = User.objects.filter(pk__in=entries.values("actor")).order_by("name", "email")
        self.fields["person"].queryset = people  # type: ignore[attr-defined]

    def found(self) -> AuditEntryQuerySet:
        """The entries that fit; a filter that is not right hides everything, and says so beside its field."""
        if not self.is_valid():
            return self.entries.none()
        wanted, found = self.cleaned_data, self.entries
        if wanted["action"]:
            found = found.filter(action=wanted["action"])
        if wanted["person"]:
            found = found.filter(actor=wanted["person"])
        if wanted["since"]:
            found = found.filter(created_at__gte=_at(wanted["since"], time.min))
        if wanted["until"]:
            found = found.filter(created_at__lte=_at(wanted["until"], time.max))
        return found


@require_GET
@for_admins
def audit_log(request: MemberRequest, member: Membership) -> HttpResponse:
    entries = AuditEntry.objects.filter(workspace=member.workspace)
    form = FilterForm(request.GET, entries=entries)
    after = Cursor.parse(request.GET.get("after", ""))
    page = keyset.page(form.found().select_related("actor"), size=PAGE, after=after)
    older = request.GET.copy()
    older["after"] = str(page.older)
    context = {
        "form": form,
        "entries": page.rows,
        "older": older.urlencode() if page.older else None,
        "is_filtered": any(form.cleaned_data.values()) or bool(form.errors or after),
    }
    return render(request, "workspaces/settings/audit_log.html", context)


def _at(day: date, clock: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, clock))
