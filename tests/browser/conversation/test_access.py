"""Every kind of entry at once: for everybody, in light and dark, and on a narrow phone."""

import pytest

from conversations.deciding import answers, drafts, handling
from conversations.models import Conversation, Reply
from tests.browser.pages import Page, sign_in
from tests.browser.test_accessibility import WIDE, problems
from tests.factories.drafts import reply_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]

SOURCES = [{"title": "Shipping " * 20, "url": "https://help.example/shipping"}, {"title": "Returns", "url": None}]
TABLE = "| a | b |\n|---|---|\n| " + "long" * 60 + " | `x` |"


@pytest.fixture
def eventful(world, conversation):
    draft = reply_in(conversation, "awaiting_approval", text=TABLE)
    drafts.regenerate(reply=draft, agent=world.agent, instruction="shorter" * 40)
    Reply.objects.filter(pk=draft.pk).update(status="awaiting_approval", text="Better.", data={"sources": SOURCES})
    drafts.approve_edited(reply=draft, agent=world.agent, body="Best " + "x" * 300)
    drafts.reject(reply=reply_in(conversation, "awaiting_approval"), agent=world.agent, reason="wrong price")
    handling.leave_note(conversation=conversation, agent=world.agent, body="A note " + "y" * 300)
    answers.reply_by_hand(conversation=conversation, agent=world.agent, body="By hand.\n\n    " + "code " * 60)
    reply_in(conversation, "superseded", text="late")
    handling.close(conversation=conversation, agent=world.agent)
    reply_in(conversation, "generating", text="Once upon")
    reply_in(conversation, "awaiting_approval", text="A draft")
    reply_in(conversation, "failed")
    Conversation.objects.filter(pk=conversation.pk).update(external_id="c" * 200)


def test_a_conversation_with_everything_is_accessible_and_fits_a_phone(browser, granian, world, path, eventful):
    with browser.new_context(base_url=granian, reduced_motion="reduce", viewport=WIDE) as context:
        context.set_default_timeout(15_000)
        sign_in(context, world.owner, granian)

        assert problems(context, [Page(name="conversation", path=path)]) == []
