"""The first page after signing in, and making a workspace."""

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from workspaces.access import SignedInRequest
from workspaces.founding import found
from workspaces.models import Workspace
from workspaces.typed import TypedField
from workspaces.verbs import Actor


class WorkspaceForm(forms.ModelForm):
    class Meta:
        model = Workspace
        fields = ["name"]
        field_classes = {"name": TypedField}
        help_texts = {"name": "Your team's or product's name. Customers do not see it."}


@require_GET
@login_required
def landing(request: SignedInRequest) -> HttpResponse:
    """Leads to the person's workspace, or to making the first one."""
    workspace = Workspace.objects.visible_to(request.user).order_by("name").first()
    return redirect("home", workspace.slug) if workspace else redirect("workspaces:create")


@require_http_methods(["GET", "POST"])
@login_required
def create(request: SignedInRequest) -> HttpResponse:
    form = WorkspaceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        workspace = found(name=form.cleaned_data["name"], by=Actor.of(request))
        return redirect("home", workspace.slug)
    return render(request, "workspaces/create.html", {"form": form})
