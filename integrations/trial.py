"""Asking a responder a question through its saved settings, to see whether and how it answers."""

import asyncio
import time
from contextlib import aclosing

import msgspec

from integrations.models import Article, Responder
from integrations.responders import http, responder_for
from integrations.responders.base import (
    ArticleHit,
    Delta,
    Done,
    ReplyRequest,
    Reset,
    ResponderError,
    ResponderRefused,
    ResponderTimeout,
    Source,
    Turn,
)
from integrations.secrets import SecretUnreadable

LONGEST_SECONDS = 60.0


class Trial(msgspec.Struct):
    """What came of it. With an ``error``, ``text`` is what was written before."""

    question: str
    articles: list[ArticleHit] = []
    text: str = ""
    sources: list[Source] = []
    first_word_ms: int | None = None
    whole_ms: int = 0
    error: ResponderError | None = None


def ask(responder: Responder, question: str) -> Trial:
    """Blocks until the reply is whole, or has failed, or 60 s have passed. The responder notes how it went."""
    trial = Trial(question, articles=Article.objects.find(responder.workspace, question))
    begun = time.perf_counter()
    try:
        request = ReplyRequest(responder.settings, [Turn("customer", question)], trial.articles)
        asyncio.run(_write(request, trial, begun))
    except SecretUnreadable as error:
        trial.error = ResponderRefused(str(error))
    except ResponderError as error:
        trial.error = error
    trial.whole_ms = _milliseconds_since(begun)
    if trial.error is not None:
        responder.note_failure(trial.error)
    else:
        responder.note_success()
    return trial


async def _write(request: ReplyRequest, trial: Trial, begun: float) -> None:
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            await _read(request, trial, begun)
    except TimeoutError:
        raise ResponderTimeout(f"The reply was not finished after {LONGEST_SECONDS:g} seconds.") from None
    finally:
        await http.close()


async def _read(request: ReplyRequest, trial: Trial, begun: float) -> None:
    async with aclosing(responder_for(request.settings.kind).stream(request)) as parts:  # type: ignore[type-var]
        async for part in parts:
            if isinstance(part, Delta):
                if trial.first_word_ms is None:
                    trial.first_word_ms = _milliseconds_since(begun)
                trial.text += part.text
            elif isinstance(part, Reset):
                trial.text, trial.first_word_ms = "", None
            elif isinstance(part, Done):
                trial.sources = part.sources


def _milliseconds_since(begun: float) -> int:
    return round((time.perf_counter() - begun) * 1000)
