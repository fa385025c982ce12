"""What a model gets to read, and which of the articles it was given its reply cites."""

import re
from collections.abc import Sequence

from .base import ArticleHit, ReplyRequest, Source

ARTICLE_CHARACTERS = 6_000
ASK_FOR_CITATIONS = (
    "Answer from these articles where they hold the answer, and cite the ones you use by their number in square "
    "brackets, like [1]. Do not cite an article that you do not use. If they do not hold the answer, say so."
)
CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
CITATION = re.compile(r"[\[【]\s*(\d{1,3}(?:\s*,\s*\d{1,3})*)\s*[\]】]")


def system_prompt(request: ReplyRequest) -> str:
    """The team's instructions, then the matching articles, numbered from 1. Empty when there is neither."""
    parts = [request.settings.instructions.strip()]
    if request.articles:
        parts.append(ASK_FOR_CITATIONS)
        parts += [_numbered(number, article) for number, article in enumerate(request.articles, start=1)]
    return "\n\n".join(part for part in parts if part)


def cited(reply: str, articles: Sequence[ArticleHit]) -> list[Source]:
    """The articles whose numbers stand in the reply (outside of code), in the order of the numbers."""
    numbers = {int(number) for group in CITATION.findall(CODE.sub(" ", reply)) for number in group.split(",")}
    return [
        Source(id=article.id, title=article.title, url=article.url or None)
        for number, article in enumerate(articles, start=1)
        if number in numbers
    ]


def _numbered(number: int, article: ArticleHit) -> str:
    body = article.body.strip()
    if len(body) > ARTICLE_CHARACTERS:
        body = body[:ARTICLE_CHARACTERS] + " …"
    return f"[{number}] {article.title}\n{body}"
