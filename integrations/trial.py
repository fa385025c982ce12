"""Asking a responder a question through its saved settings, to see whether and how it answers."""

import asyncio
import time
from contextlib import aclosing

import msgspec
from asgiref.sync import sync_to_async

from integrations.apart import apart
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
from workspaces import door
from workspaces.secrets import SecretUnreadable
from workspaces.verbs import Actor, record, verb

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


async def ask(responder: Responder, question: str, *, by: Actor) -> Trial:
    """Waits until the reply is whole, or has failed, or 60 s have passed. The responder notes how it went.

    It holds no database connection meanwhile. A caller that is cancelled ends it, and then nothing is noted.
    """
    trial = Trial(question, articles=await sync_to_async(Article.objects.find)(responder.workspace, question))
    async with door.outside():
        await _try(responder, trial)
    await sync_to_async(note)(responder=responder, error=trial.error, by=by)
    return trial


async def _try(responder: Responder, trial: Trial) -> None:
    begun = time.perf_counter()
    try:
        request = ReplyRequest(responder.settings, [Turn("customer", trial.question)], trial.articles)
        await apart(_write(request, trial, begun))
    except SecretUnreadable as error:
        trial.error = ResponderRefused(str(error))
    except ResponderError as error:
        trial.error = error
    trial.whole_ms = _milliseconds_since(begun)


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


@verb
def note(*, responder: Responder, error: ResponderError | None, by: Actor) -> None:
    """That somebody tested it, and how it went."""
    if error is not None:
        responder.note_failure(error)
    else:
        responder.note_success()
    record("responder.test", responder, by=by, outcome=error.code if error else "answered")


def _milliseconds_since(begun: float) -> int:
    return round((time.perf_counter() - begun) * 1000)
