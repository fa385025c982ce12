"""The approvals page: the queue, the open draft, and what of them is sent to whom shows it already."""

from http import HTTPStatus

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conversations.desk.approvals import queue
from conversations.models import EarlierDraft, Note, Reply
from tests.conversations.desk.approvals.desk import (
    HTMX,
    draft_of,
    fields,
)
from tests.factories import ConversationFactory
from tests.factories.drafts import reply_in
from tests.ground.markup import Markup

pytestmark = pytest.mark.django_db

MOST_QUERIES = 15


def test_the_draft_that_has_waited_longest_is_open_and_the_others_wait_beside_it(account, at, mina):
    for name, minutes in {"young": 1, "oldest": 300, "middle": 70}.items():
        draft_of(account, name, minutes=minutes, text=f"Dear {name}")

    page = mina.get(at("approvals"))

    assert [draft.conversation.external_id for draft in page.context["drafts"]] == ["oldest", "middle", "young"]
    assert page.context["reply"].text == "Dear oldest"
    for told in ("3 drafts wait", "5 h", "1 h", "1 min", "Dear oldest</textarea>", "Hello?", "Send to", "Shipping"):
        assert told in page.text


def test_an_empty_queue_says_so(at, mina):
    page = mina.get(at("approvals"))

    assert "Nothing to decide" in page.text
    assert mina.get(at("approvals"), headers=HTMX).status_code == HTTPStatus.NO_CONTENT


def test_a_long_queue_is_shown_in_part(account, at, mina, monkeypatch):
    monkeypatch.setattr(queue, "SHOWN", 3)
    for number in range(5):
        draft_of(account, f"customer-{number}", minutes=10 - number)

    page = mina.get(at("approvals"))

    assert "5 drafts wait" in page.text
    assert "and 2 more" in page.text
    assert "customer-3" not in page.text


def test_the_queue_can_be_searched_by_customer_and_by_question(account, at, mina):
    lamp = draft_of(account, "lamp-buyer", minutes=9)
    draft_of(account, "customer-2", minutes=8)
    for question, found in {"LAMP": ["lamp-buyer"], "hello": ["lamp-buyer", "customer-2"], "x\x00y": []}.items():
        page = mina.get(at("approvals"), {"q": question})
        assert [draft.conversation.external_id for draft in page.context["drafts"]] == found

    after = mina.post(at("approve", lamp), fields("approve", q="lamp"))
    assert after.url == f"{at('approvals')}?q=lamp"


def test_the_queue_is_sent_only_when_it_looks_different(account, at, mina):
    first = draft_of(account, "customer-1")
    version = mina.get(at("approvals")).context["version"]
    assert mina.get(at("queue"), {"version": version}).status_code == HTTPStatus.NO_CONTENT

    second = draft_of(account, "customer-2", minutes=1)

    changed = mina.get(at("queue"), {"version": version, "open": str(first.pk)})
    assert changed.status_code == HTTPStatus.OK
    links = Markup(changed.text).links
    assert links == [at("draft", first), at("draft", second)]
    assert changed.text.count('aria-current="true"') == 1


def test_next_and_previous_follow_the_queue_as_it_is_now(account, at, mina):
    drafts = [draft_of(account, f"customer-{number}", minutes=10 - number) for number in range(3)]
    first, second, third = drafts

    assert mina.get(at("next-draft", first)).url == at("draft", second)
    assert mina.get(at("previous-draft", third)).url == at("draft", second)
    mina.post(at("approve", second), fields("approve"))
    assert mina.get(at("next-draft", first)).url == at("draft", third)
    assert mina.get(at("next-draft", second)).url == at("draft", third)
    opened = mina.get(at("next-draft", first), headers=HTMX)
    assert opened.headers["HX-Replace-Url"] == at("draft", third)
    assert "customer-2" in opened.text

    at_the_end = mina.get(at("next-draft", third), headers=HTMX)
    assert at_the_end.headers["HX-Reswap"] == "none"
    assert "This is the newest draft" in at_the_end.text


def test_a_draft_opens_in_its_place_and_the_browsers_history_gets_the_whole_page(draft, at, mina):
    part = mina.get(at("draft", draft), headers=HTMX)
    whole = mina.get(at("draft", draft), headers=HTMX | {"HX-History-Restore-Request": "true"})

    assert part.headers["HX-Push-Url"] == at("draft", draft)
    assert "<h1" not in part.text
    assert "<h1" in whole.text
    for answer in (part, whole):
        assert "HX-Request" in answer.headers["Vary"]


def test_what_customers_and_responders_wrote_is_text(account, at, mina):
    hostile = '</textarea><img src=x onerror=alert(1)><b hx-get="/x">bold</b>'
    conversation = ConversationFactory(account=account, external_id="<i>evil</i>")
    reply = reply_in(conversation, "awaiting_approval", hostile)
    Reply.objects.filter(pk=reply.pk).update(
        instruction="<u>x</u>", data={"sources": [{"title": "<s>t</s>", "url": "javascript:alert(1)"}]}
    )

    page = mina.get(at("draft", reply)).text

    for tag in ("<img", "<b hx", "<i>evil", "<u>x", "<s>t", "javascript:"):
        assert tag not in page
    assert "&lt;/textarea&gt;" in page


def test_a_draft_that_begins_with_an_empty_line_keeps_it(account, at, mina):
    reply = draft_of(account, "customer-42", text="\n\nfirst")

    assert ">\n\n\nfirst</textarea>" in mina.get(at("draft", reply)).text


def test_no_part_of_the_page_needs_many_queries(world, account, at, mina):
    drafts = [draft_of(account, f"customer-{number}", minutes=60 - number) for number in range(55)]
    conversation = drafts[0].conversation
    for _ in range(20):
        reply_in(conversation, "superseded")
        Note.objects.create(workspace=world.workspace, conversation=conversation, author=world.owner, body="Note")
        EarlierDraft.objects.create(workspace=world.workspace, reply=drafts[0], text="Before", asked_by=world.owner)
    for draft in drafts[1:12]:
        mina.post(at("approve", draft), fields("approve"))
    mina.get(at("approvals"))

    counted = {}
    for address in (at("approvals"), at("draft", drafts[0]), at("queue"), at("held"), at("draft-state", drafts[0])):
        with CaptureQueriesContext(connection) as captured:
            assert mina.get(address).status_code == HTTPStatus.OK
        counted[address] = len(captured)

    assert {address: count for address, count in counted.items() if count > MOST_QUERIES} == {}
