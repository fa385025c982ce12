"""The Django admin: every model is there, for superusers alone, and no page shows a secret."""

import hashlib
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import models
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from conversations.models import (
    Conversation,
    DeskPreferences,
    EarlierDraft,
    Message,
    Note,
    Reading,
    Reply,
    SavedReply,
    Viewing,
)
from integrations.models import Article, IntegrationAccount, IntegrationToken, RefusedOrigin, RequestRecord, Responder
from workspaces.models import AuditEntry, Invitation, Membership, Role, User, Workspace

pytestmark = pytest.mark.django_db

APPS = ("workspaces", "integrations", "conversations")
MODELS = [model for app in APPS for model in apps.get_app_config(app).get_models()]
API_KEY = "sk-admin-test-provider-key"
PASSWORD = "plum-orchard-ferry-9"

each_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.model_name)


class World(NamedTuple):
    """One row of every model, with all that must stay secret in it."""

    superuser: User
    owner: User
    staff: User
    workspace: Workspace
    account: IntegrationAccount
    conversation: Conversation
    secrets: dict[str, str]


@pytest.fixture
def world(db: Any, settings: Any) -> World:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the real one is slow by design
    superuser = User.objects.create_superuser("root@lumika.example")
    owner = User.objects.create_user("owner@lumika.example", PASSWORD)
    staff = User.objects.create_user("staff@lumika.example", is_staff=True)
    workspace = Workspace.objects.create(name="Orchard", slug="orchard")
    Membership.objects.create(workspace=workspace, user=owner, role=Role.OWNER)
    link = "a-link-that-was-mailed"
    invitation = Invitation.objects.create(
        workspace=workspace,
        email="mina@lumika.example",
        digest=hashlib.sha256(link.encode()).digest(),
        invited_by=owner,
        expires_at=timezone.now() + timedelta(days=7),
    )
    responder = Responder(
        workspace=workspace, name="Model", kind="openai_compatible", base_url="https://models.example/v1"
    )
    responder.set_api_key(API_KEY)
    responder.save()
    account, token = IntegrationAccount.objects.open(
        workspace=workspace, kind="api", name="Shop", responder=responder, allowed_domains=["shop.example"]
    )
    stored = account.tokens.get()
    RefusedOrigin.objects.create(workspace=workspace, account=account, origin="https://other.example")
    RequestRecord.objects.create(
        workspace=workspace, account=account, endpoint="sse", status=200, duration_ms=3, created_at=timezone.now()
    )
    Article.objects.create(workspace=workspace, title="Opening hours", body="We are open from nine to five.")
    conversation = Conversation.objects.create(workspace=workspace, account=account, external_id="customer-42")
    question = Message.objects.create(
        workspace=workspace, account=account, conversation=conversation, actor="customer", body="When are you open?"
    )
    reply = Reply.objects.create(
        workspace=workspace, conversation=conversation, customer_message=question, status="awaiting_approval"
    )
    EarlierDraft.objects.create(workspace=workspace, reply=reply, text="From nine.", asked_by=owner)
    Viewing.objects.create(workspace=workspace, conversation=conversation, user=owner)
    Reading.objects.create(workspace=workspace, conversation=conversation, user=owner, sequence=1)
    SavedReply.objects.create(workspace=workspace, name="Greeting", body="Hello.")
    DeskPreferences.objects.create(user=owner)
    Note.objects.create(workspace=workspace, conversation=conversation, author=owner, body="A regular.")
    AuditEntry.objects.record(workspace=workspace, actor=owner, action="account.opened", target=account)
    identity_secret = account.reveal_identity_secret()
    secrets = {
        "token": token,
        "token digest": bytes(stored.digest).hex(),
        "token ciphertext": bytes(stored.ciphertext).decode(),
        "identity secret": identity_secret,
        "identity secret ciphertext": bytes(account.identity_secret).decode(),
        "api key": API_KEY,
        "api key ciphertext": bytes(responder.api_key).decode(),
        "invitation digest": bytes(invitation.digest).hex(),
        "password hash": owner.password.rpartition("$")[2],
    }
    return World(superuser, owner, staff, workspace, account, conversation, secrets)


@pytest.fixture
def as_superuser(world: World) -> Client:
    client = Client()
    client.force_login(world.superuser)
    return client


def address(model: type[models.Model], page: str, *arguments: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=arguments)


def a_row(model: type[models.Model]) -> models.Model:
    row = model._default_manager.order_by("pk").first()
    assert row is not None
    return row


def may_add(model: type[models.Model], user: User) -> bool:
    request = RequestFactory().get("/")
    request.user = user
    return admin.site.get_model_admin(model).has_add_permission(request)


@each_model
def test_every_model_is_registered(model: type[models.Model]) -> None:
    assert admin.site.is_registered(model)


@each_model
def test_a_superuser_opens_the_list_and_searches_it(model: type[models.Model], as_superuser: Client) -> None:
    plain = as_superuser.get(address(model, "changelist"))
    searched = as_superuser.get(address(model, "changelist"), {"q": "orchard"})

    assert plain.status_code == 200
    assert searched.status_code == 200
    assert str(a_row(model).pk) in plain.content.decode()


@each_model
def test_a_superuser_opens_a_row(model: type[models.Model], as_superuser: Client) -> None:
    response = as_superuser.get(address(model, "change", a_row(model).pk))

    assert response.status_code == 200


@each_model
def test_a_superuser_opens_the_add_page_where_rows_may_be_added(
    model: type[models.Model], world: World, as_superuser: Client
) -> None:
    response = as_superuser.get(address(model, "add"))

    assert response.status_code == (200 if may_add(model, world.superuser) else 403)


@each_model
def test_others_are_sent_to_the_login(model: type[models.Model], world: World, as_superuser: Client) -> None:
    pages = [address(model, "changelist"), address(model, "add"), address(model, "change", a_row(model).pk)]
    assert as_superuser.get(pages[0]).status_code == 200
    owner = Client()
    owner.force_login(world.owner)

    for client in (Client(), owner):
        for page in pages:
            response = client.get(page)

            assert response.status_code == 302
            assert response.headers["Location"].startswith(reverse("admin:login"))


@each_model
def test_staff_without_rights_see_nothing(model: type[models.Model], world: World) -> None:
    client = Client()
    client.force_login(world.staff)

    assert client.get(address(model, "changelist")).status_code == 403
    assert client.get(address(model, "change", a_row(model).pk)).status_code == 403


@each_model
def test_no_page_shows_a_secret(model: type[models.Model], world: World, as_superuser: Client) -> None:
    pages = [address(model, "changelist"), address(model, "add")]
    for row in model._default_manager.all():
        pages += [address(model, page, row.pk) for page in ("change", "delete", "history")]

    for page in pages:
        shown = as_superuser.get(page).content.decode()

        for name, secret in world.secrets.items():
            assert secret
            assert secret not in shown, f"{page} shows the {name}"


@pytest.mark.parametrize("model", [Message, AuditEntry, Reply], ids=lambda model: model._meta.model_name)
def test_what_was_published_or_recorded_stays(model: type[models.Model], as_superuser: Client) -> None:
    row = a_row(model)
    before = model._default_manager.filter(pk=row.pk).values().get()
    assert as_superuser.get(address(model, "change", row.pk)).status_code == 200

    answers = [
        as_superuser.post(address(model, "add"), {"body": "changed"}),
        as_superuser.post(address(model, "change", row.pk), {"body": "changed", "status": "sent"}),
        as_superuser.post(address(model, "delete", row.pk), {"post": "yes"}),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert model._default_manager.filter(pk=row.pk).values().get() == before


def test_what_holds_messages_is_not_deleted(world: World, as_superuser: Client) -> None:
    for row in (world.conversation, world.account, world.workspace):
        response = as_superuser.post(address(type(row), "delete", row.pk), {"post": "yes"})

        assert response.status_code == 403
    assert Message.objects.filter(conversation=world.conversation).exists()


def test_a_new_person_gets_a_hashed_password_and_a_lower_case_address(as_superuser: Client) -> None:
    form = {
        "email": "New.Person@Lumika.example",
        "usable_password": "true",
        "password1": PASSWORD,
        "password2": PASSWORD,
    }

    response = as_superuser.post(address(User, "add"), form)

    assert response.status_code == 302
    person = User.objects.get(email="new.person@lumika.example")
    assert person.check_password(PASSWORD)


def test_a_person_is_renamed_without_losing_the_password(world: World, as_superuser: Client) -> None:
    form = {"email": "Owner@lumika.example", "name": "Olga", "is_active": "on"}

    response = as_superuser.post(address(User, "change", world.owner.pk), form)

    assert response.status_code == 302
    world.owner.refresh_from_db()
    assert (world.owner.name, world.owner.email) == ("Olga", "owner@lumika.example")
    assert world.owner.check_password(PASSWORD)


def test_a_password_is_set_on_its_own_page(world: World, as_superuser: Client) -> None:
    page = reverse("admin:auth_user_password_change", args=[world.owner.pk])
    form = {"usable_password": "true", "password1": "new-plum-orchard-7", "password2": "new-plum-orchard-7"}
    assert as_superuser.get(page).status_code == 200

    response = as_superuser.post(page, form)

    assert response.status_code == 302
    world.owner.refresh_from_db()
    assert world.owner.check_password("new-plum-orchard-7")


def test_an_audit_entry_outlives_its_actor(world: World, as_superuser: Client) -> None:
    world.owner.delete()

    assert as_superuser.get(address(AuditEntry, "changelist")).status_code == 200
    assert as_superuser.get(address(AuditEntry, "change", a_row(AuditEntry).pk)).status_code == 200


def account_form(account: IntegrationAccount, **changes: Any) -> dict[str, Any]:
    unchanged = {
        "name": account.name,
        "responder": str(account.responder_id),
        "response_mode": account.response_mode,
        "allowed_domains": "shop.example",
        "widget_settings": "{}",
    }
    return unchanged | changes


def test_allowed_domains_are_saved_in_canonical_form(world: World, as_superuser: Client) -> None:
    form = account_form(world.account, allowed_domains="Shop.Example,https://bücher.example:443")

    response = as_superuser.post(address(IntegrationAccount, "change", world.account.pk), form)

    assert response.status_code == 302
    world.account.refresh_from_db()
    assert world.account.allowed_domains == ["shop.example", "https://xn--bcher-kva.example"]


def test_a_domain_that_lets_in_strangers_is_refused(world: World, as_superuser: Client) -> None:
    form = account_form(world.account, allowed_domains="*.co.uk")

    response = as_superuser.post(address(IntegrationAccount, "change", world.account.pk), form)

    assert "would let in strangers" in response.content.decode()
    world.account.refresh_from_db()
    assert world.account.allowed_domains == ["shop.example"]


def test_a_responder_of_another_workspace_is_refused(world: World, as_superuser: Client) -> None:
    elsewhere = Responder.objects.create(
        workspace=Workspace.objects.create(name="Elsewhere", slug="elsewhere"), name="Theirs"
    )
    page = address(IntegrationAccount, "change", world.account.pk)
    assert as_superuser.post(page, account_form(world.account)).status_code == 302

    response = as_superuser.post(page, account_form(world.account, responder=str(elsewhere.pk)))

    assert "another workspace" in response.content.decode()
    world.account.refresh_from_db()
    assert world.account.responder_id != elsewhere.pk


def test_a_token_can_be_ended(world: World, as_superuser: Client) -> None:
    token = IntegrationToken.objects.get(account=world.account)
    form = {"expires_at_0": "2026-01-01", "expires_at_1": "00:00:00"}

    response = as_superuser.post(address(IntegrationToken, "change", token.pk), form)

    assert response.status_code == 302
    assert not IntegrationToken.objects.working().filter(pk=token.pk).exists()


def test_a_stored_key_does_not_follow_to_another_server(world: World, as_superuser: Client) -> None:
    responder = Responder.objects.get(name="Model")
    page = address(Responder, "change", responder.pk)
    form = {"name": "Renamed", "kind": "anthropic", "base_url": "https://evil.example/v1", "model": "m"}
    assert 'name="base_url"' not in as_superuser.get(page).content.decode()

    response = as_superuser.post(page, form)

    assert response.status_code == 302
    responder.refresh_from_db()
    assert (responder.name, responder.kind) == ("Renamed", "openai_compatible")
    assert responder.base_url == "https://models.example/v1"
    assert responder.reveal_api_key() == API_KEY


def test_a_new_responder_gets_its_address(world: World, as_superuser: Client) -> None:
    form = {
        "workspace": str(world.workspace.pk),
        "name": "Another",
        "kind": "openai_compatible",
        "base_url": "https://models.example/v1",
        "model": "m",
    }

    assert as_superuser.post(address(Responder, "add"), form).status_code == 302

    assert not Responder.objects.get(name="Another").has_api_key
