"""What people change about their own account: addresses, password, second step."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.core.cache import cache
from django.urls import reverse

from tests.factories import UserFactory
from tests.workspaces.sign_in.mailbox import code_to, mails_to
from workspaces import secrets
from workspaces.models import User

pytestmark = pytest.mark.django_db
PASSWORD = "quiet-otter-paints-fences"


@pytest.fixture(autouse=True)
def _nobody_was_counted():
    cache.clear()


@pytest.fixture
def mira(client):
    """Mira, who has signed in and confirmed that it is her."""
    user = User.objects.create_user("mira@example.com", PASSWORD, name="Mira")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return user


def code_for(secret):
    """The code of now, which is good for half a minute longer."""
    _, counter, _ = yield_hotp_counters_from_time()
    return format_hotp_value(hotp_value(secret, counter))


def set_up_app(client):
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    secret = re.search(r'id="totp-key">(\w+)<', page).group(1)
    return secret, client.post(reverse("mfa_activate_totp"), {"code": code_for(secret)}, follow=True)


@pytest.mark.parametrize(
    "name", ["workspaces:profile", "account_email", "account_change_password", "mfa_index", "mfa_activate_totp",
             "mfa_list_webauthn", "mfa_add_webauthn", "account_reauthenticate"]
)  # fmt: skip
def test_the_pages_are_in_our_hand_and_fit_the_policy(client, mira, name):
    response = client.get(reverse(name))

    page = response.content.decode()
    assert response.status_code == 200
    assert page.count("<h1") == 1 and 'class="brand"' in page
    assert "style=" not in page and "onclick" not in page
    inline = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", page)
    assert all("application/json" in tag for tag in inline)
    assert "script-src 'self'" in response["Content-Security-Policy"]


def test_a_new_password_signs_out_everywhere_else(client, mira, make_client):
    elsewhere = make_client(mira)
    assert elsewhere.get(reverse("workspaces:profile")).status_code == 200

    response = client.post(
        reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": "a-brand-new-password"}, follow=True
    )

    assert "Your new password is saved." in response.content.decode()
    assert client.get(reverse("workspaces:profile")).status_code == 200
    assert elsewhere.get(reverse("workspaces:profile")).status_code == 302
    assert "password was changed" in mail.outbox[-1].subject


@pytest.fixture
def make_client():
    from django.test import Client

    def make(user):
        client = Client()
        client.force_login(user)
        return client

    return make


def test_the_password_takes_the_old_one(client, mira):
    response = client.post(
        reverse("account_change_password"), {"oldpassword": "wrong", "password1": "a-brand-new-password"}
    )

    assert "not your current password" in response.content.decode()
    mira.refresh_from_db()
    assert mira.check_password(PASSWORD)


def test_changing_addresses_takes_a_fresh_sign_in(make_client, mira):
    stale = make_client(mira)

    response = stale.post(reverse("account_email"), {"action_add": "", "email": "m@example.org"})

    assert response.url.startswith(reverse("account_reauthenticate"))
    assert EmailAddress.objects.count() == 1


def test_an_address_is_added_confirmed_and_made_the_main_one(client, mira):
    page = client.post(reverse("account_email"), {"action_add": "", "email": "m@example.org"}, follow=True)
    assert "m@example.org" in page.content.decode() and "Enter the code" in page.content.decode()
    assert not EmailAddress.objects.filter(email="m@example.org").exists()
    client.post(reverse("account_email_verification_sent"), {"code": code_to("m@example.org")})

    client.post(reverse("account_email"), {"action_primary": "", "email": "m@example.org"})

    mira.refresh_from_db()
    assert mira.email == "m@example.org"
    assert "http://localhost:8000/accounts/" not in mails_to("m@example.org")[0].body


def test_somebody_elses_address_is_refused_once_its_code_is_entered(client, mira):
    UserFactory(email="olga@example.com")
    client.post(reverse("account_email"), {"action_add": "", "email": "Olga@example.com"})

    response = client.post(reverse("account_email_verification_sent"), {"code": code_to("olga@example.com")})

    assert "Somebody has an account with this address already" in response.content.decode()
    assert not mira.emailaddress_set.filter(email="olga@example.com").exists()


def test_the_second_step_is_set_up_with_an_app(client, mira):
    secret, response = set_up_app(client)

    assert "recovery-codes" in response.content.decode()
    stored = Authenticator.objects.get(type="totp").data["secret"]
    assert secret not in stored
    assert secrets.decrypt(stored.encode()) == secret
    seed = Authenticator.objects.get(type="recovery_codes").data["seed"]
    assert secrets.decrypt(seed.encode())


def test_the_second_step_is_asked_for(client, mira):
    secret, _ = set_up_app(client)
    client.post(reverse("account_logout"))
    cache.clear()

    response = client.post(reverse("account_login"), {"login": mira.email, "password": PASSWORD}, follow=True)

    assert "Second step" in response.content.decode()
    assert "_auth_user_id" not in client.session
    assert "wrong or too old" in client.post(reverse("mfa_authenticate"), {"code": "000000"}).content.decode()
    client.post(reverse("mfa_authenticate"), {"code": code_for(secret)})
    assert client.session["_auth_user_id"] == str(mira.pk)


def test_a_code_confirms_who_it_is(client, mira):
    secret, _ = set_up_app(client)
    assert "Enter the code" in client.get(reverse("mfa_reauthenticate")).content.decode()
    cache.clear()

    response = client.post(reverse("mfa_reauthenticate"), {"code": code_for(secret), "next": "/account/"})

    assert response.url == "/account/"


def test_a_recovery_code_lets_in_once(client, mira):
    _, response = set_up_app(client)
    code = re.search(r"<li><code>(\w+)</code>", response.content.decode()).group(1)

    for works in (True, False):
        client.post(reverse("account_logout"))
        client.post(reverse("account_login"), {"login": mira.email, "password": PASSWORD})
        client.post(reverse("mfa_authenticate"), {"code": code})
        assert ("_auth_user_id" in client.session) is works


def test_recovery_codes_are_downloaded_and_made_anew(client, mira):
    set_up_app(client)
    first = client.get(reverse("mfa_download_recovery_codes")).content.decode().split()
    assert "10 codes" in client.get(reverse("mfa_generate_recovery_codes")).content.decode()

    client.post(reverse("mfa_generate_recovery_codes"))

    second = client.get(reverse("mfa_download_recovery_codes")).content.decode().split()
    assert len(first) == len(second) == 10
    assert not {*first} & {*second}


def test_the_app_is_switched_off_and_the_person_told(client, mira):
    set_up_app(client)
    assert "Switch off the authenticator app?" in client.get(reverse("mfa_deactivate_totp")).content.decode()

    client.post(reverse("mfa_deactivate_totp"))

    assert not Authenticator.objects.filter(type="totp").exists()
    assert "switched off" in mail.outbox[-1].subject


def test_a_second_step_takes_a_confirmed_address(client, mira):
    assert "Scan the picture" in client.get(reverse("mfa_activate_totp"), follow=True).content.decode()
    EmailAddress.objects.update(verified=False)

    response = client.get(reverse("mfa_activate_totp"), follow=True)

    assert "Confirm your e-mail address first" in response.content.decode()


def test_anonymous_people_sign_in_first(client):
    for name in ("account_email", "account_change_password", "mfa_index", "mfa_activate_totp", "mfa_list_webauthn"):
        assert client.get(reverse(name)).url.startswith(reverse("account_login"))
