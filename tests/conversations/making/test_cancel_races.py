"""Stopping a reply in the very moment in which something else happens to it, in two processes."""

import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from random import Random
from threading import Event

import pytest
from django.db import connection

from conversations.deciding import answers, drafts
from conversations.deciding.refusals import AlreadyDecided
from conversations.models import Message, Reply
from tests.conversations.making.stopping import cancel, canceled
from tests.factories import AccountFactory
from tests.ground import streams
from tests.ground.provider import Answer
from tests.ground.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 12
AT_A_TIME = 8
DELTAS = ("one ", "two ", "three ", "four")


@pytest.fixture
def processes(granian, daphne):
    """Two of them: whoever writes a reply, half of the requests to stop it come to the other."""
    return granian, daphne


@pytest.fixture
def manual(world, model, provider):
    provider.script(Answer(deltas=["a ", "held ", "draft"]))
    return AccountFactory(workspace=world.workspace, responder=model, response_mode="manual")


def in_rounds(play, *, rounds=ROUNDS):
    """Plays so many rounds, several at a time, each with its number and chances of its own; what they came to."""

    def once(number):
        try:
            return play(number, Random(f"{play.__name__} {number}"))
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_A_TIME) as pool:
        return list(pool.map(once, range(rounds)))


def at_once(random, *calls):
    """What each of the calls came to, begun within a tenth of a second, each in a thread of its own."""

    def called(call, wait):
        try:
            time.sleep(wait)
            return call()
        except AlreadyDecided as told:
            return told
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(called, calls, [random.choice((0, random.uniform(0, 0.1))) for _ in calls]))


def sent_in(name):
    found = Message.objects.filter(conversation__external_id=name, actor="assistant").order_by("sequence")
    return list(found.values_list("body", flat=True))


def test_a_stop_at_any_moment_of_the_writing(processes, account, provider):
    provider.script(Answer(deltas=DELTAS, delay=0.1))
    whole = "".join(DELTAS)

    def play(number, random):
        name, first, second = f"writing-{number}", *random.sample(processes, 2)
        with streams.opened(first, account.token, conversationId=name, textContent="Hello?") as stream:
            blocks = [stream.until("accepted")]
            time.sleep(random.uniform(0, 0.5))
            answer = cancel(
                random.choice((first, second)), account.token, reply=blocks[0].data["replyId"], conversation=name
            )
            blocks += list(stream)
        return name, answer, blocks

    for name, answer, blocks in in_rounds(play):
        assert answer.json["status"] in {"generating", "sent"}, name
        end = blocks[-1].data
        page = streams.history(processes[0], account.token, name)["messages"]
        if end["type"] == "error":
            assert (end["code"], sent_in(name), len(page)) == ("canceled", [], 1)
            continue
        body = end["message"]["body"]
        assert streams.text_of(blocks) == body == page[-1]["body"]
        assert [body] == sent_in(name)
        assert whole.startswith(body)
        assert end["message"]["data"].get("stopped", False) or body == whole


@pytest.mark.parametrize("verb", ["approve", "reject", "by hand"])
def test_of_a_stop_and_an_agent_one_wins(processes, manual, world, verb):
    def decide(reply):
        if verb == "approve":
            return drafts.approve(reply=reply, agent=world.agent).status
        if verb == "reject":
            return drafts.reject(reply=reply, agent=world.agent).status
        return answers.reply_by_hand(conversation=reply.conversation, agent=world.agent, body="by hand").body

    def play(number, random):
        name = f"{verb}-{number}"
        with streams.opened(processes[0], manual.token, conversationId=name, textContent="Hello?") as stream:
            stream.until("pending")
            reply = Reply.objects.select_related("conversation").get(conversation__external_id=name)
            which = random.choice(processes)
            status, decided = at_once(
                random,
                partial(canceled, which, manual.token, reply=reply, conversation=name),
                partial(decide, reply),
            )
            return name, status, decided, [block.data for block in stream]

    for name, status, decided, ending in in_rounds(play):
        assert Reply.objects.get(conversation__external_id=name).status == status
        sent = sent_in(name)
        if verb == "by hand":
            assert sent == [decided] == ["by hand"]
            assert [end["type"] for end in ending] == ["error" if status == "canceled" else "final"]
        elif status == "canceled":
            assert (str(decided), sent) == ("The reply was stopped.", [])
            assert [end["code"] for end in ending] == ["canceled"]
        else:
            assert decided == status == ("sent" if verb == "approve" else "rejected")
            assert len(sent) == (verb == "approve") == len(ending)


def test_of_a_stop_and_the_end_of_a_hold_one_wins(processes, manual, world):
    def play(number, random):
        name = f"hold-{number}"
        with streams.opened(processes[0], manual.token, conversationId=name, textContent="Hello?") as stream:
            stream.until("pending")
            reply = Reply.objects.select_related("conversation").get(conversation__external_id=name)
            drafts.approve(reply=reply, agent=world.agent, hold_seconds=1)
            time.sleep(random.uniform(0.5, 2))
            status = canceled(random.choice(processes), manual.token, reply=reply, conversation=name)
            return name, status, [block.data for block in stream]

    for name, status, ending in in_rounds(play):
        assert status == Reply.objects.get(conversation__external_id=name).status
        assert len(sent_in(name)) == (status == "sent"), name
        assert [end["type"] for end in ending] == ["final" if status == "sent" else "error"]


def test_a_stop_and_the_customers_next_message(processes, manual, provider):
    """The stopped draft is gone either way, and the newer message gets a draft of its own."""

    def play(number, random):
        name = f"newer-{number}"
        first, second = random.sample(processes, 2)
        with streams.opened(first, manual.token, conversationId=name, textContent="1") as stream:
            stream.until("pending")
            reply = Reply.objects.get(conversation__external_id=name)

            was_accepted = Event()

            def send():
                with streams.opened(second, manual.token, conversationId=name, textContent="2") as newer:
                    newer.until("accepted")
                    was_accepted.set()
                    newer.until("pending")

            def stop():
                was_accepted.wait(random.choice((0, 0.1, 0.2, 10)))
                return canceled(first, manual.token, reply=reply, conversation=name)

            status, _ = at_once(random, stop, send)
            return name, status

    for name, status in in_rounds(play):
        found = Reply.objects.filter(conversation__external_id=name).order_by("created_at")
        assert [reply.status for reply in found] == [status, "awaiting_approval"]
        assert status in {"canceled", "superseded"}
        assert sent_in(name) == []


def test_a_queued_reply_is_stopped_while_its_turn_comes(processes, account, provider):
    provider.script(Answer(deltas=["a ", "b "], delay=0.5))

    def play(number, random):
        name = f"turn-{number}"
        first, second = random.sample(processes, 2)
        with (
            streams.opened(first, account.token, conversationId=name, textContent="1") as one,
            streams.opened(second, account.token, conversationId=name, textContent="2") as two,
            streams.opened(first, account.token, conversationId=name, textContent="3") as three,
        ):
            reply = two.until("accepted").data["replyId"]
            time.sleep(random.uniform(0, 1))
            canceled(random.choice(processes), account.token, reply=reply, conversation=name)
            return name, list(two), [one.until("final").data, three.until("final").data]

    for name, stopped, others in in_rounds(play, rounds=AT_A_TIME):
        bodies = [other["message"]["body"] for other in others]
        assert bodies == ["a b ", "a b "]
        end = stopped[-1].data
        texts = [streams.text_of(stopped)] if end["type"] == "final" else []
        assert texts == ([end["message"]["body"]] if end["type"] == "final" else [])
        assert sent_in(name) == [bodies[0], *texts, bodies[1]], name


def test_two_processes_are_told_to_stop_in_the_same_moment(processes, account, provider):
    provider.script(Answer(deltas=["one ", "two "], hang_after=1))

    def play(number, random):
        name = f"both-{number}"
        with streams.opened(
            random.choice(processes), account.token, conversationId=name, textContent="Hello?"
        ) as stream:
            stream.until("partial")
            reply = Reply.objects.get(conversation__external_id=name)
            at_once(
                random,
                *(partial(canceled, process, account.token, reply=reply, conversation=name) for process in processes),
            )
            assert stream.until("final").data["message"]["body"] == "one "
            return name

    for name in in_rounds(play):
        assert sent_in(name) == ["one "]
    wait_for(lambda: not Reply.objects.filter(status__in=["queued", "generating"]).exists())
