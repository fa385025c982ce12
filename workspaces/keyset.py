"""Pages of a list that changes while somebody reads it: a page begins behind a row, not at a number.

So a page costs the same wherever it lies, and what comes in at the top moves nothing further down. Lists are read
newest first.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, Self, TypeVar
from uuid import UUID

from django.db.models import BooleanField, F, Func, QuerySet, Value
from django.db.models.lookups import GreaterThan, LessThan

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
LONGEST_MOMENT = 16

Row = TypeVar("Row")
Rows = TypeVar("Rows", bound=QuerySet[Any])


@dataclass(frozen=True, order=True)
class Cursor:
    """A place in a list: the moment of a row, and its key where moments are the same."""

    at: datetime
    key: UUID

    def __str__(self) -> str:
        return f"{(self.at - EPOCH) // MICROSECOND}-{self.key.hex}"

    @classmethod
    def of(cls, row: Any, moment: str = "created_at") -> Self:
        return cls(getattr(row, moment), row.pk)

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
class Page(Generic[Row]):
    """``older`` and ``newer`` are where the next pages begin, None where nothing is known to follow."""

    rows: Sequence[Row]
    older: Cursor | None = None
    newer: Cursor | None = None


def page(
    rows: QuerySet[Any],
    *,
    size: int,
    moment: str = "created_at",
    after: Cursor | None = None,
    before: Cursor | None = None,
) -> Page[Any]:
    """The rows that follow ``after``, or those just above ``before``, or the newest ones."""

    def place(row: Any) -> Cursor:
        return Cursor.of(row, moment)

    if before:
        found = list(newer_than(rows, before, moment).order_by(moment, "id")[: size + 1])
        if len(found) > size:
            shown = found[:size][::-1]
            return Page(shown, older=place(shown[-1]), newer=place(shown[0]))
        after = None
    if after:
        rows = older_than(rows, after, moment)
    return cut(list(rows.order_by(f"-{moment}", "-id")[: size + 1]), size=size, after=after, place=place)


def cut(found: Sequence[Row], *, size: int, after: Cursor | None, place: Callable[[Row], Cursor]) -> Page[Row]:
    """A page of what was found, newest first, where one row more than fits tells that there are older ones."""
    shown = found[:size]
    return Page(
        shown,
        older=place(shown[-1]) if len(found) > size else None,
        newer=place(shown[0]) if after and shown else None,
    )


def newer_than(rows: Rows, cursor: Cursor, moment: str = "created_at") -> Rows:
    return rows.filter(GreaterThan(_place(F(moment), F("id")), _place(Value(cursor.at), Value(cursor.key))))


def older_than(rows: Rows, cursor: Cursor, moment: str = "created_at") -> Rows:
    return rows.filter(LessThan(_place(F(moment), F("id")), _place(Value(cursor.at), Value(cursor.key))))


def _place(moment: Any, key: Any) -> Func:
    """Both at once, so that an index finds the place also among many rows of the same moment."""
    return Func(moment, key, function="ROW", output_field=BooleanField())
