"""The tokens of an account are revealed, rotated and revoked."""

from datetime import timedelta

from django.db.models import Q, TextChoices
from django.utils import timezone

from integrations.edits import locked
from integrations.models import IntegrationAccount, IntegrationToken
from workspaces.refusals import Refused
from workspaces.secrets import SecretUnreadable
from workspaces.verbs import Actor, nothing_changed, record, verb


class Overlap(TextChoices):
    """How long older tokens go on working beside a new one."""

    NONE = "none", "None: they end now"
    HOUR = "1h", "1 hour"
    DAY = "24h", "24 hours"
    WEEK = "7d", "7 days"

    @property
    def length(self) -> timedelta:
        return {
            self.NONE: timedelta(0),
            self.HOUR: timedelta(hours=1),
            self.DAY: timedelta(days=1),
            self.WEEK: timedelta(days=7),
        }[self]


class AccountRetired(Refused):
    def __init__(self) -> None:
        super().__init__("This account is retired. Create a new one for a working token.")


class NoToken(Refused):
    """There is none to show. ``str()`` tells the admin what to do."""


@verb
def reveal(*, token: IntegrationToken, by: Actor) -> str:
    """Raises SecretUnreadable."""
    clear_text = token.reveal()
    record("token.reveal", token, by=by, account=token.account.name)
    return clear_text


@verb
def reveal_newest(*, account: IntegrationAccount, purpose: str, by: Actor) -> str:
    """The newest working token in clear text, where an admin needs it. Raises NoToken."""
    if account.is_retired:
        raise NoToken("This integration account is retired, so none of its tokens works. Use another account.")
    token = account.tokens.working().order_by("-created_at").first()
    if token is None:
        raise NoToken("All tokens of this account have ended. Rotate the token under Tokens to get a new one.")
    try:
        clear_text = token.reveal()
    except SecretUnreadable as error:
        raise NoToken(str(error)) from None
    record("token.reveal", token, by=by, account=account.name, purpose=purpose)
    return clear_text


@verb
def rotate(*, account: IntegrationAccount, overlap: Overlap, by: Actor) -> str:
    """A new token in clear text; every older one ends when the overlap is over, or earlier if it was to."""
    current = locked(account)
    if current.is_retired:
        raise AccountRetired
    ends = timezone.now() + overlap.length
    older = current.tokens.filter(Q(expires_at=None) | Q(expires_at__gt=ends))
    older.update(expires_at=ends)
    record("token.rotate", current, by=by, overlap=overlap.value)
    return current.issue_token()


@verb
def revoke(*, token: IntegrationToken, by: Actor) -> bool:
    """Ends the token now, for good; false when it had ended already."""
    if not IntegrationToken.objects.filter(pk=token.pk).working().update(expires_at=timezone.now()):
        nothing_changed()
        return False
    record("token.revoke", token, by=by, account=token.account.name)
    return True
