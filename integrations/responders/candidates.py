"""The passages of articles that an answer may come from, found without holding up anybody else.

Articles may be large, and all replies of a process share one thread: the work goes on for some milliseconds at a time,
for one reply at a time, by turns of the workspaces, and only with so much text as one reply is worth.
"""

import asyncio
import unicodedata
from collections.abc import Sequence
from time import perf_counter
from weakref import WeakKeyDictionary

import msgspec

from integrations.fair_places import FairPlaces

from .base import ArticleHit
from .passages import Passage, passages
from .words import words

RANKED_CHARACTERS = 100_000
"""Of all passages together that are read word by word: those that hold the most words of the question come first."""
LONGEST_PASSAGE = 10_000
MOST_PROBES = 64
SLICE_SECONDS = 0.002

_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, FairPlaces] = WeakKeyDictionary()


class Candidate(msgspec.Struct, frozen=True):
    """A passage, its own words and those above it. One that cannot answer has no words."""

    article: ArticleHit
    text: str
    body: frozenset[str]
    title: frozenset[str]


class _Promising(msgspec.Struct):
    article: ArticleHit
    passage: Passage
    title: frozenset[str]
    probes: int


async def candidates(articles: Sequence[ArticleHit], asked: frozenset[str], *, whose: str) -> list[Candidate]:
    turns = _turns.setdefault(asyncio.get_running_loop(), FairPlaces(places=1, of_one=1))
    async with turns.place(whose, seconds=None):
        found = await _promising(articles, asked)
        read = _worth_reading(found, asked)
        ranked: list[Candidate] = []
        breath = _Breath()
        for number, one in enumerate(found):
            text = one.passage.text
            body = frozenset(words(text[:LONGEST_PASSAGE])) if number in read else frozenset[str]()
            ranked.append(Candidate(one.article, text, body, one.title))
            await breath.take()
        return ranked


async def _promising(articles: Sequence[ArticleHit], asked: frozenset[str]) -> list[_Promising]:
    """All passages, and how many words of the question they seem to hold: a stem is a part of its word."""
    probes = sorted(asked, key=len, reverse=True)[:MOST_PROBES]
    found: list[_Promising] = []
    breath = _Breath()
    for article in articles:
        title = words(article.title)
        for passage in passages(article.body):
            above = frozenset([*title, *words(passage.heading)])
            text = unicodedata.normalize("NFKC", passage.text[:LONGEST_PASSAGE]).casefold()
            found.append(_Promising(article, passage, above, sum(probe in text for probe in probes)))
            await breath.take()
    return found


def _worth_reading(found: Sequence[_Promising], asked: frozenset[str]) -> set[int]:
    read: set[int] = set()
    left = RANKED_CHARACTERS
    for number in sorted(range(len(found)), key=lambda number: -found[number].probes):
        if found[number].probes or found[number].title & asked:
            left -= min(len(found[number].passage.text), LONGEST_PASSAGE)
            if left < 0:
                break
            read.add(number)
    return read


class _Breath:
    """Lets others go on, once some milliseconds have been used."""

    def __init__(self) -> None:
        self._since = perf_counter()

    async def take(self) -> None:
        if perf_counter() - self._since >= SLICE_SECONDS:
            await asyncio.sleep(0)
            self._since = perf_counter()
