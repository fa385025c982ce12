"""The thread goes on while somebody reads it: it follows at its end, and moves nothing further up."""

import re

import pytest
from playwright.sync_api import expect

from conversations.deciding import drafts
from conversations.models import Conversation
from tests.browser.conversation.conftest import CUSTOMER
from tests.browser.conversation.parts import entries, reply_field
from tests.factories.drafts import reply_in
from tests.ground import streams
from tests.ground.provider import Answer

pytestmark = pytest.mark.django_db(transaction=True)

TOP_OF_FIRST_SEEN = """() => {
  const top = Math.max(0, document.querySelector('[data-follow]').getBoundingClientRect().top);
  const seen = [...document.querySelectorAll('.message')].find((one) => one.getBoundingClientRect().top > top);
  return [seen.id, Math.round(seen.getBoundingClientRect().top)];
}"""
SCROLL = """(to) => {
  const box = document.querySelector('[data-follow]');
  const scroller = getComputedStyle(box).overflowY === 'visible' ? document.scrollingElement : box;
  scroller.scrollTop = to < 0 ? scroller.scrollHeight : to;
}"""
END = -1


@pytest.mark.parametrize("width", [1280, 390], ids=["desk", "phone"])
def test_who_reads_at_the_end_follows_and_who_reads_further_up_is_not_moved(window, world, path, ask, olga, width):
    for number in range(30):
        ask(f"Message {number}\n" * 3)
    page = window(world.agent, path, viewport={"width": width, "height": 800})
    expect(page.get_by_text("Message 29").last).to_be_in_viewport()

    olga("note/", body="The first note.")
    expect(page.get_by_text("The first note.")).to_be_in_viewport()

    page.evaluate(SCROLL, 900)
    top = page.evaluate(TOP_OF_FIRST_SEEN)
    olga("note/", body="The second note.")
    expect(page.get_by_text("The second note.")).to_have_count(1)
    expect(page.get_by_text("The second note.")).not_to_be_in_viewport()
    assert page.evaluate(TOP_OF_FIRST_SEEN) == top

    page.evaluate(SCROLL, END)
    olga("note/", body="The third note.")
    expect(page.get_by_text("The third note.")).to_be_in_viewport()


def test_earlier_messages_come_above_and_move_nothing(desk, olga, ask):
    for number in range(120):
        ask(f"[{number}]")
    desk.reload()
    expect(desk.get_by_text("[119]", exact=True)).to_be_in_viewport()
    expect(desk.get_by_text("[69]", exact=True)).to_have_count(0)
    desk.evaluate(SCROLL, 0)
    before = desk.get_by_text("[70]", exact=True).bounding_box()

    desk.get_by_role("link", name="Earlier messages").click()

    expect(desk.get_by_text("[20]", exact=True)).to_have_count(1)
    after = desk.get_by_text("[70]", exact=True).bounding_box()
    assert abs(after["y"] - before["y"]) < 60
    desk.get_by_role("link", name="Earlier messages").click()
    expect(desk.get_by_text("[0]", exact=True)).to_have_count(1)
    expect(desk.get_by_role("link", name="Earlier messages")).to_have_count(0)

    olga("note/", body="After all that.")
    expect(desk.get_by_text("After all that.")).to_have_count(1)
    assert desk.locator(".message .said").all_inner_texts() == [f"[{number}]" for number in range(120)]


def test_an_open_fold_stays_open_when_something_happens(desk, olga, world, conversation):
    reply = reply_in(conversation, "awaiting_approval")
    drafts.approve_edited(reply=reply, agent=world.agent, body="a sent text")
    desk.reload()
    desk.get_by_text("What was changed").click()
    expect(desk.locator(".diff ins")).to_be_visible()

    olga("note/", body="Something happened.")

    expect(entries(desk, "Something happened.")).to_have_count(1)
    expect(desk.locator(".diff ins")).to_be_visible()


def test_buttons_do_not_change_under_somebodys_hands(desk, olga):
    desk.get_by_text("Change").click()
    olga("close/")
    expect(entries(desk, "closed the conversation")).to_have_count(1)
    expect(desk.get_by_role("button", name="Close", exact=True)).to_be_visible()

    desk.get_by_text("Change").click()
    reply_field(desk).focus()
    olga("note/", body="Something happened.")

    expect(desk.get_by_role("button", name="Reopen")).to_be_visible()


def test_verbs_by_keyboard_leave_the_focus_where_it_was(desk):
    for button, followed_by in (("Close", "Reopen"), ("Reopen", "Close"), ("Assign to me", None)):
        desk.get_by_role("button", name=button, exact=True).focus()
        desk.keyboard.press("Enter")
        if followed_by:
            expect(desk.get_by_role("button", name=followed_by, exact=True)).to_be_focused()

    expect(desk.get_by_label("Assigned to")).to_have_value(re.compile(".+"))
    expect(desk.locator("#conversation-state")).to_be_focused()


def test_who_else_looks_is_said_and_taken_back(desk, window, world, path):
    olgas = window(world.owner, path)

    expect(desk.get_by_text("Olga is looking at this")).to_be_visible()
    expect(olgas.get_by_text("Mina is looking at this")).to_be_visible()

    olgas.context.close()
    expect(desk.get_by_text("Olga is looking at this")).to_have_count(0)


def test_a_reply_grows_while_it_is_written_and_can_be_stopped(window, world, account, provider, granian):
    provider.script(Answer(deltas=[f"word{number} " for number in range(40)], delay=0.05, hang_after=40))
    with streams.opened(granian, account.token, textContent="Tell me a story", conversationId=CUSTOMER) as stream:
        reply_id = stream.until("accepted").data["replyId"]
        conversation = Conversation.objects.get()
        page = window(world.agent, f"/w/{world.workspace.slug}/conversations/{conversation.pk}/")
        growing = page.locator(f"#growing-{reply_id}")
        expect(page.get_by_text("writing…")).to_be_visible()
        expect(growing).to_contain_text("word39")

        page.get_by_role("button", name="Stop").click()

        final = stream.until("final")
    assert "word39" in final.data["message"]["body"]
    expect(growing).to_have_count(0)
    expect(page.locator(".message.is-assistant")).to_contain_text("stopped before its end")
    expect(page.locator(".message.is-assistant")).to_contain_text("word39")


def test_a_new_message_of_the_customer_appears_by_itself(window, world, account, provider, granian):
    provider.script(Answer(deltas=["It comes ", "on *Monday*."]))
    streams.whole(granian, account.token, textContent="Where is it?", conversationId=CUSTOMER)
    conversation = Conversation.objects.get()
    page = window(world.agent, f"/w/{world.workspace.slug}/conversations/{conversation.pk}/")

    streams.whole(granian, account.token, textContent="Are you sure?", conversationId=CUSTOMER)

    expect(page.get_by_text("Are you sure?")).to_be_visible()
    expect(page.locator(".message.is-assistant em")).to_have_count(2)
