"""``{% load inert %}``: texts of customers, models and agents in our pages. See ``conversations/desk/inert.py``."""

from django import template

from conversations.desk import inert

register = template.Library()


@register.filter
def plain(text: str) -> str:
    """Autoescaping makes it HTML."""
    return inert.plain(text)


register.filter("formatted", inert.formatted)
register.filter("safe_link", inert.safe_link)
