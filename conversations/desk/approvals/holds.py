"""Decisions in the seconds in which they can be undone, and what became of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import F, Q
from django.db.models.functions import Now

from conversations.models import Reply
from conversations.models.reply import Decision
from conversations.models.reply_status import ReplyStatus
from workspaces.models import User, Workspace

MOST_SHOWN = 30


@dataclass(frozen=True)
class Hold:
    """A decision as the agent who made it watches it."""

    reply: Reply
    time_left: timedelta

    @property
    def can_be_undone(self) -> bool:
        return self.reply.is_in_hold

    @property
    def seconds_left(self) -> float:
        """By the database's clock, never below 0."""
        return round(max(0.0, self.time_left.total_seconds()), 1)

    @property
    def is_rejection(self) -> bool:
        return self.reply.decision == Decision.REJECT

    @property
    def was_carried_out(self) -> bool:
        return self.reply.status in (ReplyStatus.SENT, ReplyStatus.REJECTED)

    @property
    def was_overtaken(self) -> bool:
        """The customer, or another agent, wrote something meanwhile: this was not sent."""
        return self.reply.status == ReplyStatus.SUPERSEDED


def watched(workspace: Workspace, agent: User, seen: Iterable[UUID] = ()) -> list[Hold]:
    """What this agent decided and can still undo, newest first; and what became of those ``seen`` a moment ago."""
    decided = Reply.objects.filter(workspace=workspace, decided_by=agent).exclude(decision="")
    in_hold = Q(status=ReplyStatus.AWAITING_APPROVAL)
    found = decided.filter(in_hold | Q(pk__in=list(seen))).annotate(time_left=F("release_at") - Now())
    newest = found.select_related("conversation").order_by("-decided_at", "-id")
    return [Hold(reply, reply.time_left) for reply in newest[:MOST_SHOWN]]
