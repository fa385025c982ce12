"""Where somebody is in the inbox, as the address of the page has it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self
from urllib.parse import urlencode
from uuid import UUID

from conversations.desk import given
from conversations.desk.inbox.lists import View
from conversations.desk.inbox.search import Question
from workspaces.keyset import Cursor


@dataclass(frozen=True)
class Place:
    view: View
    question: Question
    after: Cursor | None = None
    before: Cursor | None = None
    opened: UUID | None = None
    """The conversation at the right."""

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> Self:
        """What makes no sense counts as left out."""
        view = parameters.get("view", "")
        return cls(
            view=View(view) if view in View.values else View.ALL,
            question=Question.of(parameters.get("q", "")),
            after=Cursor.parse(parameters.get("after", "")),
            before=Cursor.parse(parameters.get("before", "")),
            opened=given.uuid(parameters.get("open", "")),
        )

    @property
    def list_fields(self) -> dict[str, str]:
        """What a form has to send to come back to the list."""
        values = {"view": self.view.value, "q": self.question.text, "after": self.after, "before": self.before}
        return {name: str(value) for name, value in values.items() if value}

    @property
    def list_query(self) -> str:
        return urlencode(self.list_fields)

    @property
    def query(self) -> str:
        """The query of the address."""
        opened = {"open": str(self.opened)} if self.opened else {}
        return urlencode(self.list_fields | opened)

    @property
    def newest(self) -> str:
        """The first page."""
        return replace(self, after=None, before=None).query

    def older(self, cursor: Cursor) -> str:
        return replace(self, after=cursor, before=None).query

    def newer(self, cursor: Cursor) -> str:
        return replace(self, after=None, before=cursor).query
