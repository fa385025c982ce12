"""The console's page and what it gives the browser: the token on demand only, on record, never stored."""

import pytest
from django.urls import reverse

from integrations import signatures
from integrations.models import IntegrationAccount
from tests.factories import AccountFactory
from workspaces.models import AuditEntry

pytestmark = pytest.mark.django_db


def address(account, workspace=None):
    return reverse("integrations:try-it", args=[(workspace or account.workspace).slug, account.pk])


def test_the_page_holds_no_token(client, world, account):
    client.force_login(world.owner)

    response = client.get(address(account))

    assert response.status_code == 200
    assert account.token not in response.text
    assert not AuditEntry.objects.exists()


def test_start_gives_the_token_and_a_conversation_and_says_so_in_the_audit_log(client, world, account):
    client.force_login(world.owner)

    response = client.post(address(account))

    assert response.headers["Cache-Control"] == "no-store"
    answer = response.json()
    assert answer["integrationToken"] == account.token
    assert answer["conversationId"].startswith("try-it-")
    assert answer.keys() == {"integrationToken", "conversationId", "conversationSignature"}
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor_id) == ("token.reveal", world.owner.pk)
    assert entry.detail == {"account": account.name, "purpose": "try it"}


@pytest.mark.parametrize("is_demanded", [True, False])
def test_the_conversation_is_signed_whether_the_account_demands_it_or_not(client, world, is_demanded):
    account = AccountFactory(workspace=world.workspace, require_signature=is_demanded)
    client.force_login(world.owner)

    answer = client.post(address(account)).json()

    secret = account.reveal_identity_secret()
    assert signatures.verify(secret, answer["conversationId"], answer["conversationSignature"])


def test_a_widget_lets_the_server_name_the_conversation(client, world):
    widget = AccountFactory(workspace=world.workspace, kind="widget")
    client.force_login(world.owner)

    assert client.post(address(widget)).json() == {"integrationToken": widget.token}


@pytest.mark.parametrize(
    ("kind", "domains", "is_refused"),
    [
        ("api", [], False),
        ("widget", [], False),
        ("widget", ["http://testserver"], False),
        ("widget", ["example.com"], True),
        ("api", ["example.com"], True),
    ],
)
def test_it_explains_when_the_page_itself_will_be_refused(client, world, kind, domains, is_refused):
    account = AccountFactory(workspace=world.workspace, kind=kind, allowed_domains=domains)
    client.force_login(world.owner)

    assert ("origin_not_allowed" in client.get(address(account)).text) is is_refused


def test_a_retired_account_cannot_start(client, world, account):
    account.retire()
    client.force_login(world.owner)

    response = client.post(address(account))

    assert response.status_code == 409
    assert "retired" in response.json()["message"]
    assert not AuditEntry.objects.exists()


def test_an_unreadable_token_says_which_key_is_missing(client, world, account):
    account.tokens.update(ciphertext=b"written with another key")
    client.force_login(world.owner)

    response = client.post(address(account))

    assert response.status_code == 409
    assert "LUMIKA_ENCRYPTION_KEYS" in response.json()["message"]


def test_it_is_for_admins_of_the_workspace_only(client, world, account):
    assert client.get(address(account)).status_code == 302
    assert client.post(address(account)).status_code == 302

    client.force_login(world.agent)
    assert client.get(address(account)).status_code == 403
    assert client.post(address(account)).status_code == 403

    client.force_login(world.stranger)
    assert client.get(address(account)).status_code == 404
    assert client.post(address(account, world.elsewhere)).status_code == 404
    assert IntegrationAccount.objects.exists()
    assert not AuditEntry.objects.exists()
