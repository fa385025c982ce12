from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from conversations.desk.preferences import chosen
from conversations.desk.saved_replies import variables
from conversations.models import DeskPreferences
from workspaces.models import Membership

register = template.Library()


@register.simple_tag
def desk_preferences(member: Membership) -> DeskPreferences:
    """How this member works; one query."""
    return chosen.of(member.user)


@register.filter
def mark_variables(text: str) -> SafeString:
    """The text of a saved reply, its variables set off."""
    pieces = [
        (format_html('<code class="variable">{}</code>' if is_one else "{}", it),)
        for it, is_one in variables.split(text)
    ]
    return format_html_join("", "{}", pieces)
