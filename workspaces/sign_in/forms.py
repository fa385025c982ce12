"""The forms of django-allauth in our words: labels stay visible, so there are no placeholders."""

from typing import Any

from allauth.account import forms as account
from allauth.account.adapter import get_adapter
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.base import forms as mfa
from allauth.mfa.recovery_codes import forms as recovery_codes
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest

from workspaces.models import User
from workspaces.sign_in.addresses import has_confirmed, has_confirmed_main, unconfirmed_main

PASSWORD_RULES = "At least 10 characters. A few unrelated words make a good one."  # noqa: S105 - the rules, not a secret
LABELS = {
    "login": "E-mail address",
    "email": "E-mail address",
    "oldpassword": "Current password",
    "code": "Code",
    "passwordless": "Sign in with it alone, without a password",
}
HELP = {
    "password1": PASSWORD_RULES,
    "passwordless": "Works for passkeys: your device asks for a fingerprint, your face or a PIN instead.",
}


class InOurWords(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = LABELS.get(name, field.label)
            field.help_text = HELP.get(name, field.help_text)


class SignInForm(InOurWords, account.LoginForm):
    """Somebody who comes from an invitation finds their address filled in."""


class TakesConfirmedMainAddress(forms.Form):
    """What adds a way in. Whoever signed up with an address that is not theirs must not leave one behind."""

    user: Any

    def clean(self) -> dict[str, Any]:
        if not has_confirmed_main(self.user):
            raise get_mfa_adapter().validation_error("unverified_email")
        return super().clean() or self.cleaned_data


class SignUpForm(InOurWords, account.SignupForm):
    def try_save(self, request: HttpRequest) -> Any:
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])  # an answer that came sooner would tell
        return super().try_save(request)


class ConfirmAddressForm(InOurWords, account.ConfirmEmailVerificationCodeForm):
    pass


class AddEmailForm(TakesConfirmedMainAddress, InOurWords, account.AddEmailForm):
    """Says nothing of other accounts: whether an address is free shows once the code from its mailbox is entered."""


class ChangePasswordForm(InOurWords, account.ChangePasswordForm):
    field_order = ["oldpassword", "password1"]
    password2 = None


class SetPasswordForm(InOurWords, account.SetPasswordForm):
    password2 = None


class ResetPasswordForm(InOurWords, account.ResetPasswordForm):
    """Mails a link to confirmed addresses. One that nobody confirmed gets a link that confirms it, and starts over."""

    users: list[User]

    def clean_email(self) -> str:
        email: str = super().clean_email().lower()
        self.users = [user for user in self.users if has_confirmed(user, email)]
        return email

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        email: str = self.cleaned_data["email"]
        unconfirmed = unconfirmed_main(email)
        if unconfirmed is None:
            return str(super().save(request, **kwargs))
        get_adapter(request).send_link_that_starts_over(request, unconfirmed)
        return email


class ResetPasswordKeyForm(InOurWords, account.ResetPasswordKeyForm):
    password2 = None


class ConfirmPasswordForm(InOurWords, account.ReauthenticateForm):
    pass


class CodeForm(InOurWords, mfa.AuthenticateForm):
    pass


class ConfirmCodeForm(InOurWords, mfa.ReauthenticateForm):
    pass


class ActivateAppForm(TakesConfirmedMainAddress, InOurWords, totp.ActivateTOTPForm):
    pass


class RecoveryCodesForm(TakesConfirmedMainAddress, InOurWords, recovery_codes.GenerateRecoveryCodesForm):
    pass


class AddPasskeyForm(TakesConfirmedMainAddress, InOurWords, webauthn.AddWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].initial = True
