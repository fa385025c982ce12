"""Each verb once however often it arrives, with htmx and without; nothing typed is ever lost."""

import threading
from http import HTTPStatus
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from conversations.deciding import drafts
from conversations.models import EarlierDraft, Note, Reply
from tests.conversations.desk.approvals.desk import (
    AT_ONCE,
    DECISIONS,
    HTMX,
    OTHERS,
    carry_out_all,
    draft_of,
    fields,
    sent,
    signed_in,
)
from tests.factories.drafts import DRAFT, reply_in
from workspaces.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", DECISIONS)
def test_without_scripts_a_decision_leads_to_the_next_draft(name, account, draft, at, mina):
    following = draft_of(account, "customer-43", minutes=1)

    answer = mina.post(at(name, draft), fields(name), follow=True)

    assert answer.redirect_chain == [(at("draft", following), HTTPStatus.FOUND)]
    assert "customer-42" in answer.text
    draft.refresh_from_db()
    assert not draft.awaits_approval


@pytest.mark.parametrize("name", DECISIONS)
def test_with_htmx_a_decision_answers_with_the_next_draft_and_what_changed_beside_it(name, account, draft, at, mina):
    following = draft_of(account, "customer-43", minutes=1, text="The next draft")

    answer = mina.post(at(name, draft), fields(name), headers=HTMX)

    assert answer.status_code == HTTPStatus.OK
    assert answer.headers["HX-Replace-Url"] == at("draft", following)
    assert not answer.text.lstrip().startswith("<!doctype")
    assert "The next draft</textarea>" in answer.text
    assert 'id="queue" hx-swap-oob="true"' in answer.text
    assert "Now open: customer-43" in answer.text
    is_held = 'data-hold="' in answer.text
    assert is_held == (name not in AT_ONCE)
    assert len(sent()) == (name in AT_ONCE)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("approve", [DRAFT]),
        ("approve-with-customer", [DRAFT]),
        ("approve-edited", ["Better words."]),
        ("reject", []),
        ("answer-by-hand", ["By hand."]),
    ],
)
def test_a_decision_that_arrives_again_is_one_decision(name, words, draft, at, mina):
    for headers in ({}, HTMX, {}):
        answer = mina.post(at(name, draft), fields(name), headers=headers)
        assert answer.status_code in {HTTPStatus.OK, HTTPStatus.FOUND}
        assert "Already" not in answer.text

    carry_out_all()
    answer = mina.post(at(name, draft), fields(name), headers=HTMX)
    assert "Already" not in answer.text
    assert sent() == words
    assert AuditEntry.objects.count() == 1


@pytest.mark.parametrize("second", DECISIONS)
@pytest.mark.parametrize("first", DECISIONS)
def test_the_second_of_two_agents_is_told_and_keeps_what_they_typed(first, second, draft, at, mina, olga):
    mina.post(at(first, draft), fields(first))
    carry_out_all()
    before = sent()

    plain = olga.post(at(second, draft), fields(second, body="My words.", reason="My words."))
    quick = olga.post(
        at(second, draft), fields(second, body="My words.", reason="My words.", open=str(draft.pk)), headers=HTMX
    )

    told = {"reject": "Already rejected by Mina.", "answer-by-hand": "Already answered by Mina."}
    for answer in (plain, quick):
        assert told.get(first, "Already sent by Mina.") in answer.text
    assert plain.status_code == HTTPStatus.CONFLICT
    assert "My words.</textarea>" in plain.text
    assert (quick.status_code, quick.headers["HX-Reswap"]) == (HTTPStatus.OK, "none")
    assert "textarea" not in quick.text
    assert sent() == before


def test_what_an_agent_changed_is_not_dropped_by_sending_the_draft_as_it_is(draft, at, mina):
    body = "Changed words."

    plain = mina.post(at("approve", draft), fields("approve", body=body))
    quick = mina.post(at("approve", draft), fields("approve", body=body), headers=HTMX)

    assert plain.status_code == HTTPStatus.CONFLICT
    assert "You changed the draft." in plain.text
    assert "Changed words.</textarea>" in plain.text
    assert "You changed the draft." in quick.text
    assert not Reply.objects.in_hold().exists()
    mina.post(at("approve", draft), fields("approve", body=f"\r\n{DRAFT} "))
    assert Reply.objects.in_hold().count() == 1


@pytest.mark.parametrize(
    ("name", "values", "why"),
    [
        ("approve-edited", {"body": " \r\n"}, "The message is empty."),
        ("approve-edited", {"body": "a" * 20_001}, "at most 20000"),
        ("answer-by-hand", {"body": ""}, "The message is empty."),
        ("reject", {"reason": "a" * 2_001}, "at most 2000"),
        ("regenerate", {"instruction": "a" * 2_001}, "at most 2000"),
        ("note-on-draft", {"body": ""}, "The note is empty."),
        ("approve", {"seen": "2"}, "Another draft was written meanwhile."),
        ("undo", {}, "It is too late to undo this."),
    ],
)
def test_a_refusal_says_what_to_do_and_changes_nothing(name, values, why, world, draft, at, mina):
    if name == "undo":
        drafts.approve(reply=draft, agent=world.agent)
    state = Reply.objects.filter(pk=draft.pk).values().get()

    for headers in ({}, HTMX):
        assert why in mina.post(at(name, draft), fields(name, **values), headers=headers).text

    assert Reply.objects.filter(pk=draft.pk).values().get() == state
    assert not Note.objects.exists()


def test_another_draft_is_asked_for_and_the_old_one_stays_in_the_record(draft, at, mina):
    answer = mina.post(at("regenerate", draft), fields("regenerate"), headers=HTMX)

    assert answer.headers["HX-Replace-Url"] == at("draft", draft)
    assert "Another draft was asked for." in answer.text
    assert 'textarea id="draft-' not in answer.text
    earlier = EarlierDraft.objects.get()
    assert (earlier.text, earlier.instruction) == (DRAFT, "shorter")
    page = mina.get(at("draft", draft)).text
    assert "The draft before" in page
    assert mina.post(at("regenerate", draft), fields("regenerate")).status_code == HTTPStatus.CONFLICT
    assert EarlierDraft.objects.count() == 1


def test_without_a_responder_nobody_is_asked_for_another_draft(account, draft, at, mina):
    account.responder.delete()
    page = mina.get(at("draft", draft))
    assert "was deleted, so nobody can write another draft" in page.text

    answer = mina.post(at("regenerate", draft), fields("regenerate"))

    assert answer.status_code == HTTPStatus.CONFLICT
    assert "no responder that could write another draft" in answer.text
    draft.refresh_from_db()
    assert draft.awaits_approval
    mina.post(at("approve", draft), fields("approve"))
    carry_out_all()
    assert sent() == [DRAFT]


def test_a_draft_older_than_the_newest_message_cannot_be_approved(draft, at, mina):
    reply_in(draft.conversation, "generating")

    for name in DECISIONS:
        answer = mina.post(at(name, draft), fields(name), headers=HTMX)
        assert "the customer wrote something newer" in answer.text

    assert sent() == []
    assert not Reply.objects.in_hold().exists()


def test_a_note_is_left_once_and_the_draft_stays_open(draft, at, mina):
    for _ in range(2):
        answer = mina.post(at("note-on-draft", draft), fields("note-on-draft"), headers=HTMX)
    assert mina.post(at("note-on-draft", draft), fields("note-on-draft")).url == at("draft", draft)

    assert "Only your team sees it." in answer.text
    assert answer.headers["HX-Trigger"] == "lumika:conversation"
    assert Note.objects.get().body == "Ask Olga."
    assert "Ask Olga." in mina.get(at("draft", draft)).text
    draft.refresh_from_db()
    assert draft.awaits_approval


@pytest.mark.parametrize("name", [*DECISIONS, *OTHERS])
def test_a_verb_is_for_members_only(name, world, draft, at):
    before = Reply.objects.filter(pk=draft.pk).values().get()

    for headers in ({}, HTMX):
        assert signed_in(world.stranger).post(at(name, draft), fields(name), headers=headers).status_code == 404
        assert "/accounts/login/" in Client().post(at(name, draft), fields(name), headers=headers).url
    assert Reply.objects.filter(pk=draft.pk).values().get() == before
    assert not Note.objects.exists()
    assert not AuditEntry.objects.exists()

    mina = signed_in(world.agent)
    assert mina.get(at(name, draft)).status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert mina.post(at(name, draft), fields(name)).status_code in {HTTPStatus.FOUND, HTTPStatus.CONFLICT}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("first", "second"),
    [("approve-edited", "answer-by-hand"), ("answer-by-hand", "answer-by-hand"), ("approve-edited", "reject")],
)
def test_verbs_at_the_same_moment_are_one_decision(first, second, draft, at, mina, olga):
    start, told = threading.Barrier(2), []

    def press(client, name, key):
        start.wait(5)
        try:
            told.append(client.post(at(name, draft), fields(name, key=key)).status_code)
        finally:
            connection.close()

    presses = [(mina, first, str(uuid4())), (olga, second, str(uuid4()))]
    threads = [threading.Thread(target=press, args=one) for one in presses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    carry_out_all()
    assert sorted(told) == [HTTPStatus.FOUND, HTTPStatus.CONFLICT]
    assert len(sent()) == (Reply.objects.get().status != "rejected")
    assert AuditEntry.objects.count() == 1
