"""The forms of django-allauth in our words: labels stay visible, so there are no placeholders."""

from typing import Any

from allauth.account import forms as account
from allauth.account.internal.userkit import filter_users_by_email
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms

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


class SignUpForm(InOurWords, account.SignupForm):
    pass


class AddEmailForm(InOurWords, account.AddEmailForm):
    def clean_email(self) -> str:
        email: str = super().clean_email()
        if filter_users_by_email(email):  # somebody else's: it could become nobody's main address here
            raise forms.ValidationError("This address belongs to another account. Use a different one.")
        return email


class ChangePasswordForm(InOurWords, account.ChangePasswordForm):
    field_order = ["oldpassword", "password1"]
    password2 = None


class SetPasswordForm(InOurWords, account.SetPasswordForm):
    password2 = None


class ResetPasswordForm(InOurWords, account.ResetPasswordForm):
    pass


class ResetPasswordKeyForm(InOurWords, account.ResetPasswordKeyForm):
    password2 = None


class ConfirmPasswordForm(InOurWords, account.ReauthenticateForm):
    pass


class CodeForm(InOurWords, mfa.AuthenticateForm):
    pass


class ConfirmCodeForm(InOurWords, mfa.ReauthenticateForm):
    pass


class ActivateAppForm(InOurWords, totp.ActivateTOTPForm):
    pass


class AddPasskeyForm(InOurWords, webauthn.AddWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].initial = True
