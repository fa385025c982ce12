"""Pages of a list that changes while somebody reads it: a page begins behind a row, not at a number.

So a page costs the same wherever it lies, and what comes in at the top moves nothing further down.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from uuid import UUID

from django.db.models import BooleanField, F, Func, QuerySet, Value
from django.db.models.lookups import GreaterThan, LessThan

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
LONGEST_MOMENT = 16


@dataclass(frozen=True, order=True)
class Cursor:
    """A place in a list, newest first: the moment of a row, and its key where moments are the same."""

    at: datetime
    key: UUID

    def __str__(self) -> str:
        return f"{(self.at - EPOCH) // MICROSECOND}-{self.key.hex}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """The cursor that an address holds; None where it makes no sense."""
        moment, _, key = text.partition("-")
        if not (moment.isdecimal() and len(moment) <= LONGEST_MOMENT):
            return None
        try:
            return cls(EPOCH + int(moment) * MICROSECOND, UUID(key))
        except (ValueError, OverflowError):
            return None


@dataclass(frozen=True)
class Key:
    """Which conversation a row of a list shows, and where the row stands."""

    conversation_id: UUID
    cursor: Cursor


@dataclass(frozen=True)
class Page:
    """``older`` and ``newer`` are where the next pages begin, None where nothing is known to follow."""

    keys: Sequence[Key]
    older: Cursor | None = None
    newer: Cursor | None = None


def page(
    rows: QuerySet[Any], *, moment: str, conversation: str, size: int, after: Cursor | None, before: Cursor | None
) -> Page:
    """The rows that follow ``after``, or those just above ``before``, or the newest ones."""
    fields = (conversation, moment, "id")
    if before:
        above = rows.filter(GreaterThan(_place(F(moment), F("id")), _place(Value(before.at), Value(before.key))))
        found = _keys(above.order_by(moment, "id").values_list(*fields)[: size + 1])
        if len(found) > size:
            keys = found[:size][::-1]
            return Page(keys, older=keys[-1].cursor, newer=keys[0].cursor)
        after = None
    if after:
        rows = rows.filter(LessThan(_place(F(moment), F("id")), _place(Value(after.at), Value(after.key))))
    found = _keys(rows.order_by(f"-{moment}", "-id").values_list(*fields)[: size + 1])
    return cut(found, size=size, after=after)


def cut(found: list[Key], *, size: int, after: Cursor | None) -> Page:
    """A page of what was found, newest first, where one row more than fits tells that there are older ones."""
    keys = found[:size]
    return Page(
        keys,
        older=keys[-1].cursor if len(found) > size else None,
        newer=keys[0].cursor if after and keys else None,
    )


def _keys(rows: QuerySet[Any]) -> list[Key]:
    return [Key(conversation_id, Cursor(at, key)) for conversation_id, at, key in rows]


def _place(moment: Any, key: Any) -> Func:
    """Both at once, so that an index finds the place also among many rows of the same moment."""
    return Func(moment, key, function="ROW", output_field=BooleanField())
