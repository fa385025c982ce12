"""A person's own page: the name that their team sees."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from workspaces import naming
from workspaces.access import SignedInRequest
from workspaces.models import Membership, User
from workspaces.typed import TypedField
from workspaces.verbs import Actor


class ProfileForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["name"]
        field_classes = {"name": TypedField}
        help_texts = {"name": "Your team sees it next to what you write and decide. Customers do not."}
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}


@require_http_methods(["GET", "POST"])
@login_required
def profile(request: SignedInRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, instance=User.objects.get(pk=request.user.pk))
    if request.method == "POST" and form.is_valid():
        naming.rename_oneself(to=form.cleaned_data["name"], by=Actor.of(request))
        messages.success(request, "Your name is saved.")
        return redirect("workspaces:profile")
    memberships = Membership.objects.filter(user=request.user).select_related("workspace").order_by("workspace__name")
    return render(request, "workspaces/profile.html", {"form": form, "memberships": memberships})
