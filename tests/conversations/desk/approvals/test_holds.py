"""Decisions that can be undone for a moment: no page, and no process, is needed for them."""

import pytest
from django.utils import timezone

from conversations.deciding import drafts
from conversations.desk.approvals import queue
from conversations.models import Reply
from tests.conversations.desk.approvals.desk import HTMX, carry_out_all, draft_of, fields, sent
from tests.factories.drafts import DRAFT, reply_in
from tests.ground import servers
from tests.ground.waiting import wait_for

pytestmark = pytest.mark.django_db


def test_a_decision_can_be_undone_and_the_draft_opens_again(draft, at, mina):
    mina.post(at("approve", draft), fields("approve"))
    assert not queue.waiting(draft.workspace).exists()

    answer = mina.post(at("undo", draft), headers=HTMX)

    assert answer.headers["HX-Replace-Url"] == at("draft", draft)
    assert f"{DRAFT}</textarea>" in answer.text
    assert "Taken back" in answer.text
    assert mina.post(at("undo", draft)).url == at("draft", draft)
    carry_out_all()
    assert sent() == []
    assert queue.waiting(draft.workspace).get() == draft


def test_what_is_held_is_sent_though_every_page_is_closed(draft, at, mina):
    mina.post(at("approve", draft), fields("approve"))
    assert sent() == []

    carry_out_all()

    assert sent() == [DRAFT]


def test_send_now_does_not_wait_and_leaves_the_open_draft_alone(account, draft, at, mina):
    other = draft_of(account, "customer-43", minutes=1)
    mina.post(at("approve", draft), fields("approve"))
    page = mina.get(at("draft", other)).text
    assert "Sending to" in page
    assert "data-hold=" in page

    answer = mina.post(at("carry-out", draft), {"open": str(other.pk), "held": str(draft.pk)}, headers=HTMX)

    assert sent() == [DRAFT]
    assert "Sent to" in answer.text
    assert "textarea" not in answer.text
    assert mina.post(at("carry-out", draft), {"open": str(other.pk)}).url == at("draft", other)
    assert sent() == [DRAFT]


def test_only_who_decided_sees_the_hold(draft, at, mina, olga):
    mina.post(at("approve", draft), fields("approve"))

    assert "data-hold=" in mina.get(at("held")).text
    assert "data-hold=" not in olga.get(at("held"), {"held": str(draft.pk)}).text


def test_a_customer_who_writes_during_the_hold_gets_nothing_and_the_agent_is_told(account, draft, at, mina):
    mina.post(at("approve", draft), fields("approve"))
    Reply.objects.filter(pk=draft.pk).update(status="superseded", finished_at=timezone.now())  # as accept_1.sql does
    reply_in(draft.conversation, "generating")

    held = mina.get(at("held"), {"held": str(draft.pk)})

    assert "Not sent to" in held.text
    assert f'value="{draft.pk}"' in held.text
    carry_out_all()
    assert sent() == []
    state = mina.get(at("draft-state", draft))
    assert "Nothing was sent: the customer wrote something newer" in state.text


def test_without_a_time_to_undo_a_decision_is_carried_out_at_once(draft, at, mina, settings):
    settings.LUMIKA_UNDO_SECONDS = 0

    answer = mina.post(at("approve", draft), fields("approve"), headers=HTMX)

    assert "Sent to customer-42." in answer.text
    assert "data-hold=" not in answer.text
    assert sent() == [DRAFT]


@pytest.mark.django_db(transaction=True)
def test_what_was_decided_before_every_process_died_is_carried_out_by_the_next_one(world, draft, tmp_path):
    drafts.approve(reply=draft, agent=world.agent, hold_seconds=0.5)
    assert sent() == []

    with servers.running(log=tmp_path / "log"):
        wait_for(lambda: sent() == [DRAFT])
