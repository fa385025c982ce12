"""The workspace's name, leaving it, and deleting it with everything in it."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from workspaces import erasing, naming
from workspaces.access import MemberRequest, for_admins, for_members, for_owners
from workspaces.models import Membership, Workspace
from workspaces.typed import TypedField


class NameForm(forms.ModelForm):
    class Meta:
        model = Workspace
        fields = ["name"]
        field_classes = {"name": TypedField}
        help_texts = {"name": "Customers do not see it. The address of the workspace stays the same."}


class DeletionForm(forms.Form):
    name = forms.CharField(label="Name of the workspace", widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, *args: object, workspace: Workspace, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.workspace = workspace

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if name != self.workspace.name:
            raise forms.ValidationError(f"Nothing was deleted. To delete it, type {self.workspace.name}")
        return name


@require_GET
@for_members
def index(request: MemberRequest, member: Membership) -> HttpResponse:
    return _page(request, member)


@require_POST
@for_admins
def rename(request: MemberRequest, member: Membership) -> HttpResponse:
    workspace = member.workspace
    form = NameForm(request.POST, instance=Workspace(pk=workspace.pk, slug=workspace.slug))
    if not form.is_valid():
        return _page(request, member, form=form, status=422)
    naming.rename_workspace(workspace=workspace, to=form.cleaned_data["name"], by=request.by)
    messages.success(request, "The new name is saved.")
    return redirect("workspaces:settings", workspace.slug)


@require_POST
@for_owners
def delete(request: MemberRequest, member: Membership) -> HttpResponse:
    form = DeletionForm(request.POST, workspace=member.workspace, prefix="delete")
    if not form.is_valid():
        return _page(request, member, deletion=form, status=422)
    erasing.erase(workspace=member.workspace, by=request.by)
    messages.success(request, f"{member.workspace} and everything in it is deleted.")
    return redirect("workspaces:landing")


def _page(
    request: MemberRequest,
    member: Membership,
    form: NameForm | None = None,
    deletion: DeletionForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "form": form or NameForm(instance=member.workspace),
        "deletion": deletion or DeletionForm(workspace=member.workspace, prefix="delete"),
    }
    return render(request, "workspaces/settings/general.html", context, status=status)
