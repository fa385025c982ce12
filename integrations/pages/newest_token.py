"""An account's newest working token, shown to an admin where it is needed: on purpose, and noted in the audit log."""

from django.db import transaction

from integrations.models import IntegrationAccount
from integrations.pages import audit
from workspaces.access import MemberRequest
from workspaces.secrets import SecretUnreadable


class NoToken(Exception):
    """There is none to show. ``str()`` tells the admin what to do."""


@transaction.atomic
def reveal(request: MemberRequest, account: IntegrationAccount, *, purpose: str) -> str:
    """The token in clear text. Raises NoToken."""
    if account.is_retired:
        raise NoToken("This integration account is retired, so none of its tokens works. Use another account.")
    token = account.tokens.working().order_by("-created_at").first()
    if token is None:
        raise NoToken("All tokens of this account have ended. Rotate the token under Tokens to get a new one.")
    try:
        clear_text = token.reveal()
    except SecretUnreadable as error:
        raise NoToken(str(error)) from None
    audit.record(request, "token.reveal", token, account=account.name, purpose=purpose)
    return clear_text
