"""What tells an agent of new drafts: the count in every tab's title, a sound, the browser's own notifications.

Tabs are real; whether one is visible, and what the browser does with a notification, is played by a script.
"""

import pytest
from django.urls import reverse

from conversations.models import DeskPreferences, Reply
from tests.browser.notifying import NOTES, STAND_IN, ask, decide_on, looked_again, made, notice, until
from tests.browser.pages import sign_in
from tests.factories import AccountFactory, ConversationFactory
from tests.factories.drafts import reply_in
from tests.ground.provider import Answer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def account(world, model, provider):
    """Its replies are held."""
    provider.script(Answer(deltas=["On Monday."]))
    return AccountFactory(workspace=world.workspace, responder=model, response_mode="manual")


@pytest.fixture
def context_of(browser, granian):
    contexts = []

    def opened(user):
        context = browser.new_context(base_url=granian)
        contexts.append(context)
        context.set_default_timeout(10_000)
        context.add_init_script(STAND_IN)
        sign_in(context, user, granian)
        return context

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def mina(context_of, world):
    """The agent's browser; she wants to be told in every way."""
    DeskPreferences.objects.create(user=world.agent, sound=True, browser_notifications=True)
    return context_of(world.agent)


@pytest.fixture
def tab(world):
    """Opens a page of the workspace in a browser, and waits until it knows which drafts wait."""

    def opened(context, route="home", *, away=False):
        page = context.new_page()
        address = reverse(route, args=[world.workspace.slug])
        with page.expect_response("**/approvals/waiting/"):
            page.goto(address)
        page.locator("#live[data-sound]").wait_for(state="attached")
        page.mouse.click(1, 1)  # browsers let a page sound only then
        page.evaluate("(elsewhere) => look(elsewhere)", away)
        return page

    return opened


@pytest.fixture
def desk_page(world):
    def opened(context, route):
        page = context.new_page()
        page.goto(reverse(route, args=[world.workspace.slug]))
        return page

    return opened


def test_every_tabs_title_counts_live_and_clears_when_another_agent_decides(
    context_of, world, granian, account, desk_page
):
    context = context_of(world.agent)
    tabs = [desk_page(context, route) for route in ("home", "desk:saved-replies", "workspaces:members")]
    plain = [page.title() for page in tabs]
    assert not any(title.startswith("(") for title in plain)

    ask(granian, account, "customer-1")
    for page, title in zip(tabs, plain, strict=True):
        until(page, "document.title === argument", f"(1) {title}")
    ask(granian, account, "customer-2")
    for page, title in zip(tabs, plain, strict=True):
        until(page, "document.title === argument", f"(2) {title}")

    olga = desk_page(context_of(world.owner), "desk:approvals")
    assert olga.title().startswith("(2) Approvals")
    decide_on(olga, "customer-1")
    for page, title in zip(tabs, plain, strict=True):
        until(page, "document.title === argument", f"(1) {title}")
    decide_on(olga, "customer-2")
    for page, title in zip(tabs, plain, strict=True):
        until(page, "document.title === argument", title)


def test_a_title_that_htmx_brings_keeps_its_count(context_of, world, account, desk_page):
    reply_in(ConversationFactory(account=account), "awaiting_approval")
    page = desk_page(context_of(world.agent), "home")
    until(page, "document.title.startsWith('(1) Home')")

    page.evaluate("document.title = 'Another page'")

    until(page, "document.title === '(1) Another page'")


def test_a_new_draft_notifies_once_and_the_notification_goes_when_somebody_decides(
    mina, context_of, world, granian, account, tab, desk_page
):
    pages = [tab(mina, away=True), tab(mina, "workspaces:members", away=True)]
    olga = desk_page(context_of(world.owner), "desk:approvals")

    ask(granian, account, "customer-1")
    for page in pages:
        until(page, "document.title.startsWith('(1)')")
        looked_again(page)

    assert [one for page in pages for one in made(page)] == [(notice("customer-1"), True)]
    assert sum(page.evaluate("sounds") for page in pages) == NOTES
    told = next(page for page in pages if made(page))
    decide_on(olga, "customer-1")
    until(told, "made.every(({ isOpen }) => !isOpen)")
    assert "When?" not in str(made(told))


def test_nobody_is_notified_while_a_tab_is_looked_at(mina, granian, account, tab):
    away, looked_at = tab(mina, away=True), tab(mina, "workspaces:members")

    ask(granian, account, "customer-1")
    for page in (away, looked_at):
        until(page, "document.title.startsWith('(1)')")
        looked_again(page)

    assert made(away) == made(looked_at) == []
    assert away.evaluate("sounds") + looked_at.evaluate("sounds") == NOTES
    looked_at.evaluate("look(true)")
    ask(granian, account, "customer-2")
    for page in (away, looked_at):
        until(page, "document.title.startsWith('(2)')")
        looked_again(page)
    assert made(away) + made(looked_at) == [(notice("customer-2"), True)]


def test_old_drafts_are_no_news_on_a_page_that_opens(mina, account, tab):
    reply_in(ConversationFactory(account=account), "awaiting_approval")

    page = tab(mina, away=True)
    looked_again(page)

    assert (made(page), page.evaluate("sounds")) == ([], 0)
    reply_in(ConversationFactory(account=account, external_id="customer-2"), "awaiting_approval")
    looked_again(page)
    assert made(page) == [(notice("customer-2"), True)]


def test_after_a_night_asleep_what_came_meanwhile_is_no_news(mina, account, tab):
    page = tab(mina, away=True)
    looked_again(page)
    reply_in(ConversationFactory(account=account, external_id="customer-1"), "awaiting_approval")
    page.evaluate("{ const now = Date.now; Date.now = () => now() + 8 * 3600 * 1000; }")
    looked_again(page)
    assert (made(page), page.evaluate("sounds")) == ([], 0)

    reply_in(ConversationFactory(account=account, external_id="customer-2"), "awaiting_approval")
    looked_again(page)

    assert made(page) == [(notice("customer-2"), True)]
    assert page.evaluate("sounds") == NOTES


def test_a_decision_that_is_undone_is_no_news(mina, account, tab):
    page = tab(mina, away=True)
    reply = reply_in(ConversationFactory(account=account, external_id="customer-1"), "awaiting_approval")
    looked_again(page)
    decided = Reply.objects.filter(pk=reply.pk)
    decided.update(decision="send", release_at=reply.created_at)
    looked_again(page)
    assert made(page) == [(notice("customer-1"), False)]

    decided.update(decision="", release_at=None)
    looked_again(page)

    assert made(page) == [(notice("customer-1"), False)]
    assert page.evaluate("sounds") == NOTES


def test_who_wants_neither_is_told_by_the_title_alone(context_of, world, granian, account, desk_page):
    page, asked = desk_page(context_of(world.agent), "home"), []
    page.on("request", lambda request: request.url.endswith("/approvals/waiting/") and asked.append(request.url))
    page.evaluate("look(true)")

    ask(granian, account, "customer-1")
    until(page, "document.title.startsWith('(1)')")

    assert (made(page), page.evaluate("sounds"), asked) == ([], 0, [])


@pytest.mark.parametrize(
    ("answer", "told"), [("granted", "This browser shows them."), ("denied", "This browser refuses notifications")]
)
def test_the_browser_is_asked_when_somebody_wants_notifications(context_of, world, desk_page, answer, told):
    page = desk_page(context_of(world.agent), "desk:preferences")
    page.evaluate("(answer) => { localStorage.permission = 'default'; localStorage.answer = answer; }", answer)
    page.reload()
    assert page.locator("[data-permission]").is_hidden()

    page.get_by_label("Browser notifications for new drafts").check()

    page.locator("[data-permission]").filter(has_text=told).wait_for()
    page.get_by_role("button", name="Save the preferences").click()
    page.get_by_text("Your preferences are saved.").wait_for()
    assert DeskPreferences.objects.get().browser_notifications


def test_a_browser_that_was_never_asked_can_be_asked_later(mina, desk_page):
    page = desk_page(mina, "desk:preferences")
    page.evaluate("localStorage.permission = 'default'")
    page.reload()

    page.get_by_role("button", name="Let this browser show them").click()

    page.get_by_text("This browser shows them.").wait_for()
    assert page.get_by_role("button", name="Let this browser show them").is_hidden()


def test_the_sound_can_be_tried(mina, desk_page):
    page = desk_page(mina, "desk:preferences")

    page.get_by_role("button", name="Play the sound").click()

    until(page, "sounds === argument", NOTES)
