"""Two agents, a customer, and a draft: whatever meets whatever, one wins, and the other is told who."""

from datetime import timedelta
from functools import partial
from random import Random

import pytest
from django.db.models.functions import Now

from conversations.deciding import answers, customers
from conversations.deciding import drafts as replies
from conversations.deciding.answer_instead import answer_instead
from conversations.deciding.refusals import AlreadyDecided, TooLate
from conversations.models import Conversation, EarlierDraft, Message, Reply
from tests.conversations.deciding.meeting import assert_sound, meet, outside
from tests.factories import AccountFactory, ConversationFactory
from tests.factories.drafts import DRAFT, reply_in
from tests.ground.provider import Answer
from tests.ground.waiting import wait_for
from workspaces.models import AuditEntry
from workspaces.refusals import Refused
from workspaces.verbs import Actor

pytestmark = pytest.mark.django_db(transaction=True)

TIMES = 80
AT_RANDOM = 160
NEWER = "The draft is gone: the customer wrote something newer."


@pytest.fixture
def account(world, model, provider):
    """Servers of other tests may run beside these: they write the same drafts."""
    provider.script(Answer(deltas=["another ", "draft"]))
    return AccountFactory(workspace=world.workspace, responder=model, response_mode="manual")


@pytest.fixture
def drafts(account):
    """So many drafts that wait, each of a customer of its own."""
    return [reply_in(ConversationFactory(account=account), "awaiting_approval") for _ in range(TIMES)]


@pytest.fixture
def others(account):
    with outside(account) as everybody_else:
        yield everybody_else


@pytest.fixture
def agents(world):
    """Mina and Olga."""
    return world.agent, world.owner


def by(agent, verb, **how):
    return lambda reply: verb(reply=reply, by=Actor(agent), **how)


def is_refused(outcome):
    return isinstance(outcome, Refused)


def current(draft):
    return Reply.objects.select_related("message", "decided_by").get(pk=draft.pk)


def nothing_is_written():
    return not Reply.objects.filter(status__in=["queued", "generating"]).exists()


def recorded(draft):
    return list(AuditEntry.objects.about(draft.pk).values_list("action", flat=True))


SENDING = {
    "approve": replies.approve,
    "edit": partial(replies.approve_edited, body="better words"),
    "approve with the customer": replies.approve_with_customer,
    "answer instead": partial(answer_instead, body="by hand"),
}


@pytest.mark.parametrize("second", [*SENDING, "reject"])
def test_of_two_decisions_one_wins_and_the_other_agent_is_told_who_was_first(drafts, agents, second):
    mina, olga = agents
    verb = SENDING.get(second, replies.reject)

    outcomes = meet(drafts, by(mina, replies.approve), by(olga, verb), seed=second)

    assert_sound()
    for draft, (of_mina, of_olga) in zip(drafts, outcomes, strict=True):
        assert is_refused(of_mina) != is_refused(of_olga)
        winner, refused = (olga, of_mina) if is_refused(of_mina) else (mina, of_olga)
        end = current(draft)
        what = {"sent": "sent", "rejected": "rejected", "superseded": "answered"}[end.status]
        assert end.decided_by == winner
        assert isinstance(refused, AlreadyDecided)
        assert str(refused) == f"Already {what} by {winner.display_name}."
        assert Message.objects.filter(conversation=draft.conversation_id, actor="assistant").count() == (
            end.status != "rejected"
        )
        assert AuditEntry.objects.filter(workspace=draft.workspace_id, actor=winner).exists()


def test_an_approval_and_the_customers_next_message(drafts, agents, others):
    outcomes = meet(drafts, by(agents[0], replies.approve), others.writes, seed="newer")

    assert_sound()
    for draft, (approved, _) in zip(drafts, outcomes, strict=True):
        bodies = list(Message.objects.filter(conversation=draft.conversation_id).values_list("body", flat=True))
        if is_refused(approved):
            assert (str(approved), current(draft).status) == (NEWER, "superseded")
            assert bodies == ["Hello?", "And another thing"]
        else:
            assert bodies == ["Hello?", DRAFT, "And another thing"]


def test_another_draft_is_asked_for_while_the_first_is_approved(drafts, agents, others):
    mina, olga = agents

    outcomes = meet(
        drafts, by(mina, replies.regenerate, instruction="shorter"), by(olga, replies.approve), seed="again"
    )

    others.drafts(drafts[0])
    wait_for(nothing_is_written)
    assert_sound()
    for draft, (asked, approved) in zip(drafts, outcomes, strict=True):
        assert is_refused(asked) != is_refused(approved)
        end = current(draft)
        if is_refused(approved):
            assert str(approved).startswith("Another draft was asked for.")
            assert (end.status, end.text, EarlierDraft.objects.get(reply=draft).text) == (
                "awaiting_approval",
                "another draft",
                DRAFT,
            )
        else:
            assert str(asked) == f"Already sent by {olga.display_name}."
            assert (end.message.body, EarlierDraft.objects.filter(reply=draft).count()) == (DRAFT, 0)


def test_a_decision_is_taken_back_while_another_agent_decides(drafts, agents):
    mina, olga = agents
    for draft in drafts:
        replies.reject(reply=draft, by=Actor(mina), hold_seconds=60)

    outcomes = meet(drafts, by(mina, replies.undo), by(olga, replies.approve), seed="undo")

    assert_sound()
    for draft, (undone, approved) in zip(drafts, outcomes, strict=True):
        assert not is_refused(undone)
        if is_refused(approved):
            assert str(approved) == f"Already rejected by {mina.display_name}."
            assert current(draft).awaits_approval
        else:
            assert (current(draft).status, current(draft).decided_by) == ("sent", olga)


@pytest.mark.parametrize("verb", [replies.approve, replies.reject])
def test_a_decision_is_taken_back_in_the_moment_it_is_carried_out(drafts, agents, others, verb):
    mina, _ = agents
    for draft in drafts:
        verb(reply=draft, by=Actor(mina), hold_seconds=60)

    def ends_the_hold(reply):
        Reply.objects.in_hold().filter(pk=reply.pk).update(release_at=Now() + timedelta(milliseconds=1))
        others.carries_out(reply)

    outcomes = meet(drafts, by(mina, replies.undo), ends_the_hold, seed="hold")
    others.carries_out(drafts[0])

    assert_sound()
    for draft, (undone, _) in zip(drafts, outcomes, strict=True):
        end = current(draft)
        if is_refused(undone):
            assert isinstance(undone, TooLate)
            assert end.status == ("sent" if verb is replies.approve else "rejected")
        else:
            assert end.awaits_approval
            assert recorded(draft)[-1] == "reply.undo"


@pytest.mark.parametrize("hold_seconds", [0, 60])
def test_a_customer_stops_the_reply_in_the_moment_it_is_approved(drafts, agents, others, hold_seconds):
    approve = by(agents[0], replies.approve, hold_seconds=hold_seconds)

    outcomes = meet(drafts, approve, others.cancels, seed="cancel")

    assert_sound()
    for draft, (approved, status) in zip(drafts, outcomes, strict=True):
        end = current(draft)
        assert end.status == status
        if is_refused(approved):
            assert (str(approved), status) == ("The reply was stopped.", "canceled")
        else:
            assert status == ("sent" if not hold_seconds else "canceled")
        assert Message.objects.filter(conversation=draft.conversation_id).count() == 1 + (status == "sent")


def test_an_approval_and_an_agent_who_writes_anyway(drafts, agents):
    """Own words are never refused; but behind them the draft is not sent any more."""
    mina, olga = agents

    def writes(reply):
        return answers.reply_by_hand(conversation=reply.conversation, by=Actor(olga), body="by hand")

    outcomes = meet(drafts, by(mina, replies.approve), writes, seed="by hand")

    assert_sound(own_words=True)
    for draft, (approved, _) in zip(drafts, outcomes, strict=True):
        published = Message.objects.filter(conversation=draft.conversation_id, actor="assistant")
        bodies = list(published.order_by("sequence").values_list("body", flat=True))
        if is_refused(approved):
            assert (str(approved), bodies) == (f"Already answered by {olga.display_name}.", ["by hand"])
        else:
            assert bodies == [DRAFT, "by hand"]


@pytest.mark.parametrize("hold_seconds", [0, 60])
def test_a_customer_is_approved_by_one_and_blocked_by_another(drafts, agents, hold_seconds):
    mina, olga = agents

    def blocks(reply):
        customers.block_customer(conversation=reply.conversation, by=Actor(olga))

    approve = by(mina, replies.approve_with_customer, hold_seconds=hold_seconds)

    outcomes = meet(drafts, approve, blocks, seed="block")

    assert_sound()
    for draft, (approved, _) in zip(drafts, outcomes, strict=True):
        assert Conversation.objects.get(pk=draft.conversation_id).customer_is_blocked
        if is_refused(approved):
            assert str(approved) == f"Already rejected by {olga.display_name}."
        assert current(draft).status == ("rejected" if is_refused(approved) or hold_seconds else "sent")


def test_whatever_two_agents_a_customer_and_the_processes_do(account, agents, others):
    """Two steps each, at random: no state that cannot be, no second answer, nothing stale, nothing off the record."""
    drafts = [reply_in(ConversationFactory(account=account), "awaiting_approval") for _ in range(AT_RANDOM)]

    def steps(name, choices):
        def perform(reply):
            random = Random(f"{name} {drafts.index(reply)}")
            for step in random.choices(choices, k=2):
                try:
                    step(reply)
                except Refused:
                    continue

        return perform

    outcomes = meet(
        drafts,
        *(steps(agent.name, verbs_of(agent)) for agent in agents),
        steps("customer", [others.writes, others.cancels, lambda reply: None]),
        steps("processes", [others.drafts, others.carries_out]),
        seed="at random",
    )

    assert len(outcomes) == AT_RANDOM
    assert_sound(own_words=True)
    others.drafts(drafts[0])
    wait_for(nothing_is_written)
    Reply.objects.in_hold().update(release_at=Now())
    while others.carries_out(drafts[0]):
        pass
    assert_sound(own_words=True)
    ends = set(Reply.objects.values_list("status", flat=True))
    assert ends >= {"sent", "rejected", "superseded", "canceled", "awaiting_approval"}


def verbs_of(agent):
    on_replies = [
        replies.approve,
        replies.approve_with_customer,
        partial(replies.approve, hold_seconds=60),
        partial(replies.approve_edited, body="better words"),
        partial(replies.reject, hold_seconds=0.002),
        partial(replies.approve, hold_seconds=0.002),
        partial(replies.regenerate, instruction="shorter"),
        replies.undo,
        replies.carry_out,
        replies.stop,
        replies.retry,
        partial(answer_instead, body="by hand"),
    ]
    on_conversations = [
        customers.block_customer,
        customers.unreview_customer,
        customers.approve_customer,
        partial(answers.reply_by_hand, body="by hand"),
    ]
    of_conversation = [
        lambda reply, verb=verb: verb(conversation=reply.conversation, by=Actor(agent)) for verb in on_conversations
    ]
    return [by(agent, verb) for verb in on_replies] + of_conversation
