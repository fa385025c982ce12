"""The list of integration accounts, making one, and its settings."""

import pytest
from django.utils import timezone

from integrations import accounts, identity_secrets
from integrations.models import IntegrationAccount
from tests.factories import AccountFactory, RefusedOriginFactory, ResponderFactory
from tests.integrations.pages.addresses import assert_for_admins, url
from tests.integrations.pages.browsing import shown
from workspaces.erasing import erase
from workspaces.models import AuditEntry

# The list


def test_the_list_shows_how_each_account_stands(world, client, admin, django_assert_max_num_queries):
    good = AccountFactory(
        workspace=world.workspace, name="Good one", responder=ResponderFactory(workspace=world.workspace)
    )
    good.tokens.update(last_used_at=timezone.now())
    AccountFactory(workspace=world.workspace, name="Nobody replies")
    failing = ResponderFactory(
        workspace=world.workspace, last_error_code="provider_auth", last_error_message="Bad key."
    )
    RefusedOriginFactory(account=AccountFactory(workspace=world.workspace, name="Broken", responder=failing))
    AccountFactory(workspace=world.workspace, name="Gone", status="retired")
    AccountFactory(workspace=world.elsewhere, name="Not ours")

    with django_assert_max_num_queries(12):
        response = client.get(url("accounts", world.workspace))

    labels = {account.name: [sign.label for sign in signs] for account, signs in response.context["rows"]}
    assert labels == {
        "Good one": ["Good"],
        "Nobody replies": ["No responder"],
        "Broken": ["Responder failed", "1 refused origin"],
        "Gone": ["Retired"],
    }
    assert list(labels)[-1] == "Gone"


def test_the_empty_list_names_the_next_action(world, client, admin):
    response = client.get(url("accounts", world.workspace))

    assert b"No integration yet" in response.content
    assert response.content.count(url("create-account", world.workspace).encode()) == 1


# Making one


def test_a_new_account_leads_to_its_page_where_the_token_is_shown_once(world, client, admin):
    responder = ResponderFactory(workspace=world.workspace)
    data = {
        "kind": "widget",
        "name": "Shop",
        "responder": responder.pk,
        "response_mode": "manual",
        "allowed_domains": "Shop.Example.com\n\n*.example.org\nshop.example.com",
    }

    response = client.post(url("create-account", world.workspace), data)

    account = IntegrationAccount.objects.get()
    assert response.status_code == 302
    assert response.url == url("account", world.workspace, account.pk)
    assert (account.workspace, account.kind, account.name) == (world.workspace, "widget", "Shop")
    assert (account.responder, account.response_mode) == (responder, "manual")
    assert account.allowed_domains == ["shop.example.com", "*.example.org"]
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.target_id) == (admin, "account.create", account.pk)
    token = account.tokens.get().reveal()
    page = client.get(response.url)
    assert token in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert token not in client.get(response.url).text
    assert token not in str(dict(client.session))


def test_a_mistake_in_the_form_makes_no_account_and_keeps_what_was_typed(world, client, admin):
    data = {"kind": "api", "name": "Shop", "response_mode": "auto", "allowed_domains": "good.example\n*.com"}

    response = client.post(url("create-account", world.workspace), data)

    assert "Line 2, “*.com”" in response.text
    assert 'value="Shop"' in response.text
    assert not IntegrationAccount.objects.exists()


def test_a_responder_of_another_workspace_cannot_be_chosen(world, client, admin):
    foreign = ResponderFactory(workspace=world.elsewhere)
    data = {"kind": "api", "name": "Shop", "response_mode": "auto", "responder": foreign.pk}

    response = client.post(url("create-account", world.workspace), data)

    assert "responder" in response.context["form"].errors
    assert not IntegrationAccount.objects.exists()
    assert client.post(url("create-account", world.workspace), data | {"responder": ""}).status_code == 302


# Settings


def test_the_settings_are_saved(world, client, admin, shop, django_assert_max_num_queries):
    page = url("account", world.workspace, shop.pk)
    with django_assert_max_num_queries(12):
        data = shown(client.get(page))

    response = client.post(page, data | {"response_mode": "manual", "require_signature": "on", "responder": ""})

    assert response.url == page
    shop.refresh_from_db()
    assert (shop.name, shop.response_mode, shop.require_signature, shop.responder) == ("Shop", "manual", True, None)
    entry = AuditEntry.objects.get()
    assert entry.action == "account.change"
    assert entry.detail == {"changed": ["responder", "response_mode", "require_signature"]}


def test_an_account_is_not_given_a_responder_of_another_workspace(world, client, admin, shop):
    page = url("account", world.workspace, shop.pk)
    ours, foreign = ResponderFactory(workspace=world.workspace), ResponderFactory(workspace=world.elsewhere)
    assert client.post(page, shown(client.get(page)) | {"responder": ours.pk}).status_code == 302

    response = client.post(page, shown(client.get(page)) | {"responder": foreign.pk})

    assert "responder" in response.context["form"].errors
    shop.refresh_from_db()
    assert shop.responder == ours


def test_the_second_of_two_admins_sees_what_the_first_one_changed(world, client, admin, shop):
    page = url("account", world.workspace, shop.pk)
    mine = shown(client.get(page))
    theirs = shown(client.get(page))
    client.post(page, theirs | {"name": "Shop, theirs", "response_mode": "manual"})

    conflict = client.post(page, mine | {"name": "Shop, mine"})

    assert [tuple(change) for change in conflict.context["form"].changed_meanwhile] == [
        ("Name", "Shop, theirs", "Shop, mine"),
        ("Replies", "Manual approval (approved customers only)", None),
    ]
    assert "Somebody else saved this" in conflict.text
    assert "<h1>Shop, theirs</h1>" in conflict.text
    shop.refresh_from_db()
    assert shop.name == "Shop, theirs"

    knowingly = client.post(page, shown(conflict))

    assert knowingly.status_code == 302
    shop.refresh_from_db()
    assert (shop.name, shop.response_mode) == ("Shop, mine", "manual")


def test_a_change_elsewhere_on_the_account_is_no_conflict(world, client, admin, shop):
    page = url("account", world.workspace, shop.pk)
    mine = shown(client.get(page))
    shop.allowed_domains = ["example.com"]
    shop.save()

    response = client.post(page, mine | {"name": "Shop, mine"})

    assert response.status_code == 302
    shop.refresh_from_db()
    assert (shop.name, shop.allowed_domains) == ("Shop, mine", ["example.com"])


def test_the_check_holds_without_the_remembered_values(world, client, admin, shop):
    page = url("account", world.workspace, shop.pk)
    mine = {key: value for key, value in shown(client.get(page)).items() if not key.startswith("initial-")}
    shop.name = "Shop, theirs"
    shop.save()

    response = client.post(page, mine | {"name": "Shop, mine"})

    assert ("Name", "Shop, theirs", "Shop, mine") in response.context["form"].changed_meanwhile
    shop.refresh_from_db()
    assert shop.name == "Shop, theirs"


def test_what_somebody_saves_at_the_same_moment_is_compared_too(world, client, admin, shop, monkeypatch):
    page = url("account", world.workspace, shop.pk)
    mine = shown(client.get(page))
    change = accounts.change

    def overtaken(**changes):
        monkeypatch.setattr(accounts, "change", change)
        shop.name = "Shop, theirs"
        shop.save()
        change(**changes)

    monkeypatch.setattr(accounts, "change", overtaken)
    conflict = client.post(page, mine | {"name": "Shop, mine"})

    assert ("Name", "Shop, theirs", "Shop, mine") in conflict.context["form"].changed_meanwhile
    shop.refresh_from_db()
    assert shop.name == "Shop, theirs"
    assert not AuditEntry.objects.exists()


# The identity secret


def test_the_identity_secret_is_shown_on_request_only_and_noted(world, client, admin, shop):
    secret = shop.reveal_identity_secret()
    page = url("account", world.workspace, shop.pk)

    response = client.post(url("reveal-identity-secret", world.workspace, shop.pk))

    assert secret in response.text
    assert response.headers["Cache-Control"] == "no-store"
    assert secret not in client.get(page).text
    assert client.get(url("reveal-identity-secret", world.workspace, shop.pk)).status_code == 405
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.target_id) == ("identity_secret.reveal", shop.pk)
    assert secret not in str(entry.detail)


def test_the_identity_secret_is_rotated(world, client, admin, shop):
    old = shop.reveal_identity_secret()

    response = client.post(url("rotate-identity-secret", world.workspace, shop.pk))

    assert response.status_code == 302
    shop.refresh_from_db()
    assert shop.reveal_identity_secret() != old
    assert AuditEntry.objects.get().action == "identity_secret.rotate"


def test_the_identity_secret_of_what_was_erased_at_the_same_moment_is_not_found(
    world, client, admin, shop, by, monkeypatch
):
    rotate = identity_secrets.rotate

    def overtaken(**rotation):
        monkeypatch.setattr(identity_secrets, "rotate", rotate)
        erase(workspace=world.workspace, by=by)
        rotate(**rotation)

    monkeypatch.setattr(identity_secrets, "rotate", overtaken)
    response = client.post(url("rotate-identity-secret", world.workspace, shop.pk))

    assert response.status_code == 404


# Who may not


@pytest.mark.parametrize("name", ["accounts", "create-account"])
def test_the_pages_of_all_accounts_are_for_admins(world, client, admin, name):
    assert_for_admins(world, client, "get", url(name, world.workspace))


@pytest.mark.parametrize(
    ("method", "name"), [("get", "account"), ("post", "reveal-identity-secret"), ("post", "rotate-identity-secret")]
)
def test_the_page_of_an_account_is_for_admins_of_its_workspace(world, client, admin, shop, method, name):
    assert_for_admins(world, client, method, url(name, world.workspace, shop.pk))
    shop.refresh_from_db()
    secret = shop.reveal_identity_secret()

    client.force_login(world.stranger)
    assert getattr(client, method)(url(name, world.elsewhere, shop.pk)).status_code == 404

    shop.refresh_from_db()
    assert shop.reveal_identity_secret() == secret
