"""Replies from the workspace's own articles, without a model: it quotes the passage that answers, or says it cannot."""

import math
import re
from collections import Counter
from collections.abc import AsyncGenerator, Sequence

from .base import Delta, Done, ReplyRequest, Source
from .candidates import Candidate, candidates
from .text import clean
from .words import words

NOT_FOUND = "I could not find an answer to that in the knowledge base. A person from our team can help you with it."
ANSWER_CHARACTERS = 800
CODE_CHARACTERS = 4_000
IN_TITLE_ONLY = 0.6
IN_BOTH = 1.4
SECOND_BEST = 0.5
PIECE = re.compile(r".{1,40}(?:\s+|\Z)|.{1,40}", re.DOTALL)
SENTENCE_END = re.compile(r"[.!?…](?=\s)|[\u3002\uff01\uff1f]|\n")


class Knowledge:
    """The responder. It needs no key and no network, and never fails."""

    async def stream(self, request: ReplyRequest) -> AsyncGenerator[Delta | Done]:
        """The best one or two passages as they stand, in a few deltas; ``Done`` names the articles they are from.

        Another draft than an earlier one quotes other passages, if others answer the question or what is asked of it.
        """
        texts = (request.question, request.instruction)
        questions = [asked for text in texts if (asked := frozenset(words(text)))]
        asked = frozenset[str]().union(*questions)
        found = await candidates(request.articles, asked, whose=request.workspace_id) if asked else []
        others = [candidate for candidate in found if not _stands_in(request.previous_draft, candidate)]
        chosen = _choose(questions, others) or _choose(questions, found)
        answer = clean(_join([candidate.text for candidate in chosen])) or NOT_FOUND
        for piece in PIECE.findall(answer):
            yield Delta(piece)
        articles = {candidate.article.id: candidate.article for candidate in chosen}.values()
        yield Done([Source(id=article.id, title=article.title, url=article.url or None) for article in articles])


def _stands_in(draft: str, candidate: Candidate) -> bool:
    return clean(_bounded(candidate.text)) in draft


def _choose(questions: Sequence[frozenset[str]], candidates: Sequence[Candidate]) -> list[Candidate]:
    """The best passage above the floor; with it a second one that is nearly as good and adds to it."""
    known = [candidate for candidate in candidates if any(_answers(asked, candidate) for asked in questions)]
    if not known:
        return []
    asked = frozenset[str]().union(*questions)
    weights = _weights(asked, candidates)
    best_rank = max(candidate.article.score for candidate in candidates) or 1.0
    scores = {
        index: _score(asked, candidate, weights) * (0.8 + 0.2 * candidate.article.score / best_rank)
        for index, candidate in enumerate(known)
    }
    best, *others = sorted(scores, key=lambda index: -scores[index])
    chosen = [best]
    for index in others:
        short = len(known[best].text) + len(known[index].text) + 2 <= ANSWER_CHARACTERS
        if short and _goes_with(known[index], known[best], asked) and scores[index] >= SECOND_BEST * scores[best]:
            chosen.append(index)
            break
    return [known[index] for index in sorted(chosen)]


def _goes_with(other: Candidate, best: Candidate, asked: frozenset[str]) -> bool:
    """It holds a further word of the question, or stands under the same heading of the same article."""
    same_section = other.article.id == best.article.id and other.title == best.title
    return same_section or bool((other.body - best.body - best.title) & asked)


def _answers(asked: frozenset[str], candidate: Candidate) -> bool:
    """The floor: two fifths of the question's words; fewer when the title holds one too. Numbers alone say nothing."""
    matched = asked & (candidate.body | candidate.title)
    if all(word.isdecimal() for word in matched):
        return False
    share = len(matched) / len(asked)
    in_title = matched & candidate.title
    if in_title and len(matched) >= 2:
        return share >= 0.2
    return share >= (0.3 if in_title & candidate.body else 0.4)


def _weights(asked: frozenset[str], candidates: Sequence[Candidate]) -> dict[str, float]:
    """Rare words tell passages apart, words that all passages hold hardly do."""
    holding = Counter(word for candidate in candidates for word in asked & candidate.body)
    return {word: math.log(1 + len(candidates) / (0.5 + holding[word])) for word in asked}


def _score(asked: frozenset[str], candidate: Candidate, weights: dict[str, float]) -> float:
    score = sum(weights[word] * (IN_BOTH if word in candidate.title else 1.0) for word in asked & candidate.body)
    score += sum(weights[word] * IN_TITLE_ONLY for word in (asked & candidate.title) - candidate.body)
    return score / (1 + max(0, len(candidate.body) - 60) / 200)


def _join(texts: Sequence[str]) -> str:
    return "\n\n".join(_bounded(text) for text in texts)


def _bounded(text: str) -> str:
    """The passage, cut after a sentence when it is too long; code is left whole or left out."""
    fence = re.search(r"^\s*(?:```|~~~)", text, re.MULTILINE)
    if len(text) <= ANSWER_CHARACTERS or (fence and len(text) <= CODE_CHARACTERS):
        return text
    prose = text[: fence.start()] if fence and fence.start() else text
    ends = [match.end() for match in SENTENCE_END.finditer(prose, 0, ANSWER_CHARACTERS)]
    return prose[: ends[-1] if ends else ANSWER_CHARACTERS].rstrip() + " …"
