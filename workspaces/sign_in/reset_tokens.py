"""The keys of links that reset a password."""

from typing import Any

from django.contrib.auth.tokens import PasswordResetTokenGenerator


class ResetTokens(PasswordResetTokenGenerator):
    """A key ends with the password it was made for, and when an address is added, removed or confirmed."""

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        addresses = sorted(user.emailaddress_set.values_list("email", "verified"))
        return super()._make_hash_value(user, timestamp) + "|".join(f"{email} {ok}" for email, ok in addresses)
