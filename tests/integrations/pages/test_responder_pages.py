import pytest
from django.urls import reverse
from django.utils import timezone

from integrations.models import IntegrationAccount, Responder
from integrations.responders.base import ReplyRequest, ResponderSettings, ResponderUnavailable, Turn
from tests.factories import AccountFactory, ArticleFactory, ResponderFactory
from tests.ground import anthropic_provider
from tests.ground.provider import Answer
from tests.integrations.pages.browsing import shown
from workspaces.models import AuditEntry

pytestmark = pytest.mark.django_db

KEY = "sk-secret-0123456789abcdef"
MODEL = {"name": "A model", "base_url": "https://api.example/v1", "model": "m-1", "instructions": "Be brief."}


def url(name: str, world, *args: object) -> str:
    return reverse(f"integrations:{name}", args=[world.workspace.slug, *args])


@pytest.fixture
def stored(world):
    responder = ResponderFactory(workspace=world.workspace, kind="openai_compatible", **MODEL)
    responder.set_api_key(KEY)
    responder.save()
    return responder


def test_the_list_shows_kind_model_accounts_and_the_last_failure(
    client, world, stored, django_assert_max_num_queries
) -> None:
    for number in range(3):
        AccountFactory(workspace=world.workspace, responder=stored, name=f"Shop {number}")
    AccountFactory(workspace=world.workspace, responder=stored, name="Closed shop", status="retired")
    stored.note_failure(ResponderUnavailable("The server does not answer."))
    ResponderFactory(workspace=world.elsewhere, name="Theirs")
    client.force_login(world.owner)

    with django_assert_max_num_queries(12):
        page = client.get(url("responders", world)).content.decode()

    for text in ("A model", "OpenAI-compatible model", "m-1", "Shop 0", "Shop 2", "The server does not answer.", "now"):
        assert text in page
    assert "Theirs" not in page and "Closed shop" not in page


def test_an_empty_list_offers_to_make_one(client, world) -> None:
    client.force_login(world.owner)

    assert url("choose-responder", world) in client.get(url("responders", world)).content.decode()


@pytest.mark.parametrize("kind", Responder.Kind.values)
def test_every_kind_can_be_chosen(client, world, kind: str) -> None:
    client.force_login(world.owner)
    assert url("create-responder", world, kind) in client.get(url("choose-responder", world)).content.decode()

    assert client.get(url("create-responder", world, kind)).status_code == 200
    assert client.get(url("create-responder", world, "psychic")).status_code == 404


@pytest.mark.parametrize("kind", ["openai_compatible", "anthropic"])
def test_a_model_is_made_with_its_key_encrypted(client, world, kind: str) -> None:
    client.force_login(world.owner)

    sent = MODEL | {"api_key": KEY, "temperature": "0.5", "max_tokens": "900"}
    response = client.post(url("create-responder", world, kind), sent)

    responder = Responder.objects.get(workspace=world.workspace)
    assert response.url == url("responder", world, responder.pk)
    assert responder.kind == kind
    assert KEY.encode() not in bytes(responder.api_key)
    assert responder.settings == ResponderSettings(
        kind, "Be brief.", "https://api.example/v1", "m-1", KEY, temperature=0.5, max_tokens=900
    )
    assert KEY not in str(AuditEntry.objects.get(action="responder.create").__dict__)


def test_a_knowledge_responder_needs_a_name_only(client, world) -> None:
    client.force_login(world.owner)

    client.post(url("create-responder", world, "knowledge"), {"name": "Articles"})

    assert Responder.objects.get(workspace=world.workspace).kind == "knowledge"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("model", ""),
        ("base_url", ""),
        ("base_url", "api.example"),
        ("base_url", "http://api.example/v1"),
        ("base_url", "https://10.0.0.5/v1"),
        ("base_url", "http://169.254.169.254/latest"),
        ("base_url", "https://api.example/" + "x" * 200),
        ("temperature", "2.1"),
        ("temperature", "nan"),
        ("max_tokens", "0"),
        ("max_tokens", "-1"),
        ("api_key", "sk-…"),
    ],
)
def test_what_cannot_work_is_said_beside_the_field(client, world, field: str, value: str) -> None:
    client.force_login(world.owner)

    response = client.post(url("create-responder", world, "openai_compatible"), MODEL | {field: value})

    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]
    assert not Responder.objects.filter(workspace=world.workspace).exists()


def test_a_key_is_never_shown_and_kept_when_left_out(client, world, stored) -> None:
    client.force_login(world.owner)
    page = client.get(url("responder", world, stored.pk)).content.decode()
    assert KEY not in page and "A key is stored." in page

    client.post(url("responder", world, stored.pk), MODEL | {"name": "Renamed", "api_key": ""})

    stored.refresh_from_db()
    assert stored.name == "Renamed"
    assert stored.reveal_api_key() == KEY
    assert AuditEntry.objects.get(action="responder.change").detail == {"changed": ["name"]}


def test_a_key_is_replaced_or_removed(client, world, stored) -> None:
    client.force_login(world.owner)

    client.post(url("responder", world, stored.pk), MODEL | {"api_key": "sk-new"})
    stored.refresh_from_db()
    assert stored.reveal_api_key() == "sk-new"

    client.post(url("responder", world, stored.pk), MODEL | {"remove_api_key": "on"})
    stored.refresh_from_db()
    assert not stored.has_api_key


def test_a_stored_key_does_not_follow_to_another_server(client, world, stored) -> None:
    client.force_login(world.owner)
    elsewhere = MODEL | {"base_url": "https://evil.example/v1"}

    response = client.post(url("responder", world, stored.pk), elsewhere)

    assert list(response.context["form"].errors) == ["api_key"]
    stored.refresh_from_db()
    assert stored.base_url == "https://api.example/v1"
    assert client.post(url("responder", world, stored.pk), MODEL | {"base_url": "https://api.example/v2"}).url
    assert client.post(url("responder", world, stored.pk), elsewhere | {"api_key": "sk-new"}).url


def test_the_second_of_two_admins_sees_what_the_first_one_changed(client, world, stored) -> None:
    client.force_login(world.owner)
    address = url("responder", world, stored.pk)
    mine, theirs = shown(client.get(address)), shown(client.get(address))
    client.post(address, theirs | {"temperature": "0.5", "base_url": "https://api.example/v2", "model": "m-2"})

    conflict = client.post(address, mine | {"model": "m-3", "api_key": "sk-new"})

    assert [tuple(change) for change in conflict.context["form"].changed_meanwhile] == [
        ("Model", "m-2", "m-3"),
        ("Temperature", "0.5", None),
        ("Base URL", "https://api.example/v2", None),
    ]
    assert "sk-new" not in conflict.text
    stored.refresh_from_db()
    assert (stored.model, stored.reveal_api_key()) == ("m-2", KEY)

    client.post(address, shown(conflict) | {"api_key": "sk-new"})
    stored.refresh_from_db()
    assert (stored.model, stored.temperature, stored.base_url) == ("m-3", 0.5, "https://api.example/v2")
    assert stored.reveal_api_key() == "sk-new"


def test_the_secret_of_a_webhook_is_shown_once(client, world) -> None:
    client.force_login(world.owner)

    sent = {"name": "Ours", "base_url": "https://shop.example/reply"}
    response = client.post(url("create-responder", world, "webhook"), sent)

    responder = Responder.objects.get(workspace=world.workspace)
    secret = responder.reveal_api_key()
    assert secret.startswith("whsec_")
    first = client.get(response.url)
    assert secret in first.content.decode()
    assert first.headers["Cache-Control"] == "no-store"
    assert secret not in client.get(response.url).content.decode()
    assert secret not in str(list(AuditEntry.objects.values()))


def test_a_new_secret_ends_the_old_one(client, world) -> None:
    responder = ResponderFactory(workspace=world.workspace, kind="webhook", base_url="https://shop.example/reply")
    old = responder.issue_signing_secret()
    responder.save()
    client.force_login(world.owner)

    response = client.post(url("new-signing-secret", world, responder.pk))

    responder.refresh_from_db()
    assert responder.reveal_api_key() != old
    assert responder.reveal_api_key() in client.get(response.url).content.decode()
    assert AuditEntry.objects.filter(action="responder.new_secret").exists()


def test_only_webhooks_have_a_signing_secret(client, world, stored) -> None:
    client.force_login(world.owner)

    assert client.post(url("new-signing-secret", world, stored.pk)).status_code == 404
    stored.refresh_from_db()
    assert stored.reveal_api_key() == KEY


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_test_shows_the_reply_its_sources_and_times(client, world, provider, headers) -> None:
    article = ArticleFactory(workspace=world.workspace, title="Refunds", body="Thirty days.")
    ArticleFactory(workspace=world.elsewhere, title="Their refunds")
    responder = ResponderFactory(
        workspace=world.workspace, kind="anthropic", base_url=provider.base_url, model="m", last_error_at=timezone.now()
    )
    provider.requests.clear()
    provider.script(anthropic_provider.message("Within ", "thirty <days> [1]."))
    client.force_login(world.owner)

    response = client.post(
        url("test-responder", world, responder.pk), {"question": "How do refunds work?"}, headers=headers
    )

    page = response.content.decode()
    assert "Within thirty &lt;days&gt; [1]." in page
    assert url("article", world, article.pk) in page
    assert "First word after" in page and "Whole after" in page
    assert ("<html" in page) is not bool(headers)
    assert "Their refunds" not in provider.requests[0].body.decode()
    responder.refresh_from_db()
    assert responder.last_error_at is None
    assert AuditEntry.objects.get(action="responder.test").detail == {"outcome": "answered"}


def test_a_test_that_fails_says_why_in_plain_words(client, world, provider) -> None:
    responder = ResponderFactory(
        workspace=world.workspace, kind="openai_compatible", base_url=provider.base_url, model="m"
    )
    provider.script(Answer.failure(401))
    client.force_login(world.owner)

    response = client.post(url("test-responder", world, responder.pk), {"question": "Hello?"})

    assert "The provider refuses the API key (401). Enter a valid key" in response.content.decode()
    responder.refresh_from_db()
    assert responder.last_error_code == "responder_refused"
    assert AuditEntry.objects.get(action="responder.test").detail == {"outcome": "responder_refused"}


def test_a_test_needs_a_question(client, world) -> None:
    responder = ResponderFactory(workspace=world.workspace)
    client.force_login(world.owner)

    response = client.post(url("test-responder", world, responder.pk), {"question": " "})

    assert response.context["trial_form"].errors
    assert not AuditEntry.objects.filter(action="responder.test").exists()


def test_deleting_says_who_uses_it_and_leaves_the_accounts_to_people(client, world, stored) -> None:
    account = AccountFactory(workspace=world.workspace, responder=stored, name="Shop")
    client.force_login(world.owner)
    page = client.get(url("delete-responder", world, stored.pk)).content.decode()
    assert "Shop" in page and "wait for a person" in page

    response = client.post(url("delete-responder", world, stored.pk))

    assert response.url == url("responders", world)
    assert not Responder.objects.filter(pk=stored.pk).exists()
    assert IntegrationAccount.objects.get(pk=account.pk).responder is None
    assert AuditEntry.objects.get(action="responder.delete").detail["used_by"] == ["Shop"]


NAMES = ["responder", "test-responder", "new-signing-secret", "delete-responder"]


def test_a_responder_of_another_workspace_is_out_of_reach(client, world) -> None:
    foreign = ResponderFactory(workspace=world.elsewhere, name="Theirs", kind="webhook", base_url="https://a.example/")
    client.force_login(world.owner)

    for name in NAMES:
        assert client.post(url(name, world, foreign.pk), {"name": "Mine", "question": "?"}).status_code == 404
    foreign.refresh_from_db()
    assert foreign.name == "Theirs"


@pytest.mark.parametrize("name", ["responders", "choose-responder", "create-responder", *NAMES])
def test_who_may_enter(client, world, name: str) -> None:
    responder = ResponderFactory(workspace=world.workspace)
    address = url(name, world, *{"create-responder": ["knowledge"]}.get(name, [responder.pk] if name in NAMES else []))
    method = client.post if name in {"test-responder", "new-signing-secret"} else client.get

    client.force_login(world.owner)
    assert method(address).status_code in {200, 404 if name == "new-signing-secret" else 200}
    client.force_login(world.stranger)
    assert method(address).status_code == 404
    client.force_login(world.agent)
    assert method(address).status_code == 403
    client.logout()
    response = method(address)
    assert reverse("account_login") in response.url


def test_the_question_is_all_that_the_customer_wrote_since_the_last_answer() -> None:
    turns = [Turn("customer", "Hi"), Turn("assistant", "Yes?"), Turn("customer", "Where is"), Turn("customer", "it?")]

    assert ReplyRequest(ResponderSettings("knowledge"), turns).question == "Where is\nit?"
    assert ReplyRequest(ResponderSettings("knowledge"), turns[:1]).question == "Hi"
