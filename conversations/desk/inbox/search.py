"""Finds conversations by their key, and by the words of their messages. Why so: docs/decisions/0008-inbox-search.md.

Words are found in two ways, each of bounded cost. Rare ones by an index of words (``conversations/sql/words_1.sql``):
all messages that match are looked up, so there must be few. Common ones by going through the conversations, newest
first: those turn up soon, so there must be many. PostgreSQL's estimate says which way goes first, the outcome whether
the other one is needed.
"""

import re
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection

from conversations.desk.inbox.lists import PAGE
from conversations.models import Conversation
from integrations.models import IntegrationAccount
from workspaces import keyset, typed
from workspaces.keyset import Cursor, Page
from workspaces.models import Workspace

LONGEST = 200
MOST_WORDS = 8
PREFIX_FROM = 2
"""A word finds those that begin with it; a single letter finds itself only."""
SAME_KEY = 10
FEW = 4_000
"""Messages that are looked up one by one; more than that take longer than going through the conversations."""
WALKED = 500
"""Conversations that are gone through for one page."""

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Question:
    """What somebody looks for."""

    text: str
    words: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        words = list(dict.fromkeys(_WORD.findall(self.text)))
        long = [word for word in words if len(word) >= PREFIX_FROM]
        object.__setattr__(self, "words", tuple((long or words)[:MOST_WORDS]))

    @classmethod
    def of(cls, text: str) -> "Question":
        return cls(typed.clean(text)[:LONGEST])

    def __bool__(self) -> bool:
        return bool(self.text)

    def query(self, workspace: Workspace) -> str:
        """For PostgreSQL's ``to_tsquery``: all words, in this workspace."""
        terms = [f"'{word}'{':*' if len(word) >= PREFIX_FROM else ''}" for word in self.words]
        return " & ".join([f"'w{workspace.pk.hex}'", *terms])


@dataclass(frozen=True)
class Found:
    """A page of conversations, and by each the newest of its messages that match."""

    page: Page[UUID]
    bodies: dict[UUID, str]
    is_complete: bool = True
    """Whether all conversations were looked through, or only those up to where the page ends."""


def by_key(workspace: Workspace, question: Question) -> list[UUID]:
    """The conversations whose conversationId is the text, or begins with it; the one that is it comes first."""
    accounts = IntegrationAccount.objects.filter(workspace=workspace)
    here = Conversation.objects.filter(workspace=workspace, account__in=accounts).values_list("external_id", "pk")
    same = here.filter(external_id=question.text)[:SAME_KEY]
    found = same.union(here.filter(external_id__startswith=question.text)[:SAME_KEY])
    return [pk for _, pk in sorted(found)][:SAME_KEY]


def by_words(workspace: Workspace, question: Question, *, after: Cursor | None = None) -> Found:
    """The conversations with a message that holds all the words, newest first."""
    if not question.words:
        return Found(Page([]), {})
    search = _Search(workspace, question, after)
    if search.expected() <= FEW:
        return search.looked_up() or search.walked()
    walked = search.walked()
    return walked if walked.is_complete else search.looked_up() or walked


class _Search:
    def __init__(self, workspace: Workspace, question: Question, after: Cursor | None) -> None:
        self.after = after
        self.parameters: dict[str, Any] = {
            "workspace": workspace.pk,
            "query": question.query(workspace),
            "holding": [f"%{word}%" for word in question.words],
            "after_at": after.at if after else None,
            "after_id": after.key if after else None,
            "few": FEW,
            "walked": WALKED,
            "rows": PAGE + 1,
        }

    def expected(self) -> float:
        """How many messages match, as PostgreSQL's statistics have it."""
        [(plan,)] = self._ask(_EXPECTED)
        rows: float = plan[0]["Plan"]["Plan Rows"]
        return rows

    def looked_up(self) -> Found | None:
        """By the index of words; None where more than a few messages match."""
        rows = self._ask(_LOOKED_UP.format(after=_AFTER if self.after else ""))
        if rows[0][3] > FEW:
            return None
        return self._found([row for row in rows if row[0]])

    def walked(self) -> Found:
        """By going through the conversations. What was not reached is left to the next page."""
        rows = self._ask(_WALKED.format(after=_AFTER if self.after else ""))
        found = self._found(rows)
        if found.page.older:
            return found
        for key, moment in self._ask(_END.format(after=_AFTER if self.after else "")):
            page = Page(found.page.rows, older=Cursor(moment, key), newer=found.page.newer)
            return Found(page, found.bodies, is_complete=False)
        return found

    def _found(self, rows: list[tuple[Any, ...]]) -> Found:
        found = keyset.cut(rows, size=PAGE, after=self.after, place=lambda row: Cursor(row[1], row[0]))
        page = Page([row[0] for row in found.rows], found.older, found.newer)
        return Found(page, {row[0]: row[2] for row in rows})

    def _ask(self, statement: str) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(statement, self.parameters)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


_AFTER = "AND (last_message_at, id) < (%(after_at)s, %(after_id)s)"

_EXPECTED = """
EXPLAIN (FORMAT JSON)
SELECT 1 FROM conversations_message WHERE message_words_1(workspace_id, body) @@ to_tsquery('simple', %(query)s)
"""

# The plans are kept as they are meant: a materialized list is read no further than its reader wants, and OFFSET 0
# makes the conversations be looked up one by one.
_LOOKED_UP = """
WITH hit AS MATERIALIZED (
    SELECT conversation_id, sequence FROM conversations_message
    WHERE workspace_id = %(workspace)s AND message_words_1(workspace_id, body) @@ to_tsquery('simple', %(query)s)
), few AS MATERIALIZED (
    SELECT * FROM hit LIMIT %(few)s + 1
), newest AS (
    SELECT c.id, c.last_message_at, few.sequence
    FROM (SELECT conversation_id, max(sequence) AS sequence FROM few GROUP BY 1) AS few,
    LATERAL (
        SELECT id, last_message_at FROM conversations_conversation
        WHERE id = few.conversation_id AND workspace_id = %(workspace)s {after} OFFSET 0
    ) AS c
    ORDER BY 2 DESC, 1 DESC LIMIT %(rows)s
)
SELECT newest.id, newest.last_message_at, m.body, counted.hits
FROM (SELECT count(*) AS hits FROM few) AS counted
LEFT JOIN (
    newest JOIN conversations_message m ON m.conversation_id = newest.id AND m.sequence = newest.sequence
) ON true
ORDER BY 2 DESC, 1 DESC
"""

_THROUGH = """
    SELECT id, last_message_at FROM conversations_conversation
    WHERE workspace_id = %(workspace)s AND last_message_at IS NOT NULL {after}
    ORDER BY last_message_at DESC, id DESC
"""

# "IS TRUE" keeps the index of words out of it: here each message is looked at. What cannot match is dropped before
# its words are made out.
_WALKED = f"""
SELECT c.id, c.last_message_at, hit.body
FROM ({_THROUGH} LIMIT %(walked)s) AS c,
LATERAL (
    SELECT m.body FROM conversations_message m
    WHERE m.conversation_id = c.id AND m.workspace_id = %(workspace)s AND m.body ILIKE ALL (%(holding)s)
      AND (message_words_1(m.workspace_id, m.body) @@ to_tsquery('simple', %(query)s)) IS TRUE
    ORDER BY m.sequence DESC LIMIT 1
) AS hit
ORDER BY 2 DESC, 1 DESC LIMIT %(rows)s
"""

_END = f"{_THROUGH} OFFSET %(walked)s - 1 LIMIT 1"
