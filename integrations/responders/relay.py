"""Relaying a provider's answer as a reply: asked for once, read part by part in time, whole at its end.

What is a provider's own comes in as a ``Dialect``.
"""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Any, NamedTuple

from . import circuits, thinkers
from .base import Delta, Done, ReplyRequest, Reset, ResponderBroken, ResponderError
from .deadlines import Deadlines, Watch
from .event_stream import EVENT_STREAM, RETRIES, StatusFailure, open_answer
from .failures import from_status
from .http import Post
from .prompt import cited
from .reply_text import ReplyText

Part = Any  # str: the data of an event; bytes, of a dialect that takes JSON: the whole answer


class Dialect(NamedTuple):
    ask: Callable[[ReplyRequest, str, Deadlines], Post]
    """The request for a reply. Its second argument, as of ``read`` the third, is the secret: no message repeats it."""
    read: Callable[[Part, ReplyText, str], None]
    """Adds what a part says to the reply, often nothing. Raises when the reply came to nothing."""
    kinds: tuple[str, ...] = (EVENT_STREAM,)
    from_status: StatusFailure = from_status


async def relay(request: ReplyRequest, dialect: Dialect, deadlines: Deadlines) -> AsyncGenerator[Delta | Reset | Done]:
    """Delta after delta as the provider writes them, then ``Done`` with the articles that the reply cites."""
    settings = request.settings
    key = settings.api_key.strip()
    question = dialect.ask(request, key, deadlines)
    attempt = circuits.attempt(settings)
    watch = Watch(deadlines)
    reply = ReplyText(watch, deadlines, holds_start=thinkers.begins_unmarked(settings))
    is_probe = attempt.is_probe
    try:
        async with (
            open_answer(
                question,
                key=key,
                deadlines=deadlines,
                watch=watch,
                kinds=dialect.kinds,
                from_status=dialect.from_status,
                retries=0 if is_probe else RETRIES,
            ) as answer,
            aclosing(answer.parts()) as parts,
        ):
            async for together in parts:
                failure = _read(dialect, together, reply, key)
                for news in reply.news():
                    if is_probe:
                        attempt.answered()
                    yield news
                if reply.began_unmarked:
                    thinkers.note(settings)
                if failure is not None:
                    raise failure
        attempt.answered()
    except ResponderError as error:
        if not reply.finished:
            attempt.failed(error)
            raise
    finally:
        attempt.close()
        watch.close()
    reply.end()
    if reply.began_unmarked:
        thinkers.note(settings)
    for news in reply.news():
        yield news
    yield Done(cited(reply.whole, request.articles))


def _read(dialect: Dialect, together: Sequence[Part], reply: ReplyText, key: str) -> ResponderError | None:
    """Why the reply came to nothing with one of these parts, if it did; what stood before it is news all the same.

    What nobody understands is no reason to lose a reply that its provider has called whole.
    """
    for part in together:
        if reply.closed:
            break
        try:
            dialect.read(part, reply, key)
        except ResponderError as failure:
            if not reply.finished or not isinstance(failure, ResponderBroken):
                return failure
    return None
