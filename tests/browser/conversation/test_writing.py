"""Replies and notes: nobody takes the one for the other, nothing is sent twice, and nothing that was typed is lost."""

import pytest
from playwright.sync_api import expect

from conversations.models import Message, Note
from tests.browser.conversation.parts import choose, entries, note_field, reply_field, send
from tests.factories.drafts import reply_in

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_reply_is_written_and_sent_by_keys(desk):
    reply_field(desk).fill("It comes on Monday.")
    reply_field(desk).press("Control+Enter")

    expect(entries(desk, "It comes on Monday.")).to_have_count(1)
    expect(reply_field(desk)).to_have_value("")
    expect(reply_field(desk)).to_be_focused()
    assert Message.objects.get().body == "It comes on Monday."


def test_a_note_looks_unlike_a_reply_and_is_never_sent(desk):
    send_button = desk.get_by_role("button", name="Send to customer-42")
    leave_button = desk.get_by_role("button", name="Leave internal note")
    expect(send_button).to_be_visible()
    expect(leave_button).to_be_hidden()
    as_reply = colour(desk)

    choose(desk, "Internal note")

    expect(send_button).to_be_hidden()
    expect(note_field(desk)).to_be_focused()
    assert colour(desk) != as_reply
    desk.keyboard.type("Be kind.")
    leave_button.click()
    expect(entries(desk, "Internal note, never sent")).to_contain_text("Be kind.")
    assert Note.objects.get().body == "Be kind."
    assert not Message.objects.exists()


def test_the_tabs_need_no_mouse(desk):
    reply_field(desk).focus()
    desk.keyboard.press("Shift+Tab")
    desk.keyboard.press("ArrowRight")
    desk.keyboard.press("Tab")
    expect(note_field(desk)).to_be_focused()

    desk.keyboard.type("By keys.")
    desk.keyboard.press("Control+Enter")

    expect(entries(desk, "Internal note, never sent")).to_contain_text("By keys.")


def test_half_a_note_outlives_a_reply_that_is_sent(desk):
    choose(desk, "Internal note")
    desk.keyboard.type("Half a note")
    choose(desk, "Reply")
    desk.keyboard.type("A whole reply")

    send(desk)
    expect(entries(desk, "A whole reply")).to_have_count(1)

    choose(desk, "Internal note")
    expect(note_field(desk)).to_have_value("Half a note")


def test_what_is_typed_outlives_news_and_leaving_the_page(desk, olga, world, path):
    reply_field(desk).fill("Half a reply")

    olga("note/", body="Something happened.")
    expect(entries(desk, "Something happened.")).to_have_count(1)
    expect(reply_field(desk)).to_have_value("Half a reply")
    expect(reply_field(desk)).to_be_focused()

    desk.goto(f"/w/{world.workspace.slug}/")
    desk.goto(path)
    expect(reply_field(desk)).to_have_value("Half a reply")
    send(desk)
    expect(entries(desk, "Half a reply")).to_have_count(1)
    desk.reload()
    expect(reply_field(desk)).to_have_value("")


def test_a_send_whose_answer_gets_lost_keeps_the_text_and_sends_once(desk):
    """The first try arrives; the second one, of the same form, changes nothing."""
    lost = []

    def lose(route):
        lost.append(route.fetch().status)
        route.abort()

    desk.route("**/reply/", lose, times=1)
    reply_field(desk).fill("Once only.")
    send(desk)

    expect(desk.get_by_text("it is sent only once")).to_be_visible()
    expect(reply_field(desk)).to_have_value("Once only.")
    send(desk)
    expect(reply_field(desk)).to_have_value("")
    expect(entries(desk, "Once only.")).to_have_count(1)
    assert lost == [200]
    assert Message.objects.count() == 1


def test_a_refused_send_keeps_the_text_and_says_why(desk):
    reply_field(desk).evaluate("(field) => { field.value = 'a'.repeat(20001); }")
    send(desk)

    expect(desk.locator("#composer").get_by_text("at most 20000")).to_be_visible()
    assert len(reply_field(desk).input_value()) == 20_001
    assert not Message.objects.exists()


def test_pressing_twice_sends_once(desk):
    reply_field(desk).fill("Twice?")
    desk.get_by_role("button", name="Send to").dblclick()

    expect(entries(desk, "Twice?")).to_have_count(1)
    assert Message.objects.count() == 1


def test_without_scripts_going_back_and_sending_again_sends_once(window, world, path):
    page = window(world.agent, path, java_script_enabled=False)

    reply_field(page).fill("By hand.")
    send(page)
    expect(entries(page, "By hand.")).to_have_count(1)
    page.go_back()
    reply_field(page).fill("By hand.")
    send(page)

    expect(page.get_by_text("exactly this just now")).to_be_visible()
    expect(reply_field(page)).to_have_value("By hand.")
    assert Message.objects.count() == 1


def test_without_scripts_every_verb_works(window, world, conversation, path):
    failed = reply_in(conversation, "failed")
    page = window(world.agent, path, java_script_enabled=False)

    page.get_by_role("button", name="Try again").click()
    failed.refresh_from_db()
    assert not failed.has_failed

    page.get_by_role("button", name="Assign to me").click()
    page.get_by_role("button", name="Close", exact=True).click()
    page.get_by_text("Change").click()
    page.get_by_role("button", name="Approve").click()
    conversation.refresh_from_db()
    assert (conversation.assignee, conversation.status, conversation.customer) == (world.agent, "closed", "approved")

    choose(page, "Internal note")
    note_field(page).fill("A note.")
    page.get_by_role("button", name="Leave internal note").click()
    expect(page.locator(".note")).to_contain_text("A note.")


def colour(page):
    return page.locator(".composer-form:visible").evaluate("(form) => getComputedStyle(form).backgroundColor")
