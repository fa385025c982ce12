"""Whether a text is the signed-in person's own password, such as a browser fills into fields for other secrets."""

from allauth.core import ratelimit

from workspaces.access import SignedInRequest


class TooManyTries(Exception):
    """Each answer tells a little: they count like attempts to enter the password again."""


def is_own_password(request: SignedInRequest, *texts: str) -> bool:
    """Raises TooManyTries when it was asked too often within a minute."""
    if not ratelimit.consume(request, action="reauthenticate", user=request.user):
        raise TooManyTries
    return any(request.user.check_password(text) for text in set(texts))
