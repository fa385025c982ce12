"""Signing up, in and out, and resetting a password."""

import re
from smtplib import SMTPException

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.urls import reverse

from tests.workspaces.sign_in.mailbox import code_to, link_to
from workspaces.models import User, Workspace

pytestmark = pytest.mark.django_db
PASSWORD = "quiet-otter-paints-fences"


@pytest.fixture(autouse=True)
def _nobody_was_counted():
    cache.clear()


@pytest.fixture
def mira():
    user = User.objects.create_user("mira@example.com", PASSWORD, name="Mira")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def sign_in(client, email="mira@example.com", password=PASSWORD):
    return client.post(reverse("account_login"), {"login": email, "password": password})


def is_signed_in(client):
    return "_auth_user_id" in client.session


@pytest.mark.parametrize(
    "name", ["start", "account_login", "account_signup", "account_reset_password", "account_reset_password_done",
             "account_reset_password_from_key_done", "account_inactive"]
)  # fmt: skip
def test_the_pages_for_entering_are_in_our_hand(client, name):
    page = client.get(reverse(name)).content.decode()

    assert 'class="brand"' in page
    assert page.count("<h1") == 1
    assert "style=" not in page


def test_signing_up_takes_an_address_and_one_password_and_asks_for_the_code_of_a_mail(client):
    response = client.post(reverse("account_signup"), {"email": "Mira@Example.com", "password1": PASSWORD}, follow=True)

    assert response.request["PATH_INFO"] == reverse("account_email_verification_sent")
    page = response.content.decode()
    assert 'class="brand"' in page and page.count("<h1") == 1 and "style=" not in page
    assert User.objects.get().email == "mira@example.com"
    assert [message.to for message in mail.outbox] == [["mira@example.com"]]
    assert "confirm" in mail.outbox[0].subject
    assert code_to("mira@example.com") not in page and link_to("mira@example.com") not in page


def test_the_code_leads_to_making_a_workspace(client):
    client.post(reverse("account_signup"), {"email": "Mira@Example.com", "password1": PASSWORD})

    response = client.post(
        reverse("account_email_verification_sent"), {"code": code_to("mira@example.com").lower()}, follow=True
    )

    assert response.request["PATH_INFO"] == reverse("workspaces:create")
    assert is_signed_in(client)


@pytest.mark.parametrize("password", ["short", "1234567890123", "password1234", ""])
def test_weak_passwords_are_told_beside_the_field(client, password):
    response = client.post(reverse("account_signup"), {"email": "mira@example.com", "password1": password})

    assert 'id="id_password1_error"' in response.content.decode()
    assert 'value="mira@example.com"' in response.content.decode()
    assert not User.objects.exists()


def test_an_address_that_has_an_account_gets_no_second_one(client, mira):
    client.post(reverse("account_signup"), {"email": "MIRA@example.com", "password1": "another-good-password"})

    assert User.objects.get() == mira
    assert not is_signed_in(client)


def test_only_invited_people_sign_up_where_sign_up_is_closed(client, settings):
    settings.LUMIKA_OPEN_SIGNUP = False

    page = client.get(reverse("account_signup")).content.decode()
    client.post(reverse("account_signup"), {"email": "mira@example.com", "password1": PASSWORD})

    assert "By invitation only" in page
    assert not User.objects.exists()
    session = client.session
    session["agreed_to_invitation"] = "x"
    session.save()
    assert "Create the account" in client.get(reverse("account_signup")).content.decode()


def test_signing_in_leads_to_the_persons_workspace(client, mira):
    workspace = Workspace.objects.found(name="Castle", owner=mira)

    response = client.post(reverse("account_login"), {"login": "MIRA@example.com", "password": PASSWORD}, follow=True)

    assert response.request["PATH_INFO"] == reverse("home", args=[workspace.slug])


def test_signing_in_leads_nowhere_foreign(client, mira):
    response = client.post(
        f"{reverse('account_login')}?next=https://evil.example/",
        {"login": mira.email, "password": PASSWORD, "next": "https://evil.example/"},
    )

    assert is_signed_in(client)
    assert "evil" not in response.url


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(client, mira):
    wrong = sign_in(client, password="not-the-password").content.decode()
    unknown = sign_in(client, email="nobody@example.com").content.decode()

    sentence = "The e-mail address or the password is wrong."
    assert sentence in wrong and sentence in unknown
    assert not is_signed_in(client)


def test_an_account_is_closed_to_guessing_after_five_failures(client, mira):
    for _ in range(5):
        sign_in(client, password="not-the-password")

    response = sign_in(client)

    assert "Too many attempts" in response.content.decode()
    assert not is_signed_in(client)


def test_an_address_that_tries_too_often_gets_our_page_429(client, mira, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "2/m/ip"}
    assert [sign_in(client, password="no").status_code for _ in range(2)] == [200, 200]

    response = sign_in(client)

    assert response.status_code == 429
    assert response["Retry-After"] == "60"
    assert "Too many attempts" in response.content.decode() and 'class="brand"' in response.content.decode()
    assert not is_signed_in(client)


def test_behind_a_trusted_proxy_people_are_told_apart(client, mira, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    settings.LUMIKA_TRUSTED_PROXIES = 1

    def try_from(forwarded):
        return client.post(
            reverse("account_login"),
            {"login": "x@example.com", "password": "x"},
            headers={"X-Forwarded-For": forwarded},
        ).status_code

    assert try_from("203.0.113.1") == 200
    assert try_from("203.0.113.2") == 200
    assert try_from("198.51.100.7, 203.0.113.2") == 429


def test_without_a_trusted_proxy_nobody_chooses_an_address(client, mira, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    path, data = reverse("account_login"), {"login": "x@example.com", "password": "x"}

    assert client.post(path, data, headers={"X-Forwarded-For": "203.0.113.1"}).status_code == 200
    assert client.post(path, data, headers={"X-Forwarded-For": "203.0.113.2"}).status_code == 429


def test_signing_out_takes_a_post(client, mira):
    client.force_login(mira)
    assert "Sign out?" in client.get(reverse("account_logout")).content.decode()
    assert is_signed_in(client)

    client.post(reverse("account_logout"))

    assert not is_signed_in(client)


def test_a_password_is_reset_by_mail(client, mira):
    client.post(reverse("account_reset_password"), {"email": mira.email})
    link = re.search(r"http://localhost:8000(/accounts/password/reset/key/\S+)", mail.outbox[0].body).group(1)
    form = client.get(link, follow=True)
    assert "Choose a new password" in form.content.decode()

    client.post(form.request["PATH_INFO"], {"password1": "a-brand-new-password"})

    mira.refresh_from_db()
    assert mira.check_password("a-brand-new-password")
    assert "no longer works" in client.get(link, follow=True).content.decode()


def test_resetting_says_the_same_whether_the_account_exists(client, mira):
    known = client.post(reverse("account_reset_password"), {"email": mira.email}, follow=True)
    unknown = client.post(reverse("account_reset_password"), {"email": "nobody@example.com"}, follow=True)

    assert known.content.split(b"<main")[1] == unknown.content.split(b"<main")[1]
    assert [message.to for message in mail.outbox] == [["mira@example.com"], ["nobody@example.com"]]
    assert "no account" in mail.outbox[1].body


def test_a_mail_server_that_is_down_does_not_stop_a_sign_up(client, monkeypatch):
    def refuse(*args, **kwargs):
        raise SMTPException

    monkeypatch.setattr("django.core.mail.message.EmailMessage.send", refuse)

    response = client.post(reverse("account_signup"), {"email": "mira@example.com", "password1": PASSWORD}, follow=True)

    assert "could not be sent" in response.content.decode()
    assert User.objects.get().email == "mira@example.com"
