"""Tests of a responder from its page: bounded in number, without a database connection, and over when nobody waits."""

import threading
from contextlib import ExitStack

import httpx2
import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from integrations import trial_limits
from integrations.trial_limits import MOST_OF_A_WORKSPACE
from tests.ground import servers
from tests.ground.provider import Answer, ScriptedProvider
from tests.ground.waiting import wait_for
from workspaces.models import AuditEntry

SERVER_NAME = "lumika-trials"
CSRF = "c" * 32
QUESTION = {"question": "Hello?"}


@pytest.fixture
def path(world, model):
    return reverse("integrations:test-responder", args=[world.workspace.slug, model.pk])


@pytest.fixture
def full(world):
    """The workspace runs as many tests as it may."""
    with ExitStack() as running:
        for _ in range(MOST_OF_A_WORKSPACE):
            running.enter_context(trial_limits.room(world.workspace.pk))
        yield


@pytest.mark.django_db
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_who_asks_too_much_is_told_to_try_again(client, world, path, provider, full, headers):
    client.force_login(world.owner)
    provider.requests.clear()

    response = client.post(path, QUESTION, headers=headers)

    page = response.content.decode()
    assert response.status_code == 429 and int(response["Retry-After"]) > 0
    assert "2 tests of this workspace run already. Try again in a moment." in page
    assert "Hello?" in page, "the question stays"
    assert ("<html" in page) is not bool(headers)
    assert not provider.requests and not AuditEntry.objects.filter(action="responder.test").exists()


@pytest.mark.django_db
def test_one_workspace_does_not_take_the_tests_of_another(client, world, path, provider):
    provider.script(Answer())
    client.force_login(world.owner)
    with trial_limits.room(world.elsewhere.pk), trial_limits.room(world.elsewhere.pk):
        assert client.post(path, QUESTION).status_code == 200
    assert client.post(path, QUESTION).status_code == 200, "places are given back"


@pytest.mark.django_db
def test_a_process_has_room_for_so_many(client, world, path, provider, monkeypatch):
    monkeypatch.setattr(trial_limits, "MOST_OF_A_PROCESS", 1)
    client.force_login(world.owner)
    with trial_limits.room(world.elsewhere.pk):
        response = client.post(path, QUESTION)

    assert response.status_code == 429
    assert "as many tests as it can right now" in response.content.decode()


@pytest.mark.django_db
def test_a_test_that_fails_gives_its_room_back(client, world, path, provider):
    provider.script(Answer.failure(401))
    client.force_login(world.owner)

    answers = [client.post(path, QUESTION) for _ in range(MOST_OF_A_WORKSPACE + 1)]

    assert {answer.status_code for answer in answers} == {200}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["granian", "daphne"])
def test_a_test_holds_no_connection_and_ends_with_its_client(kind, tmp_path, world, path, model):
    with ScriptedProvider() as provider:
        provider.script(Answer(hang_before_headers=True))
        model.base_url = provider.base_url
        model.save()
        ends_with_its_client(kind, tmp_path, world, path, provider)


def ends_with_its_client(kind, tmp_path, world, path, provider):
    session = Client()
    session.force_login(world.owner)
    sent = {"cookies": {"sessionid": session.cookies["sessionid"].value, "csrftoken": CSRF}, "timeout": 8}

    with servers.running(kind, log=tmp_path / "log", PGAPPNAME=SERVER_NAME) as server, httpx2.Client(**sent) as client:
        assert client.get(f"{server}{reverse('home', args=[world.workspace.slug])}").status_code == 200, "the premise"
        pool = connections_to_the_database()
        asking = threading.Thread(target=ask_until_the_timeout, args=(client, server + path))
        asking.start()
        wait_for(lambda: provider.open_connections == 1)

        wait_for(lambda: not connections_to_the_database() - pool, seconds=5)

        assert asking.is_alive(), "the premise: it still waits"
        asking.join()
        wait_for(lambda: provider.open_connections == 0)
        assert not AuditEntry.objects.filter(action="responder.test").exists()


def ask_until_the_timeout(client, url):
    with pytest.raises(httpx2.TimeoutException):
        client.post(url, data=QUESTION | {"csrfmiddlewaretoken": CSRF})


def connections_to_the_database() -> set[int]:
    """The server's, by the process at the other end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE application_name = %s", [SERVER_NAME])
        return {pid for (pid,) in cursor.fetchall()}
