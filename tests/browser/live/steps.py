"""What happens to open pages, and what they show of it."""

import httpx2
from django.urls import reverse

from conversations.models import Reply
from tests.factories import AccountFactory, ConversationFactory
from tests.factories.drafts import reply_in

LOST, OVER = "#live-lost", "#live-over"


def open_home(page, world):
    """Waits for the catch-up that every new socket brings."""
    with page.expect_response(lambda response: response.url.endswith("/counts/")):
        page.goto(f"/w/{world.workspace.slug}/")


def draft_appears(world):
    """A draft that no event tells of: only a page that asks learns of it."""
    conversation = ConversationFactory(account=AccountFactory(workspace=world.workspace))
    return reply_in(conversation, Reply.Status.AWAITING_APPROVAL)


def shows_waiting(page, count, *, seconds=15):
    page.locator("#count-waiting", has_text=f"{count} waiting").wait_for(timeout=seconds * 1000)
    assert page.locator("#desk-counts").get_attribute("data-waiting") == str(count)


def identity(page):
    """Another one once the page was loaded anew."""
    return page.evaluate("window.opened")


def bars(page):
    """The bars that were shown since the page was loaded."""
    return page.evaluate("window.bars")


def send(url, account, **query):
    parameters = {"integrationToken": account.token, "conversationId": "customer-42", "textContent": "Hello?", **query}
    with httpx2.stream("GET", f"{url}/conversation/sse", params=parameters, timeout=10) as stream:
        for line in stream.iter_lines():
            if "pending" in line:
                return


def post(page, name, *arguments):
    """Presses a button of another page of the same person."""
    token = page.evaluate("JSON.parse(document.body.getAttribute('hx-headers'))['X-CSRFToken']")
    return page.request.post(reverse(name, args=arguments), headers={"X-CSRFToken": token}, max_redirects=0)
