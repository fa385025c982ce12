from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from heroicons.templatetags.heroicons import heroicon_outline

ATTRIBUTES: dict[str, Any] = {"class": "icon", "aria-hidden": "true"}

register = template.Library()


@register.simple_tag(takes_context=True)
def nav_item(context: dict[str, Any], url_name: str, label: str, icon: str, count: SafeString | str = "") -> SafeString:
    """A link of the workspace's navigation, marked as current on its own page and the pages below it."""
    request = context["request"]
    home = reverse("home", args=[request.member.workspace.slug])
    url = reverse(url_name, args=[request.member.workspace.slug])
    is_current = request.path == url or (url != home and request.path.startswith(url))
    svg = heroicon_outline(icon, size=20, **ATTRIBUTES)
    current = mark_safe(' aria-current="page"') if is_current else ""
    return format_html('<li><a href="{}"{}>{}{}{}</a></li>', url, current, svg, label, count)


@register.simple_tag
def nav_count(name: str, count: object, meaning: str, *, swap: bool = False) -> SafeString:
    """How much waits behind a link; nothing is shown of nothing. With ``swap`` it replaces the one that is there."""
    attributes = mark_safe(' hx-swap-oob="true"') if swap else ""
    said = format_html('{}<span class="visually-hidden"> {}</span>', count, meaning) if count else ""
    return format_html('<span class="count" id="count-{}"{}>{}</span>', name, attributes, said)
