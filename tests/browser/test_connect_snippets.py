"""The samples for pages run as they are copied, in Chromium, on a page of another origin: they send once whatever
breaks, and leave nobody else's conversation open."""

import json
import re
from pathlib import Path

import pytest

from conversations.models import Conversation, Message
from integrations.models import IntegrationAccount
from integrations.snippets import snippets
from tests.factories import AccountFactory
from tests.ground import streams
from tests.ground.provider import Answer
from tests.ground.proxy import Cut, Proxy
from tests.ground.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

QUESTION, ANSWER = "How do I approve a reply?", "Press “Approve”."
DOCUMENTS = {"README": "README.md", "the quick start": "docs/quick-start.md"}


@pytest.fixture
def widget(world, model):
    return AccountFactory(workspace=world.workspace, responder=model, kind="widget", allowed_domains=["localhost"])


@pytest.fixture
def signed(world, model):
    return AccountFactory(workspace=world.workspace, responder=model, require_signature=True)


@pytest.fixture(params=["account", "widget", "signed"])
def any_account(request, provider):
    provider.script(Answer(deltas=["Press ", "“Approve”."]))
    return request.getfixturevalue(request.param)


def sample(name, account, server):
    """As it is copied out of the page; here a browser owns the thread."""
    found = {snippet.name: snippet.code for snippet in snippets(account, url=server, token=account.token)}
    return found[name]


def documented(document, account, server):
    """The sample for pages of a document, with the token and the address filled in."""
    text = (Path(__file__).parents[2] / DOCUMENTS[document]).read_text()
    code = re.search(r"```js\n(.*?)```", text, re.DOTALL).group(1)
    filled = code.replace("lmk_api_…", account.token).replace("http://localhost:8000", server)
    return f"const TOKEN = {account.token!r};\n{filled}"


def page_of(script):
    return f"<!doctype html><meta charset=utf-8><title>Mine</title><script type=module>{script}</script>"


def bodies():
    return list(Message.objects.order_by("conversation", "sequence").values_list("body", flat=True))


def opened(context, address):
    """The page, and the lines that it writes to the console."""
    page, seen = context.new_page(), []
    page.on("console", lambda line: seen.append(line.text))
    page.goto(address)
    return page, seen


def shown(page, seen, line):
    wait_for(lambda: page.evaluate("1") and any(line in one for one in seen), seconds=20)


def test_the_javascript_sample_shows_the_reply(any_account, granian, context, elsewhere):
    page, seen = opened(context, elsewhere(page_of(sample("javascript", any_account, granian))))

    shown(page, seen, f"final {ANSWER}")

    assert seen[0].strip() == "accepted"
    assert bodies() == [QUESTION, ANSWER]
    assert Conversation.objects.get().issued is not any_account.require_signature


def test_the_html_sample_is_a_page_that_goes_on_with_its_conversation(any_account, granian, context, elsewhere):
    page, _ = opened(context, elsewhere(sample("html", any_account, granian)))

    page.get_by_role("button", name="Send").click()
    page.get_by_text(ANSWER).wait_for()
    page.get_by_label("Your question").fill("And then?")
    page.get_by_role("button", name="Send").click()
    wait_for(lambda: page.evaluate("1") and bodies() == [QUESTION, ANSWER, "And then?", ANSWER])
    page.reload()
    page.get_by_label("Your question").fill("And now?")
    page.get_by_role("button", name="Send").click()

    wait_for(lambda: page.evaluate("1") and bodies()[4:] == ["And now?", ANSWER])
    assert Conversation.objects.count() == 1


@pytest.mark.parametrize("document", DOCUMENTS)
def test_what_the_documents_show_for_pages_runs_and_sends_once(
    document, account, granian, context, elsewhere, provider
):
    provider.script(Answer(deltas=["Press ", "“Approve”."]))
    with Proxy(granian, Cut.before_the_answer(), Cut.in_the_headers(reset=True)) as proxy:
        page, seen = opened(context, elsewhere(page_of(documented(document, account, proxy.url))))

        shown(page, seen, ANSWER)
        wait_for(lambda: page.evaluate("1") and b"HTTP/1.1 204" in proxy.connections[-1].answered, seconds=20)

    assert bodies() == [QUESTION, ANSWER]
    assert Conversation.objects.get().issued


@pytest.mark.parametrize("name", ["javascript", "html"])
def test_a_reload_before_anything_came_back_sends_nothing_twice(any_account, granian, context, elsewhere, name):
    """The page knows no conversation yet; only the key that it kept leads there."""
    with Proxy(granian, Cut.before_the_answer()) as proxy:
        code = sample(name, any_account, proxy.url)
        page, seen = opened(context, elsewhere(code if name == "html" else page_of(code)))
        if name == "html":
            page.get_by_role("button", name="Send").click()
        wait_for(lambda: page.evaluate("1") and bodies() == [QUESTION, ANSWER])
        assert page.evaluate("sessionStorage.conversationId ?? null") is None

        page.reload()

        if name == "html":
            page.get_by_text(ANSWER).wait_for()
        else:
            shown(page, seen, f"final {ANSWER}")
        wait_for(lambda: page.evaluate("sessionStorage.asked ?? null") is None)
    assert bodies() == [QUESTION, ANSWER]


def test_a_reload_in_the_middle_of_a_reply_shows_it_to_its_end(any_account, granian, context, elsewhere, provider):
    provider.script(Answer(deltas=["Press ", "“Approve”."], delay=1))
    page, _ = opened(context, elsewhere(sample("html", any_account, granian)))
    page.get_by_role("button", name="Send").click()
    page.get_by_text("Press").wait_for()

    page.reload()

    page.get_by_text(ANSWER).wait_for()
    wait_for(lambda: page.evaluate("sessionStorage.asked ?? null") is None)
    assert bodies() == [QUESTION, ANSWER]


def test_a_message_that_was_refused_is_sent_once_when_it_is_sent_again(any_account, granian, context, elsewhere):
    page, _ = opened(context, elsewhere(sample("html", any_account, granian)))
    IntegrationAccount.objects.update(status="retired")
    page.get_by_role("button", name="Send").click()
    page.get_by_text("That did not work.").wait_for()
    IntegrationAccount.objects.update(status="active")

    page.get_by_role("button", name="Send").click()

    page.get_by_text(ANSWER).wait_for()
    assert bodies() == [QUESTION, ANSWER]


def test_an_emoji_that_the_limit_cut_in_half_loses_its_half_and_not_the_message(account, granian, context, elsewhere):
    page, _ = opened(context, elsewhere(sample("html", account, granian)))
    page.evaluate("document.forms[0].text.value = ('a'.repeat(3999) + '\\u{1F98A}').slice(0, 4000)")

    page.get_by_role("button", name="Send").click()

    wait_for(lambda: page.evaluate("1") and Message.objects.exists())
    assert Message.objects.get(actor="customer").body == "a" * 3999


@pytest.mark.parametrize("name", ["javascript", "html"])
def test_two_visitors_get_two_conversations_of_their_own(account, granian, browser, elsewhere, provider, name):
    provider.script(Answer(deltas=["Press ", "“Approve”."]))
    code = sample(name, account, granian)
    address = elsewhere(code if name == "html" else page_of(code))

    for _ in range(2):
        with browser.new_context() as visitor:
            page, seen = opened(visitor, address)
            if name == "html":
                page.get_by_role("button", name="Send").click()
                page.get_by_text(ANSWER).wait_for()
            else:
                shown(page, seen, f"final {ANSWER}")

    assert [conversation.issued for conversation in Conversation.objects.all()] == [True, True]
    assert streams.history(granian, account.token, "customer-42")["messages"] == []
    account.refresh_from_db()
    assert account.unsigned_ids_at is None


@pytest.mark.parametrize("name", ["javascript", "html"])
def test_a_broken_event_or_a_new_type_ends_no_sample(any_account, granian, context, elsewhere, name):
    """WebKit glues what was left of a cut event to the next one."""
    code = sample(name, any_account, granian)
    page, seen = context.new_page(), []
    page.on("console", lambda line: seen.append(line.text))
    page.add_init_script("EventSource = class { constructor() { window.source = this } }")
    page.goto(elsewhere(code if name == "html" else page_of(code)))
    if name == "html":
        page.get_by_role("button", name="Send").click()

    for data in ['{"type":"par{"type":"accepted"}', "", '{"type":"resumed"}', '{"type":"later","delta":"No."}']:
        page.evaluate("data => source.onmessage({ data })", data)  # raises what the sample raises
    page.evaluate("data => source.onmessage({ data })", json.dumps({"type": "final", "message": {"body": ANSWER}}))

    if name == "html":
        assert page.locator("#reply").inner_text() == ANSWER
    else:
        shown(page, seen, f"final {ANSWER}")
