"""django-allauth's pages of addresses, where ours are stricter: a main address comes first, and a link starts over."""

from typing import Any

from allauth.account import views
from allauth.account.models import EmailConfirmationHMAC
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from workspaces.sign_in.addresses import has_confirmed_main
from workspaces.sign_in.new_password import choose_password
from workspaces.sign_in.starting_over import start_over

TAKES_A_CONFIRMED_MAIN_ADDRESS = ("action_add", "action_primary")


class EmailView(views.EmailView):
    """A person's addresses. Before the main one is confirmed, it stays the only one."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        wanted = any(action in request.POST for action in TAKES_A_CONFIRMED_MAIN_ADDRESS)
        if wanted and not has_confirmed_main(request.user):  # type: ignore[arg-type]
            messages.error(request, get_mfa_adapter().error_messages["unverified_email"])
            return redirect("account_email")
        response: HttpResponse = super().post(request, *args, **kwargs)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context["can_add_email"] = context["can_add_email"] and has_confirmed_main(self.request.user)
        return context


class ConfirmByLinkView(views.ConfirmEmailView):
    """Where the link of a mail leads. django-allauth has this page only where no codes are mailed."""

    def get_object(self, queryset: Any = None) -> EmailConfirmationHMAC:
        confirmation = EmailConfirmationHMAC.from_key(self.kwargs["key"])
        if confirmation is None or confirmation.email_address.email != confirmation.email_address.user.email:
            raise Http404
        return confirmation

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            user = start_over(self.get_object().email_address)
        except Http404:
            user = None
        if user is None:
            page: HttpResponse = self.get(*args, **kwargs)
            return page
        response = choose_password(self.request, user, then=self.get_next_url())
        messages.success(self.request, f"{user.email} is confirmed. Choose a password now.")
        return response


email = EmailView.as_view()
confirm_by_link = ConfirmByLinkView.as_view()
