"""The workspace's name, and its deletion."""

import pytest
from django.apps import apps
from django.db import connection
from django.urls import reverse

from conversations.models import Note
from integrations.models import IntegrationAccount, RequestRecord
from tests.factories import (
    AccountFactory,
    ArticleFactory,
    ConversationFactory,
    MembershipFactory,
    ResponderFactory,
)
from workspaces.inviting import invite
from workspaces.models import AuditEntry, Membership, Role, Workspace
from workspaces.tenancy import TenantModel
from workspaces.verbs import Actor

pytestmark = pytest.mark.django_db


def url(name, workspace):
    return reverse(f"workspaces:{name}", args=[workspace.slug])


def furnish(workspace):
    """A row in as many tables as the tenant has."""
    account = AccountFactory(workspace=workspace, responder=ResponderFactory(workspace=workspace))
    conversation = ConversationFactory(account=account)
    user = workspace.memberships.get(role=Role.OWNER).user
    Note.objects.create(workspace=workspace, conversation=conversation, author=user, body="Be kind.")
    ArticleFactory(workspace=workspace)
    invite(workspace=workspace, email="mira@example.com", role=Role.AGENT, by=Actor(user))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO conversations_message (id, conversation_id, actor, type, body) "
            "VALUES (gen_random_uuid(), %s, 'customer', 'message', 'Hello')",
            [conversation.pk],
        )
    return account


def rows(workspace):
    tables = [model for model in apps.get_models() if issubclass(model, TenantModel)]
    return {model.__name__: model._base_manager.filter(workspace=workspace.pk).count() for model in tables}


def test_an_admin_renames_the_workspace_and_its_address_stays(client, world):
    admin = MembershipFactory(workspace=world.workspace, role=Role.ADMIN)
    client.force_login(admin.user)

    response = client.post(url("rename", world.workspace), {"name": "Castle"})

    assert response.url == url("settings", world.workspace)
    assert Workspace.objects.get(slug=world.workspace.slug).name == "Castle"
    assert AuditEntry.objects.get(action="workspace.rename").detail == {"from": "Home", "to": "Castle"}


def test_an_empty_name_is_told_beside_its_field(client, world):
    client.force_login(world.owner)

    response = client.post(url("rename", world.workspace), {"name": " "})

    assert response.status_code == 422
    assert 'id="id_name_error"' in response.content.decode()
    assert Workspace.objects.get(pk=world.workspace.pk).name == "Home"


def test_an_agent_sees_the_settings_without_controls(client, world):
    client.force_login(world.agent)

    page = client.get(url("settings", world.workspace)).content.decode()

    assert url("leave", world.workspace) in page
    for name in ("rename", "delete", "audit-log"):
        assert url(name, world.workspace) not in page


def test_deleting_takes_the_typed_name(client, world):
    client.force_login(world.owner)

    response = client.post(url("delete", world.workspace), {"delete-name": "home"})

    assert response.status_code == 422
    assert "Nothing was deleted" in response.content.decode()
    assert Workspace.objects.filter(pk=world.workspace.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_deleting_takes_all_of_the_tenant_and_nothing_of_others(client, world):
    furnish(world.workspace)
    kept = furnish(world.elsewhere)
    before = rows(world.elsewhere)
    assert {name for name, count in rows(world.workspace).items() if count} >= {
        "Article", "AuditEntry", "Conversation", "IntegrationAccount", "IntegrationToken", "Invitation", "Membership",
        "Message", "Note", "Responder",
    }  # fmt: skip
    client.force_login(world.owner)

    response = client.post(url("delete", world.workspace), {"delete-name": "Home"})

    assert response.url == reverse("workspaces:landing")
    assert not Workspace.objects.filter(pk=world.workspace.pk).exists()
    assert not any(rows(world.workspace).values())
    assert rows(world.elsewhere) == before
    assert IntegrationAccount.objects.get() == kept
    assert not RequestRecord.objects.exists()


def test_only_owners_delete(client, world):
    admin = MembershipFactory(workspace=world.workspace, role=Role.ADMIN)

    for user, status in ((world.stranger, 404), (world.agent, 403), (admin.user, 403)):
        client.force_login(user)
        assert client.post(url("delete", world.workspace), {"delete-name": "Home"}).status_code == status
    client.logout()
    assert client.post(url("delete", world.workspace)).url.startswith(reverse("account_login"))

    assert Workspace.objects.filter(pk=world.workspace.pk).exists()
    assert Membership.objects.filter(workspace=world.workspace).count() == 3


def test_outsiders_agents_and_anonymous_people_rename_nothing(client, world):
    client.force_login(world.stranger)
    assert client.post(url("rename", world.workspace), {"name": "Mine"}).status_code == 404
    client.force_login(world.agent)
    assert client.post(url("rename", world.workspace), {"name": "Mine"}).status_code == 403
    client.logout()
    assert client.post(url("rename", world.workspace)).url.startswith(reverse("account_login"))
    assert client.get(url("settings", world.workspace)).url.startswith(reverse("account_login"))

    assert Workspace.objects.get(pk=world.workspace.pk).name == "Home"
