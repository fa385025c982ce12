"""Edits of a row that others may edit at the same time: locked, compared with what was seen, and then written."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from integrations.models import Article, IntegrationAccount, Responder
from workspaces.refusals import Refused

Row = TypeVar("Row", Article, IntegrationAccount, Responder)
Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

COMPARISONS = 5


class ChangedMeanwhile(Refused):
    def __init__(self) -> None:
        super().__init__("Somebody else saved or deleted this meanwhile. Look at it again.")


def locked(row: Row, *, seen: datetime | None = None) -> Row:
    """The row as it is now, until the verb is over. ``seen`` is when it was last saved, for all that the person knows.

    Raises ChangedMeanwhile where it was saved since, or deleted.
    """
    rows = type(row)._default_manager.select_related("workspace").defer(*row.get_deferred_fields())
    current = rows.select_for_update(of=("self",)).filter(pk=row.pk, workspace=row.workspace_id).first()
    if current is None or seen not in (None, current.updated_at):
        raise ChangedMeanwhile
    return current


def write(row: Row, to: Mapping[str, Any]) -> None:
    """Writes these fields and no others."""
    for name, value in to.items():
        setattr(row, name, value)
    row.save(update_fields=[*to, "updated_at"])


def compared_anew(page: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """A page that begins again, and so compares anew, where somebody saves between its reading and the verb's lock."""

    @wraps(page)
    def answered(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        for _ in range(COMPARISONS - 1):
            try:
                return page(*args, **kwargs)
            except ChangedMeanwhile:
                continue
        return page(*args, **kwargs)

    return answered
