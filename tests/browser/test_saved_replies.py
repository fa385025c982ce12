"""A "/" in a reply offers the saved replies: by keyboard alone, with a mouse, for screen readers."""

import re

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.urls import reverse

from conversations.models import Message, SavedReply
from tests.browser.pages import sign_in
from tests.browser.test_accessibility import RUN_AXE, SIDEWAYS, WCAG
from tests.factories import AccountFactory, ConversationFactory
from tests.factories.drafts import reply_in

pytestmark = pytest.mark.django_db(transaction=True)

GREETING = "Hello customer-42,\nMina of Home is here."


@pytest.fixture
def conversation(world):
    account = AccountFactory(workspace=world.workspace, response_mode="manual")
    conversation = ConversationFactory(account=account, external_id="customer-42")
    Message.objects.create(conversation=conversation, actor=Message.Actor.CUSTOMER, body="Where is my parcel?")
    return conversation


@pytest.fixture
def saved(world):
    texts = {
        "Greeting": "Hello {{ conversation_id }},\n{{ agent_name }} of {{ workspace_name }} is here.",
        "Parcel late": "It comes tomorrow.",
        "Parcel lost": "We send another one.",
    }
    for name, body in texts.items():
        SavedReply.objects.create(workspace=world.workspace, name=name, body=body)


@pytest.fixture
def context(browser, granian, world):
    """The agent's browser."""
    with browser.new_context(base_url=granian) as context:
        sign_in(context, world.agent, granian)
        context.set_default_timeout(10_000)
        yield context


@pytest.fixture
def page(context, world, conversation, saved):
    """The conversation, with the focus in the reply."""
    page = context.new_page()
    page.goto(reverse("desk:conversation", args=[world.workspace.slug, conversation.pk]))
    reply_of(page).focus()
    return page


def reply_of(page):
    return page.locator("#composer-reply")


def options(page):
    return page.get_by_role("listbox").get_by_role("option")


def names(page):
    return options(page).locator(".option-name").all_inner_texts()


def active(page):
    """What a screen reader says: the option that the textarea points at."""
    pointed = reply_of(page).get_attribute("aria-activedescendant")
    return page.locator(f"#{pointed} .option-name").inner_text() if pointed else None


def until(page, condition):
    page.wait_for_function(f"() => {condition}")


def shows(page, *wanted):
    """Waits until these are the options."""
    listed = "[...document.querySelectorAll('[role=option] .option-name')].map((one) => one.textContent)"
    page.wait_for_function(f"(wanted) => JSON.stringify({listed}) === JSON.stringify(wanted)", arg=list(wanted))


def test_a_saved_reply_is_inserted_by_keyboard_alone(page):
    page.keyboard.type("Hi. /")
    shows(page, "Greeting", "Parcel late", "Parcel lost")
    assert active(page) == "Greeting"

    page.keyboard.type("par")
    shows(page, "Parcel late", "Parcel lost")
    page.keyboard.press("ArrowDown")
    assert active(page) == "Parcel lost"
    page.keyboard.press("ArrowDown")
    assert active(page) == "Parcel late"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")

    assert reply_of(page).input_value() == "Hi. We send another one."
    shows(page)
    page.keyboard.type(" Bye")
    assert reply_of(page).input_value() == "Hi. We send another one. Bye"
    assert Message.objects.count() == 1


def test_variables_are_filled_and_the_insertion_can_be_undone(page):
    page.keyboard.type("/gree")
    shows(page, "Greeting")
    page.keyboard.press("Enter")
    assert reply_of(page).input_value() == GREETING

    page.keyboard.press("Control+z")

    assert reply_of(page).input_value() == "/gree"


def test_enter_waits_for_the_list_that_fits_what_was_typed(page, context):
    page.keyboard.type("/")
    shows(page, "Greeting", "Parcel late", "Parcel lost")
    context.route(re.compile(r"q=lost$"), lambda route: (page.wait_for_timeout(300), route.continue_()))

    page.keyboard.insert_text("lost")
    page.keyboard.press("Enter")

    until(page, "document.querySelector('#composer-reply').value === 'We send another one.'")


def test_escape_closes_the_list_until_the_next_slash(page):
    page.keyboard.type("/")
    shows(page, "Greeting", "Parcel late", "Parcel lost")

    page.keyboard.press("Escape")
    shows(page)
    page.keyboard.type("par\n/")
    shows(page, "Greeting", "Parcel late", "Parcel lost")

    assert reply_of(page).input_value() == "/par\n/"
    assert reply_of(page).evaluate("(area) => area === document.activeElement")


@pytest.mark.parametrize(
    ("typed", "asked", "at_most"),
    [
        ("and/or", 0, 0),
        ("https://shop.example/par", 0, 0),
        ("24 / 7", 1, 1),
        ("a //", 1, 1),
        ("/xyz or", 1, len("/xyz or")),  # one a key, where the answers are slower than the typing
    ],
)
def test_a_slash_that_asks_for_nothing_opens_nothing(page, typed, asked, at_most):
    asks = "!one.name.includes('/static/') && one.name.includes('/saved-replies/')"
    answered = f"performance.getEntriesByType('resource').filter((one) => {asks}).length"

    for number, character in enumerate(typed):
        page.keyboard.type(character)
        if number == typed.index("/") + 1:
            until(page, f"{answered} >= {asked}")
    page.keyboard.press("Enter")

    assert reply_of(page).input_value() == f"{typed}\n"
    shows(page)
    assert asked <= page.evaluate(answered) <= at_most


def test_leaving_the_reply_closes_the_list(page):
    page.keyboard.type("/")
    shows(page, "Greeting", "Parcel late", "Parcel lost")
    page.keyboard.press("ArrowLeft")
    shows(page)

    page.keyboard.press("End")
    page.keyboard.type("par")
    shows(page, "Parcel late", "Parcel lost")
    page.keyboard.press("Tab")

    shows(page)
    assert reply_of(page).input_value() == "/par"


def test_with_a_mouse_the_button_opens_the_list_and_a_click_inserts(page):
    page.keyboard.type("Hi.")

    page.get_by_role("link", name="Saved replies").last.click()
    shows(page, "Greeting", "Parcel late", "Parcel lost")
    options(page).filter(has_text="Parcel late").click()

    assert reply_of(page).input_value() == "Hi. It comes tomorrow."
    assert reply_of(page).evaluate("(area) => area === document.activeElement")


def test_screen_readers_are_told_what_opens(page):
    before = reply_of(page).evaluate("(area) => area.outerHTML")
    page.keyboard.type("/par")
    shows(page, "Parcel late", "Parcel lost")

    area = reply_of(page)
    assert area.get_attribute("role") == "combobox"
    assert area.get_attribute("aria-expanded") == "true"
    listbox = page.get_by_role("listbox", name="Saved replies")
    assert area.get_attribute("aria-controls") == listbox.get_attribute("id")
    assert listbox.get_by_role("option", selected=True).count() == 1
    assert page.get_by_role("status").filter(has_text="Saved replies: 2").count() == 1
    page.evaluate(AXE_SCRIPT)
    assert page.evaluate(RUN_AXE, {"type": "tag", "values": WCAG}) == []

    page.keyboard.press("Escape")
    assert reply_of(page).evaluate("(area) => area.outerHTML") == before


def test_the_list_stays_on_a_narrow_screen(page):
    page.set_viewport_size({"width": 360, "height": 640})

    page.keyboard.type("Where the line ends there is little room for lists /")
    shows(page, "Greeting", "Parcel late", "Parcel lost")

    box = page.get_by_role("listbox").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 360
    assert box["y"] >= 0 and box["y"] + box["height"] <= 640
    assert page.evaluate(SIDEWAYS) == []


def test_it_is_inserted_into_a_draft_without_deciding_on_it(page, world, conversation):
    reply = reply_in(conversation, "awaiting_approval", text="Thanks.")
    page.goto(reverse("desk:draft", args=[world.workspace.slug, reply.pk]))
    draft = page.get_by_role("textbox", name="Draft")
    draft.focus()
    page.keyboard.press("Control+End")

    page.keyboard.type(" /")
    shows(page, "Greeting", "Parcel late", "Parcel lost")
    page.keyboard.press("Escape")
    assert draft.evaluate("(area) => area === document.activeElement")
    page.keyboard.press("Backspace")
    page.keyboard.type("/late")
    shows(page, "Parcel late")
    page.keyboard.press("Enter")

    assert draft.input_value() == "Thanks. It comes tomorrow."
    page.get_by_role("button", name="Send edited to customer-42").wait_for()
    reply.refresh_from_db()
    assert reply.awaits_approval


def test_without_scripts_a_link_leads_to_texts_to_copy(browser, granian, world, conversation, saved):
    with browser.new_context(java_script_enabled=False, base_url=granian) as context:
        sign_in(context, world.agent, granian)
        page = context.new_page()
        page.goto(reverse("desk:conversation", args=[world.workspace.slug, conversation.pk]))

        page.locator("#composer").get_by_role("link", name="Saved replies").click()

        page.wait_for_load_state("load")
        assert page.get_by_role("heading", level=1).inner_text() == "Saved replies for customer-42"
        assert page.get_by_text(GREETING).is_visible()
        assert page.get_by_role("button", name="Copy").count() == 0


def test_a_workspace_without_saved_replies_says_how_to_write_one(page):
    SavedReply.objects.all().delete()

    page.keyboard.type("/")

    page.get_by_role("link", name="Write the first").wait_for()
    page.keyboard.press("Enter")
    assert reply_of(page).input_value() == "/\n"
