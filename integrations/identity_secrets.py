"""An account's identity secret, which signs conversation ids, is revealed and rotated."""

from integrations.edits import locked, write
from integrations.models import IntegrationAccount
from integrations.models.account import new_identity_secret
from workspaces.verbs import Actor, record, verb


@verb
def reveal(*, account: IntegrationAccount, by: Actor) -> str:
    """Raises SecretUnreadable."""
    secret = account.reveal_identity_secret()
    record("identity_secret.reveal", account, by=by)
    return secret


@verb
def rotate(*, account: IntegrationAccount, by: Actor) -> None:
    """Signatures made with the old one are refused from now on."""
    current = locked(account)
    write(current, {"identity_secret": new_identity_secret()})
    record("identity_secret.rotate", current, by=by)
