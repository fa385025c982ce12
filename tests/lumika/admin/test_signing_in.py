"""django-allauth is the only place that signs in: it knows the second step and the limits on guessing."""

import ast
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.contrib import admin
from django.contrib.auth import authenticate, login
from django.contrib.auth.views import LoginView
from django.core.cache import cache
from django.test import Client
from django.urls import NoReverseMatch, clear_url_caches, path, reverse

from lumika.urls import urlpatterns
from tests import site_map
from tests.factories import UserFactory
from workspaces.models import User

pytestmark = pytest.mark.django_db
PASSWORD = "plum-orchard-ferry-9"
ROOT = "root@lumika.example"
CREDENTIALS = {"username": ROOT, "login": ROOT, "email": ROOT, "password": PASSWORD, "next": "/admin/"}
ALLAUTH = "account_login"
OWN_CODE = ("lumika", "workspaces", "integrations", "conversations")


@pytest.fixture(autouse=True)
def _nobody_was_counted():
    cache.clear()


@pytest.fixture
def root():
    return User.objects.create_superuser(ROOT, PASSWORD)


@pytest.fixture
def staff():
    client = Client()
    client.force_login(UserFactory(is_staff=True))
    return client


def signed_in_as(client):
    return client.session.get("_auth_user_id")


def test_the_admins_own_form_is_gone(client, root):
    page = client.get(reverse("admin:login"), {"next": "/admin/workspaces/user/"})
    posted = client.post(reverse("admin:login"), CREDENTIALS)

    assert page.url == f"{reverse(ALLAUTH)}?next=%2Fadmin%2Fworkspaces%2Fuser%2F"
    assert posted.url == f"{reverse(ALLAUTH)}?next=%2Fadmin%2F"
    assert signed_in_as(client) is None


def test_signing_in_leads_back_into_the_admin(client, root):
    response = client.get(reverse("admin:index"), follow=True)
    assert response.request["PATH_INFO"] == reverse(ALLAUTH)

    response = client.post(
        f"{response.request['PATH_INFO']}?{response.request['QUERY_STRING']}", CREDENTIALS, follow=True
    )

    assert response.request["PATH_INFO"] == reverse("admin:index")
    assert response.status_code == 200


def test_the_second_step_stands_before_the_admin(client, root):
    TOTP.activate(root, generate_totp_secret())

    client.post(reverse("admin:login"), CREDENTIALS)
    response = client.post(reverse(ALLAUTH), CREDENTIALS, follow=True)

    assert response.request["PATH_INFO"] == reverse("mfa_authenticate")
    assert client.get(reverse("admin:index")).status_code == 302


def test_staff_guess_nobodys_password_there(staff, root):
    before = signed_in_as(staff)

    response = staff.post(reverse("admin:login"), CREDENTIALS)

    assert response.status_code == 302 and response.url == reverse("admin:index")
    assert signed_in_as(staff) == before


def test_whoever_is_no_staff_is_refused_and_leads_nowhere_foreign(client, staff):
    client.force_login(UserFactory())

    assert client.get(reverse("admin:login")).status_code == 403
    assert staff.get(reverse("admin:login"), {"next": "https://evil.example/"}).url == reverse("admin:index")
    assert staff.get(reverse("admin:login"), {"next": reverse("admin:login")}).url == reverse("admin:index")


def test_passwords_are_changed_where_guesses_are_limited(staff):
    for name in ("admin:password_change", "admin:password_change_done"):
        assert staff.post(reverse(name), {"old_password": "guess"}).url == reverse("account_change_password")


def addresses():
    """Of every route, with something in the place of each parameter."""
    for route in site_map.routes():
        if route.pattern.startswith("conversation/"):
            continue  # ordinary async views without sessions
        for value in ("1", "00000000-0000-7000-8000-000000000000", "a-1"):
            try:
                yield reverse(route.name, args=[value] * len(route.parameters)) if route.name else f"/{route.pattern}"
                break
            except NoReverseMatch:
                continue


def letting_in(client):
    """The addresses that make somebody else of a session, when they get the right password under any usual name."""
    found = set()
    for address in addresses():
        before = signed_in_as(client)
        cache.clear()
        client.post(address, CREDENTIALS)
        if signed_in_as(client) not in {before, None}:
            found.add(address)
            client.logout()
    return found


def test_no_other_address_signs_in(client, root):
    assert len(list(addresses())) > 100

    assert letting_in(client) == {reverse(ALLAUTH)}


def test_no_address_makes_another_of_whoever_is_signed_in(root):
    client, person = Client(), UserFactory(is_staff=True)
    found = set()

    for address in addresses():
        client.force_login(person)
        cache.clear()
        client.post(address, CREDENTIALS)
        if signed_in_as(client) not in {str(person.pk), None}:
            found.add(address)

    assert found == set()


def test_the_walk_finds_one_that_signs_in(client, root, monkeypatch):
    stray = path("stray/", LoginView.as_view(template_name="404.html"), name="stray")
    monkeypatch.setattr("lumika.urls.urlpatterns", [stray, *urlpatterns])
    clear_url_caches()
    try:
        assert letting_in(client) == {"/stray/", reverse(ALLAUTH)}
    finally:
        clear_url_caches()


def test_none_of_our_own_code_signs_in():
    names, found = {authenticate.__name__, login.__name__, "alogin", "aauthenticate", "LoginView"}, []

    for package in OWN_CODE:
        for file in Path(settings.BASE_DIR, package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("django.contrib.auth"):
                    found += [(str(file), alias.name) for alias in node.names if alias.name in names]

    assert found == []


def test_authenticators_are_not_in_the_admin_and_addresses_only_to_look_at(client, root):
    client.force_login(root)
    address = EmailAddress.objects.get(user=root)

    assert not admin.site.is_registered(Authenticator)
    assert client.get(reverse("admin:account_emailaddress_changelist")).status_code == 200
    assert client.get(reverse("admin:account_emailaddress_add")).status_code == 403
    change = reverse("admin:account_emailaddress_change", args=[address.pk])
    assert client.get(change).status_code == 200
    assert client.post(change, {"email": "x@example.com"}).status_code == 403
    action = {"action": "make_verified", "_selected_action": address.pk}
    client.post(reverse("admin:account_emailaddress_changelist"), action)
    assert EmailAddress.objects.get(user=root).email == ROOT


def test_another_address_given_in_the_admin_has_to_be_confirmed(client, root):
    client.force_login(root)
    person = UserFactory(email="mira@example.com")
    EmailAddress.objects.create(user=person, email="m@example.org", verified=True)
    change = reverse("admin:workspaces_user_change", args=[person.pk])
    client.post(change, {"email": "Mira@example.com", "name": "Mira", "is_active": "on"})
    assert person.emailaddress_set.filter(verified=True).count() == 2

    client.post(change, {"email": "mira@new.example", "name": "Mira", "is_active": "on"})

    person.refresh_from_db()
    assert person.email == "mira@new.example"
    assert not person.emailaddress_set.filter(verified=True).exists()
