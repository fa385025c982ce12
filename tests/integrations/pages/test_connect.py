"""The Connect page: samples with the token masked, and with the real one after a POST that is on record."""

import pytest
from django.urls import reverse

from integrations.models import IntegrationAccount
from tests.factories import AccountFactory
from workspaces.models import AuditEntry

pytestmark = pytest.mark.django_db


def address(account, workspace=None):
    return reverse("integrations:connect", args=[(workspace or account.workspace).slug, account.pk])


def names(response):
    return [snippet.name for snippet in response.context["snippets"]]


def test_the_samples_hold_the_address_but_not_the_token(client, world, account, settings):
    settings.PUBLIC_URL = "https://lumika.example"
    client.force_login(world.owner)

    response = client.get(address(account))

    assert names(response) == ["curl", "python", "javascript", "html"]
    assert all("https://lumika.example/conversation/sse" in snippet.code for snippet in response.context["snippets"])
    assert account.token not in response.text
    assert account.token[-12:] not in response.text
    assert not AuditEntry.objects.exists()


def test_a_post_shows_the_token_once_and_says_so_in_the_audit_log(client, world, account):
    client.force_login(world.owner)

    response = client.post(address(account))

    assert response.text.count(account.token) == 4
    assert response.headers["Cache-Control"] == "no-store"
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor_id, entry.workspace_id) == ("token.reveal", world.owner.pk, account.workspace_id)
    assert account.token not in str(entry.detail)
    assert account.token not in client.get(address(account)).text


def test_a_retired_account_shows_no_token(client, world, account):
    account.retire()
    client.force_login(world.owner)

    response = client.post(address(account))

    assert "is retired" in response.text
    assert account.token not in response.text
    assert not AuditEntry.objects.exists()


def test_without_a_working_token_it_says_what_to_do(client, world, account):
    account.tokens.get().revoke()
    client.force_login(world.owner)

    response = client.post(address(account))

    assert "Rotate the token" in response.text
    assert account.token not in response.text


def test_a_widget_with_allowed_domains_gets_no_samples_for_servers(client, world):
    widget = AccountFactory(workspace=world.workspace, kind="widget")
    client.force_login(world.owner)
    assert names(client.get(address(widget))) == ["javascript", "html", "curl", "python"]

    IntegrationAccount.objects.update(allowed_domains=["example.com"])

    assert names(client.get(address(widget))) == ["javascript", "html"]


def test_it_is_for_admins_of_the_workspace_only(client, world, account):
    assert client.get(address(account)).status_code == 302

    client.force_login(world.agent)
    assert client.get(address(account)).status_code == 403
    assert client.post(address(account)).status_code == 403

    client.force_login(world.stranger)
    assert client.get(address(account)).status_code == 404
    assert client.post(address(account, world.elsewhere)).status_code == 404
    assert not AuditEntry.objects.exists()
