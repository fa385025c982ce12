"""The samples for pages run as they are copied, in Chromium, on a page of another origin."""

import pytest

from conversations.models import Conversation, Message
from integrations.snippets import snippets
from tests.factories import AccountFactory
from tests.provider import Answer
from tests.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

QUESTION, ANSWER = "How do I approve a reply?", "Press “Approve”."


@pytest.fixture
def widget(world, model):
    return AccountFactory(workspace=world.workspace, responder=model, kind="widget", allowed_domains=["localhost"])


@pytest.fixture(params=["account", "widget"])
def copied(request, granian, provider):
    """Name to code. tests/integrations copies the samples out of the page; here a browser owns the thread."""
    provider.script(Answer(deltas=["Press ", "“Approve”."]))
    account = request.getfixturevalue(request.param)
    return {snippet.name: snippet.code for snippet in snippets(account, url=granian, token=account.token)}


# What a page gets to see in WebKit: a cut event glued to `resumed`; and a type that a later version may send.
BROKEN = """retry: 10
data: {"type":"partial","delta":"Preretry: 10
data: {"type":"resumed"}
id: 1

data: {"type":"a-new-one"}
id: 2

data: {"type":"partial","delta":"Press"}
id: 3

data: {"type":"final","message":{"body":"Press “Approve”."}}
id: 4

"""


def bodies():
    return list(Message.objects.order_by("sequence").values_list("body", flat=True))


def test_the_javascript_sample_shows_the_reply(copied, context, elsewhere):
    page, seen = context.new_page(), []
    page.on("console", lambda line: seen.append(line.text))

    page.goto(elsewhere(f"<!doctype html><title>Mine</title><script type=module>{copied['javascript']}</script>"))
    page.wait_for_function("performance.getEntriesByType('resource').length > 0")

    wait_for(lambda: page.evaluate("1") and f"final {ANSWER}" in seen)
    assert seen[0] == "accepted "
    assert bodies() == [QUESTION, ANSWER]


def test_the_html_sample_is_a_page_that_goes_on_with_its_conversation(copied, context, elsewhere):
    page = context.new_page()
    page.goto(elsewhere(copied["html"]))

    page.get_by_role("button", name="Send").click()
    page.get_by_text(ANSWER).wait_for()
    page.get_by_label("Your question").fill("And then?")
    page.get_by_role("button", name="Send").click()

    wait_for(lambda: page.evaluate("1") and bodies() == [QUESTION, ANSWER, "And then?", ANSWER])
    assert Conversation.objects.count() == 1


def test_the_samples_survive_a_broken_event_and_an_unknown_one(copied, context, elsewhere):
    asked, errors, seen = [], [], []

    def answer(route):
        asked.append(route.request.url)
        if len(asked) > 1:
            route.fulfill(status=204, headers=anybody)
        else:
            route.fulfill(body=BROKEN, content_type="text/event-stream", headers=anybody)

    anybody = {"Access-Control-Allow-Origin": "*"}
    context.route("**/conversation/sse?*", answer)
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: seen.append(line.text))

    page.goto(elsewhere(f"<!doctype html><title>Mine</title><script type=module>{copied['javascript']}</script>"))
    wait_for(lambda: page.evaluate("1") and f"final {ANSWER}" in seen)
    asked.clear()
    page.goto(elsewhere(copied["html"]))
    page.get_by_role("button", name="Send").click()
    page.get_by_text(ANSWER).wait_for()

    assert errors == []
    assert seen[:3] == ["a-new-one ", "partial Press", f"final {ANSWER}"]
