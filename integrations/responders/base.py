"""What every responder promises, and the one family of errors it may raise.

A responder turns a conversation into a reply: ``stream`` yields ``Delta`` after ``Delta`` and ends with exactly one
``Done``; a ``Reset`` takes back what it yielded before. It never retries after its first delta, keeps its own
deadlines, and translates whatever its provider throws into ``ResponderError``.
"""

import itertools
from collections.abc import AsyncIterator
from typing import Literal, Protocol

import msgspec

from integrations.comments import OPENING, without_comments

ARTICLES_FOR_A_REPLY = 5
UNTITLED = "Untitled"


class Turn(msgspec.Struct, frozen=True):
    """One published message of the conversation, oldest first in ``ReplyRequest.turns``."""

    role: Literal["customer", "assistant"]
    text: str


def unanswered(turns: list[Turn]) -> str:
    """All that the customer wrote since the last answer."""
    newest = itertools.takewhile(lambda turn: turn.role == "customer", reversed(turns))
    return "\n".join(reversed([turn.text for turn in newest]))


class ArticleHit(msgspec.Struct, frozen=True):
    """An article that matches the question; ``score`` is ``ts_rank(…, 1)``, higher is better.

    Whatever it is made from, it holds no comments: responders, their providers and customers get it as readers see it.
    """

    id: str
    title: str
    body: str
    url: str
    score: float
    is_shown: bool = False
    """The body has no comments any more, so that nobody looks for them again."""

    def __post_init__(self) -> None:
        if not self.is_shown:
            msgspec.structs.force_setattr(self, "body", without_comments(self.body))
        if OPENING in self.title:
            msgspec.structs.force_setattr(self, "title", without_comments(self.title).strip() or UNTITLED)


class ResponderSettings(msgspec.Struct, frozen=True):
    """The stored settings of a responder, its secret decrypted."""

    kind: str
    instructions: str = ""
    base_url: str = ""
    model: str = ""
    api_key: str = ""
    temperature: float | None = None
    max_tokens: int | None = None

    def __repr__(self) -> str:
        return f"ResponderSettings(kind={self.kind!r}, base_url={self.base_url!r}, model={self.model!r})"


class ReplyRequest(msgspec.Struct, frozen=True):
    """Everything a responder may know. ``turns`` ends with the customer's message to be answered."""

    settings: ResponderSettings
    turns: list[Turn]
    articles: list[ArticleHit] = []
    conversation_id: str = ""
    """The public ``conversationId``; empty when there is no conversation, as in a test from the dashboard."""

    instruction: str = ""
    """What an agent asked for when they wanted another draft than ``previous_draft``."""

    previous_draft: str = ""

    workspace_id: str = ""
    """Whose turn it is where replies wait for one another; empty in a test from the dashboard."""

    @property
    def question(self) -> str:
        """What is to be answered, by one reply together."""
        return unanswered(self.turns)


class Source(msgspec.Struct, frozen=True):
    """An article that a reply used, as it stands in ``data.sources`` of a message."""

    id: str
    title: str
    url: str | None = None


class Delta(msgspec.Struct, frozen=True):
    """The next piece of the reply's text, never empty."""

    text: str


class Reset(msgspec.Struct, frozen=True):
    """The text so far is no part of the reply: a model's thinking, as its end has shown. The reply starts over."""


class Done(msgspec.Struct, frozen=True):
    """The reply is whole."""

    sources: list[Source] = []


class Responder(Protocol):
    def stream(self, request: ReplyRequest) -> AsyncIterator[Delta | Reset | Done]: ...


class ResponderError(Exception):
    """The reply failed. ``message`` is for people and never holds a secret; ``code`` is stable."""

    code = "responder_failed"
    retryable = False
    retry_after: float | None = None
    """The seconds that the provider asks to be left alone for, if it does."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class ResponderUnavailable(ResponderError):
    """The provider cannot be reached, is overloaded or broken (5xx), broke off, or failed so often that it rests."""

    code = "responder_unavailable"
    retryable = True


class ResponderTimeout(ResponderError):
    """A deadline passed: connect 5 s, first token 30 s, between tokens 20 s, whole reply 120 s."""

    code = "responder_timeout"
    retryable = True


class ResponderRateLimited(ResponderError):
    """The provider answered 429, also after the retries."""

    code = "responder_rate_limited"
    retryable = True


class ResponderRefused(ResponderError):
    """The provider refuses the settings (wrong key, unknown model, wrong address; other 4xx), or to write the reply."""

    code = "responder_refused"


class ResponderBroken(ResponderError):
    """The provider's answer cannot be understood, or ended before it was whole."""

    code = "responder_broken"
    retryable = True
