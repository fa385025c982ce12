"""The sites that may call an account: the list is changed, a refused origin allowed, or dismissed."""

from datetime import datetime

from integrations.edits import locked, write
from integrations.models import IntegrationAccount, RefusedOrigin
from workspaces.refusals import Refused
from workspaces.verbs import Actor, nothing_changed, record, verb


class NotNameable(Refused):
    def __init__(self, origin: str) -> None:
        super().__init__(f"{origin} is no origin that a list can name.")


@verb
def change(*, account: IntegrationAccount, to: list[str], by: Actor, seen: datetime | None = None) -> None:
    """``to`` are canonical entries. Raises ChangedMeanwhile where the account was saved after ``seen``."""
    current = locked(account, seen=seen)
    write(current, {"allowed_domains": to})
    _forget_admitted_origins(current)
    record("domains.change", current, by=by, allowed_domains=to)


@verb
def allow(*, refused: RefusedOrigin, by: Actor) -> bool:
    """False when the list lets the origin in already, as an empty one does. Raises NotNameable."""
    if refused.entry is None:
        raise NotNameable(refused.origin)
    current = locked(refused.account)
    is_news = bool(current.allowed_domains) and refused.entry not in current.allowed_domains
    if is_news:
        write(current, {"allowed_domains": [*current.allowed_domains, refused.entry]})
        record("domains.allow", current, by=by, entry=refused.entry)
    else:
        nothing_changed()
    _forget_admitted_origins(current)
    return is_news


@verb
def dismiss(*, refused: RefusedOrigin, by: Actor) -> None:
    """It stays refused, and counts anew."""
    if not RefusedOrigin.objects.filter(pk=refused.pk).delete()[0]:
        nothing_changed()
        return
    record("refused_origin.dismiss", refused, by=by, account=refused.account.name)


def _forget_admitted_origins(account: IntegrationAccount) -> None:
    """Drops the refused origins that the allowed domains let in by now."""
    admitted = [row.pk for row in account.refused_origins.all() if account.admits(row.origin)]
    account.refused_origins.filter(pk__in=admitted).delete()
