"""What Lumika wants of django-allauth: secrets encrypted at rest, our words, and a mail server that may be down."""

import logging
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest

from integrations import secrets
from workspaces.models import User
from workspaces.pages.invitations import AGREED
from workspaces.public_links import public_link

logger = logging.getLogger("lumika.accounts")


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": "This account is switched off. Ask whoever runs this server.",
        "email_password_mismatch": "The e-mail address or the password is wrong. Check both, or reset the password.",
        "email_taken": "Somebody has an account with this address already. Sign in, or reset the password.",
        "duplicate_email": "This address belongs to your account already.",
        "enter_current_password": "That is not your current password.",
        "incorrect_password": "That is not your password.",
        "incorrect_code": "That code is wrong or too old. Enter the newest one.",
        "invalid_password_reset": "This link was used already, or it is too old. Ask for a new one.",
        "too_many_login_attempts": "Too many attempts. Wait five minutes, or reset the password.",
        "unverified_primary_email": "Confirm this address first: open the link in the mail that we sent.",
        "cannot_remove_primary_email": "Make another address your main one first.",
        "rate_limited": "Too many attempts. Wait a minute.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Whoever agreed to an invitation may sign up, also where nobody else may."""
        return settings.LUMIKA_OPEN_SIGNUP or AGREED in request.session

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A mail server that is down costs the mail, not the page. Links lead to PUBLIC_URL, whoever builds them."""
        links = {name: public_link(value) for name, value in context.items() if name.endswith("_url")}
        try:
            super().send_mail(template_prefix, email, context | links | {"public_url": settings.PUBLIC_URL})
        except (SMTPException, OSError):
            logger.exception("A mail could not be sent: %s", template_prefix)
            messages.warning(self.request, "The mail could not be sent just now. Try again later.")

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Without the request's `Host`: each port that a guesser names there would begin a new count."""
        return str(credentials.get("email", credentials.get("username", ""))).lower()


class MFAAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "That code is wrong or too old. Enter the newest one.",
        "unverified_email": "Confirm your e-mail address first: open the link in the mail, or have it sent again.",
        "cannot_generate_recovery_codes": "Recovery codes need an authenticator app or a passkey. Add one first.",
    }

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002 - allauth's name
        others = Authenticator.objects.filter(user=user, type=type).count()
        return f"Passkey {others + 1}" if others else "Passkey"

    def encrypt(self, text: str) -> str:
        return secrets.encrypt(text).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return secrets.decrypt(encrypted_text.encode())

    def _get_site_name(self) -> str:
        return "Lumika"
