"""Saved replies: what an agent may insert into a conversation, and the pages on which the team writes them."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods
from django.views.decorators.vary import vary_on_headers

from conversations.desk.saved_replies import variables, verbs
from conversations.models import Conversation, SavedReply
from workspaces import typed
from workspaces.access import MemberRequest, for_members
from workspaces.models import Membership
from workspaces.typed import TypedField

ON_A_PAGE = 50


class SavedReplyForm(forms.Form):
    name = TypedField(
        max_length=verbs.LONGEST_NAME,
        help_text="What you type after the “/” to find it. Customers do not see it.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    body = TypedField(label="Text", max_length=verbs.LONGEST_BODY, widget=forms.Textarea(attrs={"rows": 8}))
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean_body(self) -> str:
        body: str = self.cleaned_data["body"]
        if mistakes := variables.mistakes(body):
            raise forms.ValidationError(mistakes)
        return body


@require_GET
@vary_on_headers("HX-Request")
@for_members
def offered(request: MemberRequest, member: Membership, conversation_id: UUID) -> HttpResponse:
    """What can be inserted into this conversation: for scripts the options of a listbox, else a page to copy from."""
    conversations = Conversation.objects.filter(workspace=member.workspace).select_related("account", "workspace")
    conversation = get_object_or_404(conversations, pk=conversation_id)
    question = _question(request)
    context = {
        "conversation": conversation,
        "offers": verbs.offers(conversation, agent=member.user, question=question),
        "question": question,
    }
    is_fragment = request.htmx  # type: ignore[attr-defined]  # set by HtmxMiddleware
    return render(request, f"conversations/saved_replies/{'_options' if is_fragment else 'offered'}.html", context)


@require_GET
@for_members
def index(request: MemberRequest, member: Membership) -> HttpResponse:
    question = _question(request)
    page = Paginator(verbs.of(member.workspace, question), ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "conversations/saved_replies/index.html", {"page": page, "question": question})


@require_http_methods(["GET", "POST"])
@for_members
def create(request: MemberRequest, member: Membership) -> HttpResponse:
    form = SavedReplyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            saved = verbs.create(workspace=member.workspace, by=request.by, **_written(form))
        except verbs.NameTaken as refused:
            form.add_error("name", str(refused))
        else:
            return _saved(request, saved)
    return _form(request, form)


@require_http_methods(["GET", "POST"])
@for_members
def edit(request: MemberRequest, member: Membership, saved_reply_id: UUID) -> HttpResponse:
    saved = _saved_reply(member, saved_reply_id)
    seen = verbs.fingerprint(saved)
    form = SavedReplyForm(request.POST or None, initial={"name": saved.name, "body": saved.body, "seen": seen})
    if request.method == "POST" and form.is_valid():
        try:
            verbs.change(saved=saved, seen=form.cleaned_data["seen"], by=request.by, **_written(form))
        except SavedReply.DoesNotExist:
            raise Http404 from None
        except verbs.NameTaken as refused:
            form.add_error("name", str(refused))
        except verbs.ChangedMeanwhile as refused:
            return _form(request, _compared(form, seen, str(refused)), saved, theirs=saved)
        else:
            return _saved(request, saved)
    return _form(request, form, saved)


@require_http_methods(["GET", "POST"])
@for_members
def delete(request: MemberRequest, member: Membership, saved_reply_id: UUID) -> HttpResponse:
    saved = _saved_reply(member, saved_reply_id)
    if request.method == "GET":
        return render(request, "conversations/saved_replies/delete.html", {"saved": saved})
    verbs.delete(saved=saved, by=request.by)
    messages.success(request, f"“{saved.name}” is deleted.")
    return redirect("desk:saved-replies", member.workspace.slug)


def _question(request: MemberRequest) -> str:
    return typed.clean(request.GET.get("q", ""))[: verbs.LONGEST_NAME]


def _saved_reply(member: Membership, saved_reply_id: UUID) -> SavedReply:
    return get_object_or_404(SavedReply, workspace=member.workspace, pk=saved_reply_id)


def _written(form: SavedReplyForm) -> dict[str, str]:
    return {name: form.cleaned_data[name] for name in ("name", "body")}


def _compared(form: SavedReplyForm, seen: str, told: str) -> SavedReplyForm:
    """The same words once more; saving them again is a choice against what the others saved."""
    form.data = dict(form.data.items()) | {"seen": seen}
    form.add_error(None, told)
    return form


def _form(
    request: MemberRequest, form: SavedReplyForm, saved: SavedReply | None = None, theirs: SavedReply | None = None
) -> HttpResponse:
    context = {"form": form, "saved": saved, "theirs": theirs, "variables": variables.KNOWN}
    return render(request, "conversations/saved_replies/edit.html", context)


def _saved(request: MemberRequest, saved: SavedReply) -> HttpResponse:
    messages.success(request, f"“{saved.name}” is saved. Type / in a reply to insert it.")
    return redirect("desk:saved-replies", request.member.workspace.slug)
