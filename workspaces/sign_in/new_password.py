"""Choosing a password right after a mailed link has shown whose account it is."""

from urllib.parse import urlencode

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.account.views import INTERNAL_RESET_SESSION_KEY, PasswordResetFromKeyView
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from workspaces.models import User


def choose_password(request: HttpRequest, user: User, *, then: str | None = None) -> HttpResponse:
    """Leads to django-allauth's page for it, in a new session, as a mail that resets a password does."""
    logout(request)
    request.session[INTERNAL_RESET_SESSION_KEY] = default_token_generator.make_token(user)
    page = reverse(
        "account_reset_password_from_key", args=[user_pk_to_url_str(user), PasswordResetFromKeyView.reset_url_key]
    )
    return redirect(f"{page}?{urlencode({'next': then})}" if then else page)
