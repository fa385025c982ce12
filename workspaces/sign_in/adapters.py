"""What Lumika wants of django-allauth: secrets encrypted at rest, our words, and a mail server that may be down."""

import logging
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest

from workspaces import secrets
from workspaces.models import User
from workspaces.pages.invitations import AGREED, came_by_mail
from workspaces.public_links import public_link
from workspaces.sign_in.addresses import unconfirmed_main

logger = logging.getLogger("lumika.accounts")


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": "This account is switched off. Ask whoever runs this server.",
        "email_password_mismatch": "The e-mail address or the password is wrong. Check both, or reset the password.",
        "email_taken": "Somebody has an account with this address already. Sign in, or reset the password.",
        "duplicate_email": "This address already belongs to your account.",
        "enter_current_password": "That is not your current password.",
        "incorrect_password": "That is not your password.",
        "incorrect_code": "That code is wrong or too old. Enter the newest one.",
        "invalid_password_reset": "This link has already been used, or it is too old. Ask for a new one.",
        "too_many_login_attempts": "Too many attempts. Wait five minutes, or reset the password.",
        "unverified_primary_email": "Confirm your main e-mail address first: have a code sent to it.",
        "cannot_remove_primary_email": "Make another address your main one first.",
        "rate_limited": "Too many attempts. Wait a minute.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Whoever agreed to an invitation may sign up, also where nobody else may."""
        return settings.LUMIKA_OPEN_SIGNUP or AGREED in request.session

    def is_email_verified(self, request: HttpRequest, email: str) -> bool:
        """Whoever signs up from the link of a mailed invitation has shown that mail to its address reaches them."""
        return came_by_mail(request, email)

    def send_confirmation_mail(self, request: HttpRequest, emailconfirmation: Any, signup: bool) -> None:
        """The code, for the page that asks for it; for a main address also a link, for whoever is not at that page."""
        address = emailconfirmation.email_address
        context = {"user": address.user, "code": emailconfirmation.key}
        if address.pk and address.email == address.user.email:
            context["activate_url"] = self._link(request, address)
        name = "email_confirmation_signup" if signup else "email_confirmation"
        self.send_mail(f"account/email/{name}", address.email, context)

    def send_account_already_exists_mail(self, email: str) -> None:
        unconfirmed = unconfirmed_main(email)
        if unconfirmed is None:
            super().send_account_already_exists_mail(email)
        else:
            self.send_link_that_starts_over(self.request, unconfirmed)

    def send_link_that_starts_over(self, request: HttpRequest, address: EmailAddress) -> None:
        context = {"activate_url": self._link(request, address)}
        self.send_mail("account/email/confirm_and_start_over", address.email, context)

    def _link(self, request: HttpRequest, address: EmailAddress) -> str:
        return str(self.get_email_confirmation_url(request, EmailConfirmationHMAC(address)))

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
        "unverified_email": "Confirm your e-mail address first: have a code sent to it under E-mail.",
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
