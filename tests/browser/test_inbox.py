"""The inbox in a browser: reading, choosing and closing, while customers go on writing."""

import pytest
from playwright.sync_api import expect

from conversations.models import Conversation, Reading
from tests.browser.agents import desks
from tests.browser.keyboard import tab_to
from tests.browser.pages import Page, sign_in
from tests.browser.test_accessibility import problems
from tests.factories import AccountFactory, ConversationFactory
from tests.factories import desk_states as states
from tests.ground import streams

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(180)]

WIDE, NARROW = {"width": 1280, "height": 720}, {"width": 390, "height": 740}


@pytest.fixture
def account(world):
    """Nobody replies by machine, so that the lists stand still between messages."""
    return AccountFactory(workspace=world.workspace, name="Shop")


@pytest.fixture
def desk(browser, granian, world):
    """``desk(query, …)``: the agent's inbox."""
    with desks(browser, granian, world.workspace) as opened:

        def inbox(query="", *, user=None, **options):
            options = {"viewport": WIDE, "reduced_motion": "reduce"} | options
            page = opened(user or world.agent, f"inbox/{query}", **options)
            page.get_by_role("heading", level=1, name="Inbox").wait_for()
            page.wait_for_load_state()
            return page

        yield inbox


def customers(account, *names):
    """Conversations with one message each; the last one is the newest."""
    return [say(ConversationFactory(account=account, external_id=name), f"This is {name}.") for name in names]


def say(conversation, body):
    states.say(conversation, body)
    return conversation


def names(page):
    return page.locator(".row-who").all_inner_texts()


def write(granian, account, name, text):
    """As the customer's browser does."""
    with streams.opened(granian, account.token, conversationId=name, textContent=text) as stream:
        stream.until("pending")


def box(page, name):
    return page.get_by_role("checkbox", name=f"Select {name}", exact=True)


def height_of(page, name):
    """Where the row stands on the screen. Asked in one go: rows are replaced all the time."""
    return page.evaluate(
        "(name) => [...document.querySelectorAll('.row-who')].find((row) => row.innerText.trim() === name)"
        ".getBoundingClientRect().y",
        name,
    )


def open_row(page, name):
    page.get_by_role("link", name=name, exact=True).first.click()
    page.get_by_role("heading", level=2, name=name, exact=True).wait_for()


def test_a_conversation_opens_beside_the_list_and_is_read_then(account, desk, world):
    customers(account, "customer-1", "customer-2")
    page = desk()
    expect(page.locator(".inbox-row.is-unread")).to_have_count(2)

    open_row(page, "customer-1")

    page.get_by_role("region", name="Messages").get_by_text("This is customer-1.").wait_for()
    expect(page.locator(".inbox-row.is-unread")).to_have_count(1)
    expect(page.locator(".row-who[aria-current]")).to_have_text("customer-1")
    assert Reading.objects.get().conversation.external_id == "customer-1"
    page.reload()
    page.get_by_role("heading", level=2, name="customer-1", exact=True).wait_for()
    open_row(page, "customer-2")
    page.go_back()
    page.get_by_role("heading", level=2, name="customer-1", exact=True).wait_for()
    expect(page.locator(".row-who[aria-current]")).to_have_text("customer-1")


def test_a_new_message_moves_its_conversation_up_and_leaves_boxes_focus_and_scroll(account, desk, granian):
    customers(account, *(f"customer-{number}" for number in range(30)))
    page = desk()
    box(page, "customer-20").check()
    chosen = box(page, "customer-12")
    chosen.check()
    chosen.focus()
    page.locator("#inbox-rows").evaluate("element => { element.scrollTop = 700; }")
    stood = height_of(page, "customer-17")
    assert 0 < stood < WIDE["height"]

    write(granian, account, "customer-3", "Is anybody there?")

    expect(page.locator(".row-who").first).to_have_text("customer-3")
    expect(page.locator(".inbox-row").first).to_contain_text("Is anybody there?")
    expect(chosen).to_be_checked()
    expect(chosen).to_be_focused()
    expect(box(page, "customer-20")).to_be_checked()
    expect(page.locator(".inbox-row :checked")).to_have_count(2)
    assert height_of(page, "customer-17") == pytest.approx(stood, abs=1)


def test_the_open_conversation_and_the_counts_follow_what_happens(account, desk, granian):
    customers(account, "customer-1")
    page = desk("?view=unanswered")
    open_row(page, "customer-1")

    write(granian, account, "customer-1", "And another thing.")
    write(granian, account, "customer-2", "Hello?")

    page.get_by_role("region", name="Messages").get_by_text("And another thing.").wait_for()
    expect(page.locator("#view-unanswered .count")).to_have_text("2")
    expect(page.locator(".inbox-row.is-unread .row-who")).to_have_text(["customer-2"])


def test_chosen_conversations_are_closed_at_once(account, desk):
    customers(account, "customer-1", "customer-2", "customer-3")
    page = desk("?view=unanswered")
    expect(page.get_by_role("button", name="Close selected")).to_be_hidden()

    page.get_by_label("Select all").check()
    box(page, "customer-2").uncheck()
    expect(page.locator("#inbox-chosen")).to_have_text("2 selected")
    page.get_by_role("button", name="Close selected").click()

    page.get_by_text("Closed 2 conversations.").wait_for()
    expect(page.locator(".row-who")).to_have_text(["customer-2"])
    expect(page.locator("#view-closed .count")).to_have_text("2")
    expect(page.locator("#inbox-chosen")).to_be_empty()
    assert Conversation.objects.filter(status="closed").count() == 2


def test_what_was_closed_stays_unchosen_where_it_is_still_listed(account, desk):
    customers(account, "customer-1", "customer-2")
    page = desk()

    box(page, "customer-1").check()
    page.get_by_role("button", name="Close selected").click()

    page.get_by_text("Closed 1 conversation.").wait_for()
    expect(page.locator(".inbox-row :checked")).to_have_count(0)
    expect(page.locator(".inbox-row").filter(has_text="customer-1")).to_contain_text("Closed")


def test_somebody_elses_closing_shows_by_itself(account, desk, world):
    customers(account, "customer-1", "customer-2")
    mine, olgas = desk("?view=unanswered"), desk("?view=unanswered", user=world.owner)

    box(olgas, "customer-1").check()
    olgas.get_by_role("button", name="Close selected").click()

    expect(mine.locator(".row-who")).to_have_text(["customer-2"])


def test_keys_lead_through_the_list(account, desk):
    customers(account, "customer-1", "customer-2", "customer-3")
    page = desk()

    for name in ("customer-3", "customer-2"):
        page.keyboard.press("j")
        page.get_by_role("heading", level=2, name=name, exact=True).wait_for()
    page.keyboard.press("k")
    page.get_by_role("heading", level=2, name="customer-3", exact=True).wait_for()

    page.keyboard.press("/")
    page.keyboard.type("jjj")
    expect(page.get_by_role("searchbox")).to_have_value("jjj")


def test_without_a_mouse_a_conversation_is_found_and_opened(account, desk):
    customers(account, "customer-1", "customer-2")
    page = desk()

    tab_to(page.get_by_role("searchbox"))
    page.keyboard.type("customer-1")
    page.keyboard.press("Enter")
    page.get_by_text("By conversationId").wait_for()
    tab_to(page.get_by_role("link", name="customer-1", exact=True))
    page.keyboard.press("Enter")

    page.get_by_role("heading", level=2, name="customer-1", exact=True).wait_for()


def test_on_a_phone_a_row_leads_to_the_conversations_page(account, desk, world):
    [conversation] = customers(account, "customer-1")
    page = desk(viewport=NARROW)

    page.get_by_role("link", name="customer-1", exact=True).click()

    page.get_by_role("heading", level=1, name="customer-1", exact=True).wait_for()
    assert page.url.endswith(f"/w/{world.workspace.slug}/conversations/{conversation.pk}/")


def test_without_scripts_everything_works_by_pages(account, desk, world):
    customers(account, "customer-1", "customer-2")
    page = desk(java_script_enabled=False)

    box(page, "customer-2").check()
    page.get_by_role("button", name="Close selected").click()
    assert page.get_by_text("Closed 1 conversation.").is_visible()
    page.get_by_role("searchbox").fill("this is")
    page.get_by_role("searchbox").press("Enter")
    assert names(page) == ["customer-2", "customer-1"]
    page.get_by_role("link", name="customer-1", exact=True).click()
    assert page.get_by_role("heading", level=1, name="customer-1", exact=True).is_visible()


def test_the_inbox_is_accessible_in_all_its_states(account, browser, granian, world):
    states.failed(account)
    Conversation.objects.filter(pk=states.fresh(account).pk).update(status="closed", assignee=world.owner)
    draft = states.with_draft(account)
    say(ConversationFactory(account=account, external_id="a" * 200), "b" * 4_000)
    queries = [
        "",
        "?view=mine",
        f"?open={draft.pk}",
        "?q=hello",
        "?q=aaa",
        "?q=zzz",
        "?view=approval&after=1-" + "0" * 32,
    ]
    walked = [Page(name=query, path=f"/w/{world.workspace.slug}/inbox/{query}") for query in queries]

    with browser.new_context(viewport=WIDE, reduced_motion="reduce", base_url=granian) as window:
        sign_in(window, world.agent, granian)

        assert problems(window, walked) == []
