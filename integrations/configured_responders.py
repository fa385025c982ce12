"""The responders that a workspace has configured: made, changed and deleted. ``trial.py`` tests them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from integrations.edits import locked, write
from integrations.models import Responder
from workspaces.models import Workspace
from workspaces.refusals import Refused
from workspaces.verbs import Actor, nothing_changed, record, verb


class NoWebhook(Refused):
    def __init__(self) -> None:
        super().__init__("Only a webhook has a signing secret.")


@verb
def create(*, workspace: Workspace, kind: str, to: Mapping[str, Any], by: Actor) -> Responder:
    """A webhook gets its signing secret."""
    responder = Responder(workspace=workspace, kind=kind)
    for name, value in _stored(responder, to).items():
        setattr(responder, name, value)
    if responder.is_webhook:
        responder.issue_signing_secret()
    responder.save()
    record("responder.create", responder, by=by, kind=kind)
    return responder


@verb
def change(*, responder: Responder, to: Mapping[str, Any], by: Actor, seen: datetime | None = None) -> None:
    """``api_key`` comes in clear text, and goes by ``remove_api_key``; without either, the stored one stays.

    Raises ChangedMeanwhile where the responder was saved after ``seen``.
    """
    current = locked(responder, seen=seen)
    write(current, _stored(current, to))
    record("responder.change", current, by=by, changed=list(to))


@verb
def renew_signing_secret(*, responder: Responder, by: Actor) -> None:
    """Signatures made with the old one end. Raises NoWebhook."""
    current = locked(responder)
    if not current.is_webhook:
        raise NoWebhook
    current.issue_signing_secret()
    write(current, {"api_key": current.api_key})
    record("responder.new_secret", current, by=by)


@verb
def delete(*, responder: Responder, by: Actor) -> None:
    """The accounts that use it stay, and people answer by hand."""
    used_by = [account.name for account in responder.used_by]
    if not Responder.objects.filter(pk=responder.pk).delete()[0]:
        nothing_changed()
        return
    record("responder.delete", responder, by=by, kind=responder.kind, used_by=used_by)


def _stored(responder: Responder, to: Mapping[str, Any]) -> dict[str, Any]:
    """The fields as the database keeps them: the key encrypted."""
    fields = dict(to)
    key, is_removed = fields.pop("api_key", None), fields.pop("remove_api_key", False)
    if key is None and not is_removed:
        return fields
    responder.set_api_key("" if is_removed else key)
    return fields | {"api_key": responder.api_key}
