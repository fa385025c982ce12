"""Members, their roles, and how they go."""

import pytest
from django.urls import reverse

from tests.factories import MembershipFactory, UserFactory
from workspaces.membership import remove
from workspaces.models import AuditEntry, Membership, Role
from workspaces.verbs import Actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(world):
    return MembershipFactory(workspace=world.workspace, user=UserFactory(name="Ada"), role=Role.ADMIN)


def membership(workspace, user):
    return Membership.objects.get(workspace=workspace, user=user)


def url(name, workspace, other=None):
    return reverse(f"workspaces:{name}", args=[workspace.slug, other.pk] if other else [workspace.slug])


def actions(workspace):
    return list(AuditEntry.objects.filter(workspace=workspace).values_list("action", flat=True))


def test_everybody_sees_the_team(client, world, admin):
    client.force_login(world.agent)

    response = client.get(url("members", world.workspace))

    assert response.status_code == 200
    for person in (world.owner, world.agent, admin.user):
        assert person.email in response.content.decode()
    assert world.stranger.email not in response.content.decode()


def test_agents_see_no_controls(client, world, admin):
    manage = url("member", world.workspace, membership(world.workspace, world.agent))
    client.force_login(admin.user)
    assert manage in client.get(url("members", world.workspace)).content.decode()
    client.force_login(world.agent)

    page = client.get(url("members", world.workspace)).content.decode()

    assert manage not in page
    assert url("invite", world.workspace) not in page


def test_the_page_of_members_needs_few_queries(client, world, django_assert_max_num_queries):
    for _ in range(10):
        MembershipFactory(workspace=world.workspace)
    client.force_login(world.owner)

    with django_assert_max_num_queries(12):
        client.get(url("members", world.workspace))


def test_an_owner_makes_an_agent_an_admin(client, world):
    agent = membership(world.workspace, world.agent)
    client.force_login(world.owner)

    response = client.post(url("change-role", world.workspace, agent), {"role": "admin"}, follow=True)

    assert "is now admin" in response.content.decode()
    assert membership(world.workspace, world.agent).role == Role.ADMIN
    entry = AuditEntry.objects.get(workspace=world.workspace)
    assert (entry.action, entry.actor, entry.detail) == (
        "member.change_role",
        world.owner,
        {"from": "agent", "to": "admin"},
    )
    assert entry.ip == "127.0.0.1"


def test_a_role_that_does_not_exist_is_refused(client, world):
    client.force_login(world.owner)

    response = client.post(
        url("change-role", world.workspace, membership(world.workspace, world.agent)), {"role": "king"}
    )

    assert response.status_code == 400
    assert membership(world.workspace, world.agent).role == Role.AGENT


def test_an_admin_neither_names_nor_touches_owners(client, world, admin):
    owner, agent = membership(world.workspace, world.owner), membership(world.workspace, world.agent)
    client.force_login(admin.user)
    assert client.post(url("change-role", world.workspace, agent), {"role": "admin"}).status_code == 302

    assert client.get(url("member", world.workspace, owner)).status_code == 403
    assert client.post(url("change-role", world.workspace, owner), {"role": "agent"}).status_code == 403
    assert client.post(url("remove-member", world.workspace, owner)).status_code == 403
    assert client.post(url("change-role", world.workspace, agent), {"role": "owner"}).status_code == 403

    assert membership(world.workspace, world.owner).role == Role.OWNER
    assert membership(world.workspace, world.agent).role == Role.ADMIN


def test_the_last_owner_is_neither_demoted_nor_removed_nor_leaves(client, world):
    owner = membership(world.workspace, world.owner)
    client.force_login(world.owner)

    for name, args in (("change-role", [owner]), ("remove-member", [owner]), ("leave", [])):
        response = client.post(url(name, world.workspace, *args), {"role": "agent"}, follow=True)
        assert "the last owner" in response.content.decode()

    assert membership(world.workspace, world.owner).role == Role.OWNER
    assert actions(world.workspace) == []


def test_an_owner_may_go_when_another_one_stays(client, world):
    MembershipFactory(workspace=world.workspace, role=Role.OWNER)
    client.force_login(world.owner)

    client.post(url("leave", world.workspace))

    assert not Membership.objects.filter(workspace=world.workspace, user=world.owner).exists()
    assert actions(world.workspace) == ["member.leave"]


def test_a_removed_member_is_out_at_once(client, world, admin):
    client.force_login(world.agent)
    assert client.get(url("members", world.workspace)).status_code == 200
    agent = membership(world.workspace, world.agent)

    remove(member=agent, by=Actor(admin.user))

    assert client.get(url("members", world.workspace)).status_code == 404
    assert actions(world.workspace) == ["member.remove"]


def test_an_agent_leaves(client, world):
    client.force_login(world.agent)

    response = client.post(url("leave", world.workspace))

    assert response.url == reverse("workspaces:landing")
    assert not Membership.objects.filter(user=world.agent).exists()


def test_members_of_other_workspaces_are_out_of_reach(client, world):
    stranger = membership(world.elsewhere, world.stranger)
    client.force_login(world.owner)

    assert client.get(url("member", world.workspace, stranger)).status_code == 404
    assert client.post(url("change-role", world.workspace, stranger), {"role": "agent"}).status_code == 404
    assert client.post(url("remove-member", world.workspace, stranger)).status_code == 404

    assert membership(world.elsewhere, world.stranger).role == Role.OWNER


def test_outsiders_agents_and_anonymous_people_manage_nobody(client, world):
    agent = membership(world.workspace, world.agent)
    paths = [url("change-role", world.workspace, agent), url("remove-member", world.workspace, agent)]

    for path in paths:
        client.force_login(world.stranger)
        assert client.post(path, {"role": "admin"}).status_code == 404
        client.force_login(world.agent)
        assert client.post(path, {"role": "admin"}).status_code == 403
        client.logout()
        assert client.post(path).url.startswith(reverse("account_login"))

    assert membership(world.workspace, world.agent).role == Role.AGENT
