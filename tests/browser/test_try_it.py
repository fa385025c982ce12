"""The console in Chromium: it sends as a customer would, and shows what the endpoint says, refusals too."""

import re

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.urls import reverse

from conversations.models import Message
from tests.browser.pages import sign_in
from tests.factories import AccountFactory
from tests.ground.provider import Answer
from workspaces.models import AuditEntry

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def open_console(context, granian, world):
    """Opens the console of an account, signed in as the owner, and starts it."""

    def opened(account, *, start=True):
        sign_in(context, world.owner, granian)
        page = context.new_page()
        page.goto(granian + reverse("integrations:try-it", args=[account.workspace.slug, account.pk]))
        if start:
            page.get_by_role("button", name="Start").click()
            page.get_by_label("Message as a customer").wait_for()
        return page

    return opened


def say(page, text):
    page.get_by_label("Message as a customer").fill(text)
    page.get_by_role("button", name="Send").click()


def types(page):
    return page.locator(".event [data-type]").all_inner_texts()


def chat(page):
    return page.get_by_role("log")


def test_the_token_comes_with_start_and_not_before(open_console, account):
    page = open_console(account, start=False)
    assert account.token not in page.content()
    assert not AuditEntry.objects.exists()

    with page.expect_response(lambda answer: answer.request.method == "POST") as answered:
        page.get_by_role("button", name="Start").click()

    assert answered.value.json()["integrationToken"] == account.token
    assert answered.value.headers["cache-control"] == "no-store"
    assert AuditEntry.objects.get().action == "token.reveal"


def test_a_reply_is_shown_beside_its_raw_events(open_console, account, provider):
    provider.script(Answer(deltas=["It is ", "on its way."], delay=0.1))
    page = open_console(account)

    say(page, "Where is my parcel?")
    page.get_by_text("204: nothing more is to come").wait_for()

    assert chat(page).locator(".bubble").all_inner_texts() == ["Where is my parcel?", "It is on its way."]
    assert types(page) == ["accepted", "partial", "partial", "final"]
    offsets = page.locator(".event [data-offset]").all_inner_texts()
    assert offsets == ["0", "6", "17", "17"]
    times = [int(text) for text in page.locator(".event [data-ms]").all_inner_texts()]
    gaps = [int(text) for text in page.locator(".event [data-gap]").all_inner_texts()]
    assert times == sorted(times)
    assert times[3] >= 190  # the provider waits twice 100 ms
    assert all(abs(gap - (now - before)) <= 1 for gap, before, now in zip(gaps[1:], times, times[1:], strict=False))
    page.locator(".event summary").last.click()
    assert '"type":"final"' in page.locator(".event pre").last.inner_text()
    assert Message.objects.count() == 2


def test_a_cut_connection_is_resumed_where_it_was(open_console, account, provider):
    provider.script(Answer(deltas=["one ", "two ", "three"], delay=0.7))
    page = open_console(account)
    say(page, "Count")
    chat(page).get_by_text("one").wait_for()

    page.get_by_role("button", name="Cut").click()
    page.wait_for_timeout(100)
    assert types(page)[-1] == "partial"
    page.get_by_role("button", name="Resume").click()
    chat(page).get_by_text("final:").wait_for()

    assert types(page).count("accepted") == 1
    assert re.search(r"Resumed with lastEventId=[0-9a-f]{32}\.1\.4", page.locator(".events").inner_text())
    assert chat(page).locator(".bubble").last.inner_text() == "one two three"
    assert Message.objects.count() == 2


def test_a_draft_that_waits_and_a_failed_reply_are_told_in_words(open_console, world, model, account, provider):
    provider.script(Answer())
    manual = AccountFactory(workspace=world.workspace, responder=model, response_mode="manual")
    page = open_console(manual)
    say(page, "Hello?")
    chat(page).get_by_text("a draft waits for approval").wait_for()

    provider.script(Answer.failure(400))
    page = open_console(account)
    say(page, "Hello?")

    chat(page).get_by_text("error responder_refused").wait_for()
    assert types(page) == ["accepted", "error"]


def test_a_broken_event_and_an_unknown_one_are_listed_and_passed_over(open_console, account):
    page, errors = open_console(account), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    sent = [
        '{"type":"partial","del\ndata: {"type":"resumed"}',
        '{"type":"clear"}',
        '{"type":"partial","delta":"It comes."}',
    ]
    body = "".join(f"data: {data}\nid: a.1.{number}\n\n" for number, data in enumerate(sent))
    page.route(
        "**/conversation/sse?*",
        lambda route: route.fulfill(body=body, content_type="text/event-stream"),
        times=1,
    )

    say(page, "Where is my parcel?")
    chat(page).get_by_text("It comes.").wait_for()

    assert types(page)[:3] == ["broken", "clear", "partial"]
    assert chat(page).locator(".bubble").all_inner_texts() == ["Where is my parcel?", "It comes."]
    assert errors == []


def test_a_refusal_is_shown_with_its_status_and_message(open_console, world):
    account = AccountFactory(workspace=world.workspace, allowed_domains=["example.com"])
    page = open_console(account)
    assert page.get_by_text("The endpoint will refuse this page").is_visible()

    say(page, "Hello?")

    chat(page).get_by_text("403 origin_not_allowed").wait_for()
    assert types(page) == []
    assert not Message.objects.exists()


def test_a_new_conversation_starts_empty(open_console, account, provider):
    provider.script(Answer(deltas=["Hi."]))
    page = open_console(account)
    first = page.locator("[data-conversation-id]").inner_text()
    say(page, "Hello?")
    chat(page).get_by_text("final:").wait_for()

    page.get_by_role("button", name="New conversation").click()
    page.wait_for_function("first => document.querySelector('[data-conversation-id]').textContent !== first", arg=first)

    assert chat(page).inner_text() == ""
    assert types(page) == []


def test_a_widget_goes_on_with_the_conversation_that_the_server_issued(open_console, world, model, provider):
    provider.script(Answer(deltas=["Hi."]))
    page = open_console(AccountFactory(workspace=world.workspace, responder=model, kind="widget"))

    say(page, "One")
    chat(page).get_by_text("final:").wait_for()
    say(page, "Two")
    chat(page).get_by_text("final:").nth(1).wait_for()

    assert page.locator("[data-conversation-id]").inner_text().startswith("c_")
    assert Message.objects.values("conversation").distinct().count() == 1


def test_the_console_in_use_is_accessible_and_fits_a_phone(open_console, account, provider):
    provider.script(Answer(deltas=["Hi."]))
    page = open_console(account)
    page.set_viewport_size({"width": 360, "height": 740})
    say(page, "Hello?")
    page.get_by_text("204: nothing more is to come").wait_for()
    page.locator(".event summary").last.click()

    page.evaluate(AXE_SCRIPT)
    found = page.evaluate("axe.run({ preload: false }).then(({ violations }) => violations.map(({ id }) => id))")

    assert found == []
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 360
