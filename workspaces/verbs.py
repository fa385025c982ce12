"""Changes that people make. Each is a verb: one transaction, with an audit entry that says who made it.

    @verb
    def rename(*, workspace: Workspace, to: str, by: Actor) -> None:
        if to == workspace.name:
            nothing_changed()
            return
        workspace.name = to
        workspace.save(update_fields=["name"])
        record("workspace.rename", workspace, workspace=workspace, by=by, to=to)

Pages, the management API and commands call the same verbs. None of them can leave no trace: a verb that neither records
nor says that nothing changed is undone.
"""

import logging
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import models, transaction
from django.http import HttpRequest

from workspaces.models import AuditEntry, User, Workspace
from workspaces.tenancy import TenantModel

logger = logging.getLogger(__name__)

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Actor:
    """Who does something, and from which address."""

    user: User
    address: str | None = None

    @classmethod
    def of(cls, request: HttpRequest) -> "Actor":
        """Whoever sends this request, signed in."""
        assert isinstance(request.user, User)
        return cls(request.user, request.META.get("REMOTE_ADDR"))


class Untraced(Exception):
    """A verb changed something in silence, or something was recorded outside of a verb."""


class _Trail:
    is_left = False


_trail: ContextVar[_Trail | None] = ContextVar("trail", default=None)


def verb(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Carries the function out in a transaction, which is undone where it raises or leaves no trace."""

    @wraps(function)
    def carried_out(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        around = _trail.get()
        trail = _Trail()
        token = _trail.set(trail)
        try:
            with transaction.atomic():
                result = function(*args, **kwargs)
                if not trail.is_left:
                    raise Untraced(f"{function.__qualname__} neither recorded a change nor said that there was none.")
        finally:
            _trail.reset(token)
        if around is not None:
            around.is_left = True
        return result

    return carried_out


def record(
    action: str, target: models.Model, *, by: Actor, workspace: Workspace | None = None, **detail: Any
) -> AuditEntry:
    """Writes the audit entry of the verb that runs, in the target's own workspace unless it is told another.

    ``detail`` never holds a secret.
    """
    _leave_trail()
    if workspace is None:
        assert isinstance(target, TenantModel)
        workspace = target.workspace
    return AuditEntry.objects.record(
        workspace=workspace, actor=by.user, action=action, target=target, detail=detail, ip=by.address
    )


def record_in_server_log(message: str, *args: object) -> None:
    """In place of an entry, where no workspace could keep it."""
    _leave_trail()
    logger.warning(message, *args)


def nothing_changed() -> None:
    """The verb that runs found all as it should be."""
    _leave_trail()


def _leave_trail() -> None:
    trail = _trail.get()
    if trail is None:
        raise Untraced("What people change is changed by verbs: call this inside of one.")
    trail.is_left = True
