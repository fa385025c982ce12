"""``{% load inert %}``: texts of customers, models and agents in our pages. See ``conversations/desk/inert.py``."""

from collections.abc import Iterable

from django import template
from django.utils.html import format_html, format_html_join

from conversations.desk import inert
from conversations.desk.inbox.excerpts import Piece

register = template.Library()


@register.filter
def plain(text: str) -> str:
    """Autoescaping makes it HTML."""
    return inert.plain(text)


@register.filter
def marked(pieces: Iterable[Piece]) -> str:
    """An excerpt, with what was found marked."""
    forms = ((("<mark>{}</mark>" if piece.is_match else "{}"), inert.plain(piece.text)) for piece in pieces)
    return format_html_join("", "{}", ((format_html(form, text),) for form, text in forms))


register.filter("formatted", inert.formatted)
register.filter("safe_link", inert.safe_link)
