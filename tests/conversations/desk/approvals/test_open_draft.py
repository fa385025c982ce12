"""What somebody who has a draft open is told when it is not what it was."""

from http import HTTPStatus

import pytest

from conversations.models import Reply
from tests.conversations.desk.approvals.desk import (
    HTMX,
    fields,
)
from tests.factories.drafts import reply_in

pytestmark = pytest.mark.django_db


def test_a_draft_that_was_written_anew_is_offered_to_who_has_the_old_one_open(draft, at, mina, olga):
    olga.post(at("regenerate", draft), fields("regenerate"))
    known = {"attempt": "1", "mark": "awaiting_approval..1."}
    assert "Another draft was asked for." in mina.get(at("draft-state", draft), known).text

    Reply.objects.filter(pk=draft.pk).update(status="awaiting_approval", attempt=2, text="Shorter.")

    state = mina.get(at("draft-state", draft), known)
    assert "Show the new draft" in state.text
    assert 'data-allows="answer"' in state.text
    refused = mina.post(at("approve", draft), fields("approve", open=str(draft.pk)), headers=HTMX)
    assert "Another draft was written meanwhile." in refused.text
    assert "Shorter.</textarea>" in mina.get(at("draft", draft)).text


def test_the_newer_draft_is_offered_in_place_of_the_superseded_one(draft, at, mina):
    Reply.objects.filter(pk=draft.pk).update(status="superseded")
    newer = reply_in(draft.conversation, "awaiting_approval")

    state = mina.get(at("draft-state", draft))

    assert "Open the new draft" in state.text
    assert at("draft", newer) in state.text


def test_the_state_is_sent_only_when_it_says_something_else(draft, at, mina, olga):
    known = {"attempt": "1", "mark": "awaiting_approval..1."}
    assert mina.get(at("draft-state", draft), known).status_code == HTTPStatus.NO_CONTENT

    olga.post(at("approve", draft), fields("approve"))

    state = mina.get(at("draft-state", draft), known)
    assert "Already approved by Olga." in state.text
    assert 'data-allows=""' in state.text
