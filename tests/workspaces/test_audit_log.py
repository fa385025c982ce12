"""The audit log: who did what, when and from where."""

import re
from datetime import UTC, datetime

import pytest
import time_machine
from django.urls import reverse

from workspaces.keyset import Cursor
from workspaces.models import AuditEntry
from workspaces.pages.audit_log import PAGE

pytestmark = pytest.mark.django_db


@pytest.fixture
def path(world):
    return reverse("workspaces:audit-log", args=[world.workspace.slug])


def record(workspace, actor, action="workspace.rename", label="Home", **more):
    workspace.name = label
    return AuditEntry.objects.record(workspace=workspace, actor=actor, action=action, target=workspace, **more)


def labels(response):
    return [entry.target_label for entry in response.context["entries"]]


def test_it_says_who_what_when_and_from_where(client, world, path):
    record(world.workspace, world.owner, detail={"from": "<b>Hut</b>"}, ip="203.0.113.9")
    client.force_login(world.owner)

    page = client.get(path).content.decode()

    for text in ("Olga", "Workspace: rename", "203.0.113.9", "&lt;b&gt;Hut&lt;/b&gt;"):
        assert text in page


def test_it_is_filtered_by_action_person_and_date(client, world, path):
    with time_machine.travel(datetime(2026, 3, 1, 12, tzinfo=UTC)):
        record(world.workspace, world.owner, label="old")
    with time_machine.travel(datetime(2026, 3, 5, 23, 59, tzinfo=UTC)):
        record(world.workspace, world.agent, label="agent's")
    record(world.workspace, world.owner, action="member.leave", label="leave")
    client.force_login(world.owner)
    assert labels(client.get(path)) == ["leave", "agent's", "old"]

    assert labels(client.get(path, {"action": "member.leave"})) == ["leave"]
    assert labels(client.get(path, {"person": world.agent.pk})) == ["agent's"]
    assert labels(client.get(path, {"since": "2026-03-02", "until": "2026-03-05"})) == ["agent's"]
    assert labels(client.get(path, {"action": "member.leave", "until": "2026-03-05"})) == []


@pytest.mark.parametrize(
    "query", [{"since": "yesterday"}, {"person": "x"}, {"action": "no.such"}, {"after": "x"}, {"until": "9999-12-31"}]
)
def test_a_filter_that_is_not_right_breaks_nothing(client, world, path, query):
    record(world.workspace, world.owner)
    client.force_login(world.owner)

    assert client.get(path, query).status_code == 200


def test_older_entries_follow_without_gap_or_repeat(client, world, path):
    with time_machine.travel(datetime(2026, 3, 1, 12, tzinfo=UTC), tick=False):
        for number in range(PAGE + 3):
            record(world.workspace, world.owner, label=f"entry {number}")
    client.force_login(world.owner)

    first = client.get(path, {"action": "workspace.rename"})
    link = re.search(r'href="(\?[^"]*after=[^"]*)"', first.content.decode()).group(1).replace("&amp;", "&")
    record(world.workspace, world.owner, label="newer")
    second = client.get(path + link)

    assert "action=workspace.rename" in link
    assert len(labels(first)) == PAGE and len(labels(second)) == 3
    assert len({*labels(first), *labels(second)}) == PAGE + 3


def test_another_workspaces_entries_and_people_stay_hidden(client, world, path):
    foreign = record(world.elsewhere, world.stranger, label="secret")
    record(world.workspace, world.owner)
    client.force_login(world.owner)

    page = client.get(path, {"after": Cursor.of(foreign)}).content.decode()

    assert "secret" not in page and "Sam" not in page


def test_it_needs_few_queries(client, world, path, django_assert_max_num_queries):
    for _ in range(20):
        record(world.workspace, world.owner)
    client.force_login(world.owner)

    with django_assert_max_num_queries(12):
        client.get(path)


def test_outsiders_agents_and_anonymous_people_do_not_read_it(client, world, path):
    client.force_login(world.stranger)
    assert client.get(path).status_code == 404
    client.force_login(world.agent)
    assert client.get(path).status_code == 403
    client.logout()
    assert client.get(path).url.startswith(reverse("account_login"))
