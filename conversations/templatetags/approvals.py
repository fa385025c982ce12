"""``{% load approvals %}``: waiting times in few letters, and what an agent changed in a draft."""

from datetime import datetime

from django import template
from django.utils import timezone

from conversations.desk.conversation.word_diff import Piece, word_diff

register = template.Library()

MINUTE, HOUR, DAY = 60, 3_600, 86_400


@register.filter
def waited(since: datetime) -> str:
    """How long ago that was: ``4 min``, ``3 h``, ``2 d``; js/desk/approvals/waiting-time.js goes on counting."""
    seconds = int((timezone.now() - since).total_seconds())
    if seconds < MINUTE:
        return "just now"
    if seconds < HOUR:
        return f"{seconds // MINUTE} min"
    return f"{seconds // HOUR} h" if seconds < DAY else f"{seconds // DAY} d"


@register.filter
def changed_to(before: str, after: str) -> tuple[Piece, ...]:
    """The pieces of both texts, in reading order."""
    return word_diff(before, after)
