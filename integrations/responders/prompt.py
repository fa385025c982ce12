"""What a model gets to read, and which of the articles it was given its reply cites."""

import re
from collections.abc import Sequence

from .base import ArticleHit, ReplyRequest, Source

ARTICLE_CHARACTERS = 6_000
DRAFT_CHARACTERS = 6_000
ASK_FOR_CITATIONS = (
    "Answer from these articles where they hold the answer, and cite the ones you use by their number in square "
    "brackets, like [1]. Do not cite an article that you do not use. If they do not hold the answer, say so."
)
ASK_FOR_ANOTHER_DRAFT = (
    "You drafted a reply to the customer's last message. A colleague on your team has read it and asks you for another "
    "one. The customer has seen neither the draft nor what your colleague asks: write a whole new reply to the "
    "customer, and mention neither in it."
)
ASKED_WITHOUT_WORDS = "Your colleague did not say what to change: answer in another way."
NUMBERS_HAVE_CHANGED = "The numbers in square brackets in it may stand for other articles now."
CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
CITATION = re.compile(r"[\[【]\s*(\d{1,3}(?:\s*,\s*\d{1,3})*)\s*[\]】]")


def system_prompt(request: ReplyRequest) -> str:
    """The team's instructions, the matching articles, numbered from 1, and what is asked of another draft.

    Empty when there is none of it.
    """
    parts = [request.settings.instructions.strip()]
    if request.articles:
        parts.append(ASK_FOR_CITATIONS)
        parts += [_numbered(number, article) for number, article in enumerate(request.articles, start=1)]
    if request.instruction or request.previous_draft:
        parts += _another_draft(request)
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
    return f"[{number}] {article.title}\n{_cut(article.body, ARTICLE_CHARACTERS)}"


def _another_draft(request: ReplyRequest) -> list[str]:
    draft = _cut(request.previous_draft, DRAFT_CHARACTERS)
    return [
        ASK_FOR_ANOTHER_DRAFT,
        f"What your colleague asks for:\n{request.instruction}" if request.instruction else ASKED_WITHOUT_WORDS,
        f"Your earlier draft:\n<draft>\n{draft}\n</draft>" if draft else "",
        NUMBERS_HAVE_CHANGED if draft and request.articles else "",
    ]


def _cut(text: str, most: int) -> str:
    text = text.strip()
    return text if len(text) <= most else text[:most] + " …"
