"""No form tells whether an address has an account: not by its answer, nor where it leads, nor how long it takes."""

import re
from statistics import median
from time import perf_counter

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from tests.factories import UserFactory
from workspaces.models import User
from workspaces.sign_in.addresses import vouch_for

pytestmark = pytest.mark.django_db
PASSWORD = "quiet-otter-paints-fences"
ADDRESSES = ["confirmed@example.com", "pending@example.com", "second@example.com", "inactive@example.com"]


@pytest.fixture(autouse=True)
def _accounts():
    vouch_for(User.objects.create_user("confirmed@example.com", PASSWORD))
    vouch_for(User.objects.create_user("inactive@example.com", PASSWORD, is_active=False))
    pending = User.objects.create_user("pending@example.com", PASSWORD)
    EmailAddress.objects.create(user=pending, email=pending.email, primary=True)
    EmailAddress.objects.create(user=UserFactory(), email="second@example.com", verified=True)


def sign_up(client, email):
    return client.post(reverse("account_signup"), {"email": email, "password1": PASSWORD}, follow=True)


def sign_in(client, email):
    return client.post(reverse("account_login"), {"login": email, "password": "not-the-password"}, follow=True)


def reset(client, email):
    return client.post(reverse("account_reset_password"), {"email": email}, follow=True)


def enter_a_wrong_code(client, email):
    sign_up(client, email)
    return client.post(reverse("account_email_verification_sent"), {"code": "WRNG-WRNG"}, follow=True)


def ask_for_another_code(client, email):
    sign_up(client, email)
    return client.post(reverse("account_email_verification_sent"), {"action": "resend"}, follow=True)


def add(client, email):
    person = UserFactory()
    person.set_password(PASSWORD)
    person.save()
    client.force_login(person)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client.post(reverse("account_email"), {"action_add": "", "email": email}, follow=True)


FORMS = [sign_up, sign_in, reset, enter_a_wrong_code, ask_for_another_code, add]


def told(form, email):
    """All that a visitor sees, with what differs for anybody taken out."""
    cache.clear()
    response = form(Client(), email)
    page = re.sub(r'"\w{64}"', "", response.content.decode()).replace(email, "…")
    return response.status_code, [(path.replace(email, "…"), code) for path, code in response.redirect_chain], page


@pytest.mark.parametrize("known", ADDRESSES)
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_the_answer_is_the_same(form, known):
    mail.outbox.clear()

    assert told(form, known) == told(form, "nobody@example.com")

    assert len({message.to[0] for message in mail.outbox}) == (0 if form is sign_in else 2)


@pytest.mark.alone
@pytest.mark.parametrize("form", [sign_up, sign_in, reset, add], ids=lambda form: form.__name__)
def test_the_answer_takes_about_as_long(form, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]

    def took(email):
        cache.clear()
        client, began = Client(), perf_counter()
        form(client, email)
        return perf_counter() - began

    took("warm-up@example.com")
    known = median(took("confirmed@example.com") for _ in range(5))
    unknown = median(took(f"nobody-{number}@example.com") for number in range(5))

    assert 0.6 < known / unknown < 1.6
