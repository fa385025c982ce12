"""The field for a provider's key: not there unasked, not filled by a browser, never a person's own password."""

import re

import pytest
from django.contrib import admin
from django.urls import reverse

from integrations.models import Responder
from tests import site_map
from tests.factories import ResponderFactory

pytestmark = pytest.mark.django_db

KEY = "sk-secret-0123456789abcdef"
OWN_PASSWORD = " quiet-otter-paints-fences"
SETTINGS = {"name": "A model", "base_url": "https://api.example/v1", "model": "m-1"}
PASSWORD_INPUT = re.compile(r'<input[^>]*type="password"[^>]*>')
MODELS = ["openai_compatible", "anthropic"]


@pytest.fixture(params=MODELS)
def responder(world, request):
    made = ResponderFactory(workspace=world.workspace, kind=request.param, **SETTINGS)
    made.set_api_key(KEY)
    made.save()
    return made


@pytest.fixture
def owner(client, world):
    world.owner.set_password(OWN_PASSWORD)
    world.owner.save()
    client.force_login(world.owner)
    return client


def address(responder):
    return reverse("integrations:responder", args=[responder.workspace.slug, responder.pk])


def address_of_new(world, kind="openai_compatible"):
    return reverse("integrations:create-responder", args=[world.workspace.slug, kind])


def test_the_page_has_no_field_for_a_key_until_it_is_asked_for(owner, responder) -> None:
    page = owner.get(address(responder))
    assert 'name="api_key"' not in page.text and not PASSWORD_INPUT.search(page.text)
    assert "Replace the key" in page.text and f"{address(responder)}?replace=key" in page.text

    asked = owner.get(address(responder), {"replace": "key"})

    assert 'name="api_key"' in asked.text and "Replace the key" not in asked.text
    assert KEY not in asked.text


def test_a_responder_without_a_key_offers_to_enter_one(owner, responder) -> None:
    Responder.objects.update(api_key=b"")

    page = owner.get(address(responder))

    assert 'name="api_key"' not in page.text
    assert "No key is stored." in page.text and "Enter a key" in page.text


def test_settings_are_saved_and_the_key_is_kept_without_the_field(owner, responder) -> None:
    assert owner.post(address(responder), SETTINGS | {"name": "Renamed"}).status_code == 302

    responder.refresh_from_db()
    assert (responder.name, responder.reveal_api_key()) == ("Renamed", KEY)


def test_the_field_is_marked_for_browsers_and_password_managers(owner, world, responder) -> None:
    for page in (owner.get(address_of_new(world)), owner.get(address(responder), {"replace": "key"})):
        [field] = PASSWORD_INPUT.findall(page.text)
        for mark in (
            'autocomplete="new-password"',
            "data-1p-ignore",
            'data-lpignore="true"',
            'data-bwignore="true"',
            'data-form-type="other"',
        ):
            assert mark in field
        assert "value=" not in field


@pytest.mark.parametrize("typed", [OWN_PASSWORD, OWN_PASSWORD.strip(), OWN_PASSWORD + " "])
def test_the_persons_own_password_is_refused_as_a_key(owner, world, responder, typed) -> None:
    world.owner.set_password(OWN_PASSWORD if typed == OWN_PASSWORD else OWN_PASSWORD.strip())
    world.owner.save()
    owner.force_login(world.owner)

    created = owner.post(address_of_new(world), SETTINGS | {"api_key": typed})
    changed = owner.post(address(responder), SETTINGS | {"api_key": typed})

    for page in (created, changed):
        assert "This is your own password for this site" in page.context["form"].errors["api_key"][0]
        assert typed.strip() not in page.text
    responder.refresh_from_db()
    assert responder.reveal_api_key() == KEY
    assert Responder.objects.filter(workspace=world.workspace).count() == 1
    assert owner.post(address(responder), SETTINGS | {"api_key": "sk-new"}).status_code == 302


def test_who_has_no_password_can_enter_any_key(client, world, responder) -> None:
    world.owner.set_unusable_password()
    world.owner.save()
    client.force_login(world.owner)

    assert client.post(address(responder), SETTINGS | {"api_key": "sk-new"}).status_code == 302


def test_the_field_is_no_place_to_guess_a_password(owner, responder) -> None:
    answers = [owner.post(address(responder), SETTINGS | {"api_key": f"guess-{number}"}) for number in range(10)]
    assert {answer.status_code for answer in answers} == {302}

    refused = owner.post(address(responder), SETTINGS | {"api_key": OWN_PASSWORD})

    assert "Too many keys within a minute." in refused.text
    assert owner.post(address(responder), SETTINGS).status_code == 302


def test_a_key_typed_before_an_error_elsewhere_has_to_be_typed_again_and_the_page_says_so(
    owner, world, responder
) -> None:
    retyping = "the key that you typed is not kept in the page. Enter it again."

    for page in (
        owner.post(address_of_new(world), SETTINGS | {"model": "", "api_key": "sk-typed"}),
        owner.post(address(responder), SETTINGS | {"temperature": "99", "api_key": "sk-typed"}),
        owner.post(
            address(responder), SETTINGS | {"updated_at": "2020", "initial-model": "m-0", "api_key": "sk-typed"}
        ),
    ):
        assert page.status_code == 200
        assert retyping in page.text and "sk-typed" not in page.text
        assert 'name="api_key"' in page.text

    untyped = owner.post(address(responder), SETTINGS | {"temperature": "99", "api_key": ""})
    assert untyped.context["form"].errors and retyping not in untyped.text


def test_another_address_asks_for_the_key_that_belongs_to_it(owner, responder) -> None:
    page = owner.post(address(responder), SETTINGS | {"base_url": "https://other.example/v1"})

    assert "Enter the key that belongs to it." in page.text
    assert 'name="api_key"' in page.text


def test_no_page_has_a_secret_that_a_browser_fills_in(owner, world) -> None:
    world.owner.is_staff = world.owner.is_superuser = True
    world.owner.save()
    owner.force_login(world.owner)
    objects = site_map.furnish(world.workspace)
    routes = [
        route for route in site_map.routes() if route.name and not route.pattern.startswith(("accounts/", "admin/"))
    ]
    paths = [route.url(objects) for route in routes]
    paths += [address_of_new(world, kind) for kind in Responder.Kind.values]
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        paths.append(reverse(f"{name}_add"))
        paths += [reverse(f"{name}_change", args=[found.pk]) for found in model._default_manager.all()[:1]]
    paths.append(reverse("admin:auth_user_password_change", args=[world.owner.pk]))

    found = {
        path: PASSWORD_INPUT.findall(owner.get(path).text) for path in paths if not path.startswith("/conversation/")
    }

    assert sum(map(len, found.values())) >= 2 + len(MODELS)
    for path, inputs in found.items():
        assert all('autocomplete="new-password"' in field for field in inputs), path
