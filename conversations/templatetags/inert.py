"""``{% load inert %}``: texts of customers, models and agents in our pages. See ``conversations/inert.py``."""

from django import template

from conversations import inert

register = template.Library()


@register.filter
def plain(text: str) -> str:
    """Autoescaping makes it HTML."""
    return inert.plain(text)


register.filter("formatted", inert.formatted)
register.filter("safe_link", inert.safe_link)
