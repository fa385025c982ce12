from django import template

from conversations.desk.counts import waiting
from conversations.desk.counts.waiting import Counts
from workspaces.models import Membership

register = template.Library()


@register.simple_tag
def desk_counts(member: Membership) -> Counts:
    """How much work waits in the member's workspace; one query for a page, however often it asks."""
    if not hasattr(member, "desk_counts"):
        member.desk_counts = waiting.of(member.workspace)  # type: ignore[attr-defined]
    return member.desk_counts  # type: ignore[attr-defined, no-any-return]
