"""Integration accounts are made, changed and retired."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from integrations.edits import locked, write
from integrations.models import IntegrationAccount
from workspaces.models import Workspace
from workspaces.verbs import Actor, nothing_changed, record, verb


@verb
def create(*, workspace: Workspace, by: Actor, **settings: Any) -> tuple[IntegrationAccount, str]:
    """The new account and its first token, in clear text."""
    account, token = IntegrationAccount.objects.open(workspace=workspace, **settings)
    record("account.create", account, by=by, kind=account.kind, response_mode=account.response_mode)
    return account, token


@verb
def change(*, account: IntegrationAccount, to: Mapping[str, Any], by: Actor, seen: datetime | None = None) -> None:
    """Raises ChangedMeanwhile where the account was saved after ``seen``."""
    current = locked(account, seen=seen)
    write(current, to)
    record("account.change", current, by=by, changed=list(to))


@verb
def retire(*, account: IntegrationAccount, by: Actor) -> bool:
    """Refuses all tokens at once, for good; false when it was retired already."""
    active = IntegrationAccount.objects.filter(pk=account.pk, status=IntegrationAccount.Status.ACTIVE)
    if not active.update(status=IntegrationAccount.Status.RETIRED):
        nothing_changed()
        return False
    record("account.retire", account, by=by)
    return True
