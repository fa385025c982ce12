"""Agents at their desks: each in a browser context of their own, on the approvals page."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.utils import timezone

from conversations.models import Message, Reply
from tests.browser.pages import sign_in
from tests.factories import ConversationFactory
from tests.factories.drafts import reply_in
from workspaces.models import Workspace

PATIENCE = 15_000


@contextmanager
def desks(browser: Any, base_url: str, workspace: Workspace) -> Iterator[Callable[..., Any]]:
    """``opened(user)`` is the approvals page of somebody who is signed in; options go to the browser's context."""
    contexts = []

    def opened(user: Any, path: str = "approvals/", **options: Any) -> Any:
        context = browser.new_context(base_url=base_url, **options)
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        sign_in(context, user, base_url)
        page = context.new_page()
        page.goto(f"/w/{workspace.slug}/{path}")
        return page

    yield opened
    for context in contexts:
        context.close()


def drafts_of(account: Any, count: int) -> list[Reply]:
    """So many drafts, each of a customer of its own, oldest first: ``Draft 0 for you.`` is for ``customer-0``."""
    found = []
    for number in range(count):
        conversation = ConversationFactory(account=account, external_id=f"customer-{number}")
        reply = reply_in(conversation, "awaiting_approval", f"Draft {number} for you.")
        Reply.objects.filter(pk=reply.pk).update(created_at=timezone.now() - timedelta(minutes=count - number))
        found.append(reply)
    return found


def sent_to(external_id: str) -> list[str]:
    """What the customer can read that they did not write."""
    answers = Message.objects.filter(actor="assistant", conversation__external_id=external_id)
    return list(answers.order_by("sequence").values_list("body", flat=True))


def open_customer(page: Any, name: str) -> None:
    """Waits until the draft for this customer is the open one."""
    page.get_by_role("heading", level=2, name=name, exact=True).wait_for()
