"""A token that was just made is shown on the page that follows, once. The session keeps its id, never the token."""

from integrations import tokens
from integrations.models import IntegrationAccount, IntegrationToken
from workspaces.access import MemberRequest

KEY = "fresh_token"


def show_next(request: MemberRequest, account: IntegrationAccount, token: str) -> None:
    request.session[KEY] = str(account.tokens.get(digest=tokens.digest(token)).pk)


def take(request: MemberRequest, account: IntegrationAccount) -> IntegrationToken | None:
    """The token to be shown now, if the last step made one of this account."""
    token_id = request.session.get(KEY)
    token = account.tokens.working().filter(pk=token_id).first() if token_id else None
    if token is not None:
        del request.session[KEY]
    return token
