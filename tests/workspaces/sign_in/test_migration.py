"""What the upgrade does to accounts whose address nobody confirmed."""

from importlib import import_module

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from tests.factories import UserFactory
from tests.workspaces.sign_in.mailbox import code_to
from workspaces.models import User
from workspaces.sign_in.addresses import has_confirmed_main

pytestmark = pytest.mark.django_db
PASSWORD = "quiet-otter-paints-fences"


@pytest.fixture(autouse=True)
def _nobody_was_counted():
    cache.clear()


def upgrade():
    import_module("workspaces.migrations.0002_unconfirmed_accounts").start_over(apps, None)


def an_account(email, *, confirmed, **fields):
    user = User.objects.create_user(email, PASSWORD, **fields)
    EmailAddress.objects.create(user=user, email=email, verified=confirmed, primary=True)
    EmailAddress.objects.create(user=user, email=f"confirmed-{email}", verified=True)
    EmailAddress.objects.create(user=user, email=f"pending-{email}")
    Authenticator.objects.create(user=user, type="totp", data={"secret": "x"})
    client = Client()
    client.force_login(user)
    return user, client


def addresses(user):
    return set(user.emailaddress_set.values_list("email", flat=True))


def is_signed_in(client):
    return client.get(reverse("workspaces:profile")).status_code == 200


def test_an_unconfirmed_account_loses_other_addresses_authenticators_and_sessions():
    user, client = an_account("mira@example.com", confirmed=False)
    assert is_signed_in(client)

    upgrade()

    assert addresses(user) == {"mira@example.com"}
    assert not Authenticator.objects.exists()
    assert not is_signed_in(client)


def test_its_password_lets_in_with_the_code_of_a_mail():
    an_account("mira@example.com", confirmed=False)
    upgrade()
    client = Client()

    client.post(reverse("account_login"), {"login": "mira@example.com", "password": PASSWORD})

    assert not is_signed_in(client)
    client.post(reverse("account_email_verification_sent"), {"code": code_to("mira@example.com")})
    assert is_signed_in(client)


def test_a_confirmed_account_keeps_all_but_addresses_that_nobody_confirmed():
    user, client = an_account("olga@example.com", confirmed=True)

    upgrade()

    assert addresses(user) == {"olga@example.com", "confirmed-olga@example.com"}
    assert Authenticator.objects.filter(user=user).exists()
    assert is_signed_in(client)


def test_superusers_are_confirmed_unless_somebody_may_have_signed_up_with_their_address():
    made = UserFactory(email="root@example.com", is_superuser=True, is_confirmed=False)
    raised, _ = an_account("raised@example.com", confirmed=False, is_superuser=True)
    assert not has_confirmed_main(made)

    upgrade()

    assert has_confirmed_main(made)
    assert not has_confirmed_main(raised)


def test_a_second_run_changes_nothing():
    user, _ = an_account("mira@example.com", confirmed=False)
    upgrade()
    upgrade()

    assert addresses(user) == {"mira@example.com"}
