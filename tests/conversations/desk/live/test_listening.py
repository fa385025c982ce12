"""Who may listen to a workspace's events, and what arrives on the socket of a page."""

from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.db import OperationalError

from conversations.deciding import handling
from conversations.desk.live import admission, consumers
from conversations.models import Viewing
from tests.conversations.desk.live.desk_socket import in_thread
from workspaces import membership
from workspaces.models import Membership, Role
from workspaces.verbs import Actor

pytestmark = pytest.mark.django_db(transaction=True)

NOT_SIGNED_IN, NO_MEMBER, COME_AGAIN = 4401, 4404, 1012
NONSENSE = [
    "",
    "x",
    "null",
    "[]",
    "{}",
    "42",
    '"watch"',
    '{"watch": 42}',
    '{"watch": []}',
    '{"watch": true}',
    '{"watch": "not an id"}',
    '{"watch": "\\ud800"}',
    '{"look": null}',
    '{"type": "membership.ended"}',
    "[" * 200,
    '{"watch": "' + "0" * 100_000 + '"}',
    b"\xff\x00",
]


async def test_members_are_let_in(world, sessions, opened):
    for who in ("owner", "agent"):
        await opened.socket(world.workspace.slug, sessions[who])


async def test_anonymous_people_are_refused(world, opened):
    assert await opened.unopened(world.workspace.slug, None).refusal() == NOT_SIGNED_IN
    assert await opened.unopened(world.workspace.slug, "x" * 32).refusal() == NOT_SIGNED_IN


async def test_strangers_cannot_tell_a_workspace_from_none(world, sessions, opened):
    assert await opened.unopened(world.workspace.slug, sessions["stranger"]).refusal() == NO_MEMBER
    assert await opened.unopened("no-such-workspace", sessions["stranger"]).refusal() == NO_MEMBER


async def test_no_other_address_opens_a_socket(sessions, opened):
    is_open, _ = await opened.unopened("", sessions["agent"], path="/somewhere/").connect()

    assert not is_open


async def test_an_event_reaches_its_own_workspace_only(world, sessions, opened, conversation, foreign):
    ours = await opened.socket(world.workspace.slug, sessions["agent"])
    theirs = await opened.socket(world.elsewhere.slug, sessions["stranger"])

    await in_thread(handling.close, conversation=conversation, by=Actor(world.agent))
    await in_thread(handling.close, conversation=foreign, by=Actor(world.stranger))

    assert await ours.said() == {"changed": [str(conversation.pk)]}
    assert await theirs.said() == {"changed": [str(foreign.pk)]}
    assert await ours.receive_nothing()
    assert await theirs.receive_nothing()


async def test_a_removed_member_is_shut_out_at_once(world, sessions, opened, conversation):
    agent = await opened.socket(world.workspace.slug, sessions["agent"])
    owner = await opened.socket(world.workspace.slug, sessions["owner"])
    member = await Membership.objects.aget(workspace=world.workspace, user=world.agent)

    await in_thread(membership.remove, member=member, by=Actor(world.owner))

    assert await agent.closed() == NO_MEMBER
    await in_thread(handling.close, conversation=conversation, by=Actor(world.owner))
    assert await owner.said() == {"changed": [str(conversation.pk)]}
    assert await agent.receive_nothing()


async def test_another_role_shuts_nobody_out(world, sessions, opened, conversation):
    agent = await opened.socket(world.workspace.slug, sessions["agent"])
    member = await Membership.objects.aget(workspace=world.workspace, user=world.agent)

    await in_thread(membership.change_role, member=member, to=Role.ADMIN, by=Actor(world.owner))

    await in_thread(handling.close, conversation=conversation, by=Actor(world.owner))
    assert await agent.said() == {"changed": [str(conversation.pk)]}


async def test_signing_out_ends_the_socket(world, sessions, opened, hasty):
    agent = await opened.socket(world.workspace.slug, sessions["agent"])
    owner = await opened.socket(world.workspace.slug, sessions["owner"])

    await Session.objects.filter(session_key=sessions["agent"]).adelete()

    assert await agent.end() == NOT_SIGNED_IN
    assert await owner.receive_from() == "{}"


async def test_a_new_password_ends_the_sockets_of_other_sessions(world, sessions, opened, hasty):
    agent = await opened.socket(world.workspace.slug, sessions["agent"])

    world.agent.set_password("another long password")
    await world.agent.asave()

    assert await agent.end() == NOT_SIGNED_IN


async def test_a_person_who_was_switched_off_is_shut_out(world, sessions, opened, hasty):
    agent = await opened.socket(world.workspace.slug, sessions["agent"])

    await get_user_model().objects.filter(pk=world.agent.pk).aupdate(is_active=False)

    assert await agent.end() == NOT_SIGNED_IN


async def test_nobody_is_shut_out_because_the_database_is_away(
    world, sessions, opened, hasty, conversation, monkeypatch
):
    agent = await opened.socket(world.workspace.slug, sessions["agent"])
    asked = []

    def away(**_):
        asked.append(True)
        raise OperationalError

    monkeypatch.setattr(consumers, "admit", away)
    while len(asked) < 2:
        assert await agent.receive_from() == "{}"

    newcomer = opened.unopened(world.workspace.slug, sessions["agent"])
    assert await newcomer.refusal() == COME_AGAIN
    monkeypatch.setattr(consumers, "admit", admission.admit)
    await in_thread(handling.close, conversation=conversation, by=Actor(world.owner))
    assert await agent.said() == {"changed": [str(conversation.pk)]}


async def test_a_sign_of_life_comes_at_least_every_ten_seconds(world, sessions, opened, monkeypatch):
    assert consumers.BEAT_SECONDS < 10
    monkeypatch.setattr(consumers, "BEAT_SECONDS", 0.05)

    agent = await opened.socket(world.workspace.slug, sessions["agent"])

    assert [await agent.receive_from() for _ in range(3)] == ["{}"] * 3


async def test_a_page_that_says_nothing_for_long_is_closed(world, sessions, opened, hasty, monkeypatch):
    monkeypatch.setattr(consumers, "SILENCE_SECONDS", 0.3)
    agent = await opened.socket(world.workspace.slug, sessions["agent"])
    for _ in range(10):
        await agent.send_to("still here")
        assert await agent.receive_from() == "{}"

    assert await agent.end() == COME_AGAIN


async def test_a_server_that_ends_sends_its_pages_to_another(world, sessions, opened):
    agent = await opened.socket(world.workspace.slug, sessions["agent"])

    await consumers.end_all()

    assert await agent.closed() == COME_AGAIN


async def test_what_makes_no_sense_is_ignored(world, sessions, opened, conversation):
    agent = await opened.socket(world.workspace.slug, sessions["agent"])

    for words in NONSENSE:
        message = {"bytes": words} if isinstance(words, bytes) else {"text": words}
        await agent.send_input({"type": "websocket.receive", **message})

    assert await agent.receive_nothing()
    await agent.watch(conversation.pk)
    assert await agent.said() == {"viewed": str(conversation.pk)}


async def test_conversations_of_others_cannot_be_watched(world, sessions, opened, conversation, foreign):
    theirs = await opened.socket(world.elsewhere.slug, sessions["stranger"])
    await theirs.watch(foreign.pk)
    assert await theirs.said() == {"viewed": str(foreign.pk)}
    agent = await opened.socket(world.workspace.slug, sessions["agent"])

    for conversation_id in (foreign.pk, uuid4()):
        await agent.watch(conversation_id)

    assert await agent.receive_nothing()
    assert await theirs.receive_nothing()
    assert [viewing.user_id async for viewing in Viewing.objects.all()] == [world.stranger.pk]
    await agent.watch(conversation.pk)
    assert await agent.said() == {"viewed": str(conversation.pk)}
