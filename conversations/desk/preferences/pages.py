"""How a person works at the desk: keys, sound, notifications. It holds in all of their workspaces."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from conversations.desk.preferences import chosen
from conversations.models import DeskPreferences
from workspaces.access import MemberRequest, for_members
from workspaces.models import Membership


class PreferencesForm(forms.ModelForm):
    class Meta:
        model = DeskPreferences
        fields = ["single_keys", "sound", "browser_notifications"]
        labels = {
            "single_keys": "Single-key shortcuts",
            "sound": "A sound for new drafts",
            "browser_notifications": "Browser notifications for new drafts",
        }
        help_texts = {
            "single_keys": "A approves, X rejects, J and K move on. Turn them off if you dictate, or type keys by "
            "accident. Shortcuts with Ctrl always work.",
            "sound": "Two soft notes when a new draft waits for approval. They sound in one tab only.",
            "browser_notifications": "Only while you look elsewhere: one for each new draft, gone once anybody has "
            "decided on it. They show the conversation's ID, and nothing that the customer wrote.",
        }


@require_http_methods(["GET", "POST"])
@for_members
def edit(request: MemberRequest, member: Membership) -> HttpResponse:
    form = PreferencesForm(request.POST or None, instance=chosen.of(member.user))
    if request.method == "POST" and form.is_valid():
        chosen.choose(user=member.user, **form.cleaned_data)
        messages.success(request, "Your preferences are saved.")
        return redirect("desk:preferences", member.workspace.slug)
    return render(request, "conversations/preferences/page.html", {"form": form})
