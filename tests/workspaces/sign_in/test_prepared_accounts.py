"""Somebody signs up with an address that is not theirs, and waits for its owner."""

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from tests.factories import UserFactory
from tests.workspaces.sign_in.mailbox import code_to, link_to, mails_to
from workspaces.models import Membership, User, Workspace

pytestmark = pytest.mark.django_db
MALLORYS = "mallory-waits-for-mira"
MIRAS = "quiet-otter-paints-fences"
MIRA, MALLORY = "mira@example.com", "mallory@evil.example"


@pytest.fixture(autouse=True)
def _nobody_was_counted():
    cache.clear()


@pytest.fixture
def mallory():
    """The browser of whoever signed up with Mira's address."""
    client = Client()
    client.post(reverse("account_signup"), {"email": MIRA, "password1": MALLORYS})
    assert User.objects.get().email == MIRA
    return client


@pytest.fixture
def mira():
    """Mira's own browser."""
    return Client()


@pytest.fixture
def old_account():
    """An account of Mira's address as it could be prepared once: with everything, and a session that is still open."""
    user = User.objects.create_user(MIRA, MALLORYS)
    EmailAddress.objects.create(user=user, email=MIRA, primary=True)
    EmailAddress.objects.create(user=user, email=MALLORY)
    TOTP.activate(user, generate_totp_secret())
    Authenticator.objects.create(user=user, type="webauthn", data={"name": "Key", "credential": {}})
    return user


def sign_in(client, email, password):
    cache.clear()
    return client.post(reverse("account_login"), {"login": email, "password": password})


def is_let_in(email, password):
    """Whether these let somebody in who has no session yet."""
    client = Client()
    sign_in(client, email, password)
    return is_signed_in(client)


def is_signed_in(client):
    return client.get(reverse("workspaces:profile")).status_code == 200


def choose_password(client, response, password=MIRAS):
    """Follows to the page that a mailed link ends at."""
    page = client.get(response.url) if response.status_code == 302 else response
    assert "Choose a new password" in page.content.decode()
    return client.post(page.request["PATH_INFO"] + "?" + page.request["QUERY_STRING"], {"password1": password})


def reset(client, email):
    cache.clear()
    return client.post(reverse("account_reset_password"), {"email": email}, follow=True)


def test_whoever_prepared_an_account_is_not_let_in_once_its_owner_came(mallory, mira, world):
    mallory.post(reverse("account_email"), {"action_add": "", "email": MALLORY})
    assert not EmailAddress.objects.filter(email=MALLORY).exists()

    inviting = Client()
    inviting.force_login(world.owner)
    inviting.post(reverse("workspaces:invite", args=[world.workspace.slug]), {"email": MIRA, "role": "agent"})
    invitation = link_to(MIRA)
    reset(mira, MIRA)
    choose_password(mira, mira.post(link_to(MIRA)))
    mira.post(f"{invitation}accept/")

    assert Membership.objects.filter(workspace=world.workspace, user__email=MIRA).exists()
    mail.outbox.clear()
    reset(mallory, MALLORY)
    assert "no account" in mails_to(MALLORY)[0].body
    assert not is_let_in(MIRA, MALLORYS)
    assert not is_let_in(MALLORY, MALLORYS)
    assert is_let_in(MIRA, MIRAS)
    assert not is_signed_in(mallory)


def test_nobody_is_let_in_before_the_address_is_confirmed(mallory):
    assert not is_signed_in(mallory)

    assert not is_let_in(MIRA, MALLORYS)

    assert len(mails_to(MIRA)) == 2
    assert all(
        mallory.get(reverse(name)).status_code == 302 for name in ("account_email", "mfa_index", "mfa_add_webauthn")
    )


def test_the_code_keeps_everything_in_the_session_that_signed_up(mira):
    mira.post(reverse("account_signup"), {"email": MIRA, "password1": MIRAS})
    page = mira.get(reverse("account_email_verification_sent"))
    assert MIRA in page.content.decode()

    response = mira.post(reverse("account_email_verification_sent"), {"code": code_to(MIRA)}, follow=True)

    assert response.request["PATH_INFO"] == reverse("workspaces:create")
    assert EmailAddress.objects.get().verified
    mira.post(reverse("account_logout"))
    sign_in(mira, MIRA, MIRAS)
    assert is_signed_in(mira)


def test_the_code_is_good_in_no_other_session(mallory, mira):
    response = mira.post(reverse("account_email_verification_sent"), {"code": code_to(MIRA)})

    assert response.url == reverse("account_login")
    assert not EmailAddress.objects.get().verified


def test_a_wrong_code_is_told_and_the_third_ends_the_attempt(mallory):
    page = mallory.post(reverse("account_email_verification_sent"), {"code": "WRNG-WRNG"})
    assert "wrong or too old" in page.content.decode()

    mallory.post(reverse("account_email_verification_sent"), {"code": "WRNG-WRNG"})
    mallory.post(reverse("account_email_verification_sent"), {"code": "WRNG-WRNG"})
    mallory.post(reverse("account_email_verification_sent"), {"code": code_to(MIRA)})

    assert not EmailAddress.objects.get().verified


def test_another_code_is_sent_on_request_and_the_first_is_over(mira):
    mira.post(reverse("account_signup"), {"email": MIRA, "password1": MIRAS})
    first = code_to(MIRA)

    mira.post(reverse("account_email_verification_sent"), {"action": "resend"})

    assert len(mails_to(MIRA)) == 2
    mira.post(reverse("account_email_verification_sent"), {"code": first})
    assert not EmailAddress.objects.get().verified
    mira.post(reverse("account_email_verification_sent"), {"code": code_to(MIRA)})
    assert is_signed_in(mira)


def test_who_signed_up_and_left_signs_in_later_with_a_new_code(mira):
    Client().post(reverse("account_signup"), {"email": MIRA, "password1": MIRAS})

    sign_in(mira, "Mira@Example.com", MIRAS)
    mira.post(reverse("account_email_verification_sent"), {"code": code_to(MIRA)})

    assert is_signed_in(mira)
    assert User.objects.get().check_password(MIRAS)


@pytest.mark.parametrize("asked", ["signing up", "signing up again", "resetting"])
def test_a_link_confirms_and_drops_what_was_set_before(mallory, mira, asked):
    if asked == "signing up again":
        mira.post(reverse("account_signup"), {"email": "MIRA@example.com", "password1": MIRAS})
    if asked == "resetting":
        reset(mira, "MIRA@example.com")
    link = link_to(MIRA)
    mira = Client()
    assert f"Is <strong>{MIRA}</strong> your address?" in mira.get(link).content.decode()
    assert not EmailAddress.objects.get().verified

    response = mira.post(link)

    assert EmailAddress.objects.get().verified
    assert not User.objects.get().has_usable_password()
    choose_password(mira, response)
    assert is_signed_in(mira)
    assert not EmailAddress.objects.exclude(email=MIRA).exists()
    mallory.post(reverse("account_email_verification_sent"), {"code": "WRNG-WRNG"})
    assert not is_signed_in(mallory)
    assert not is_let_in(MIRA, MALLORYS)


def test_a_link_ends_sessions_and_removes_addresses_and_authenticators(old_account, mira):
    session = Client()
    session.force_login(old_account)
    assert is_signed_in(session)
    link = reverse("account_confirm_email", args=[EmailConfirmationHMAC(EmailAddress.objects.get(email=MIRA)).key])

    choose_password(mira, mira.post(link))

    assert not is_signed_in(session)
    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [(MIRA, True, True)]
    assert not Authenticator.objects.exists()
    assert is_signed_in(mira)


def test_a_confirmed_second_address_of_an_unconfirmed_account_is_dropped_too(old_account, mira):
    EmailAddress.objects.filter(email=MALLORY).update(verified=True)
    reset(mira, MIRA)

    choose_password(mira, mira.post(link_to(MIRA)))

    assert not EmailAddress.objects.filter(email=MALLORY).exists()


def test_a_link_works_once(mallory, mira):
    link = link_to(MIRA)
    choose_password(mira, mira.post(link))

    again = Client().post(link)

    assert "This link does not work" in again.content.decode()
    assert User.objects.get().check_password(MIRAS)


def test_a_link_to_a_second_address_confirms_nothing(old_account, mira):
    second = EmailAddress.objects.get(email=MALLORY)
    link = reverse("account_confirm_email", args=[EmailConfirmationHMAC(second).key])

    assert "This link does not work" in mira.post(link).content.decode()

    second.refresh_from_db()
    assert not second.verified


def test_a_reset_link_of_before_the_confirmation_is_over(old_account, mira):
    from allauth.account.forms import default_token_generator
    from allauth.account.utils import user_pk_to_url_str

    key = default_token_generator.make_token(old_account)
    assert default_token_generator.check_token(old_account, key)
    EmailAddress.objects.filter(email=MIRA).update(verified=True)

    page = mira.get(
        reverse("account_reset_password_from_key", args=[user_pk_to_url_str(old_account), key]), follow=True
    )

    assert "no longer works" in page.content.decode()


def test_a_reset_goes_to_confirmed_addresses_only(old_account, mira):
    reset(mira, MALLORY)
    reset(mira, MIRA)

    assert [message.subject for message in mail.outbox] == [
        "There is no account with this address",
        "Confirm your address and choose a password",
    ]
    assert "/password/reset/key/" not in "".join(message.body for message in mail.outbox)


def test_a_confirmed_second_address_resets_the_password(mira):
    user = UserFactory(email=MIRA)
    EmailAddress.objects.create(user=user, email="m@example.org", verified=True)

    reset(mira, "M@example.org")

    assert "/password/reset/key/" in link_to("m@example.org")


@pytest.mark.parametrize(
    "name", ["account_email", "mfa_activate_totp", "mfa_add_webauthn", "mfa_generate_recovery_codes"]
)
def test_a_session_of_an_unconfirmed_account_adds_no_way_in(old_account, name):
    """Nobody gets such a session any more; an admin who changes an address leaves one."""
    Authenticator.objects.all().delete()
    EmailAddress.objects.all().delete()
    client = Client()
    client.force_login(old_account)
    client.post(reverse("account_reauthenticate"), {"password": MALLORYS})
    assert is_signed_in(client)

    client.get(reverse(name))
    page = client.post(reverse(name), {"action_add": "", "email": MALLORY, "code": "123456"}, follow=True)

    assert "Confirm your e-mail address first" in page.content.decode()
    assert not EmailAddress.objects.exclude(email=MIRA).exists()
    assert not Authenticator.objects.exists()


def test_a_second_unconfirmed_address_does_not_become_the_main_one(old_account):
    Authenticator.objects.all().delete()
    client = Client()
    client.force_login(old_account)
    client.post(reverse("account_reauthenticate"), {"password": MALLORYS})

    client.post(reverse("account_email"), {"action_primary": "", "email": MALLORY})

    old_account.refresh_from_db()
    assert old_account.email == MIRA


def test_open_pages_are_shut_out_when_an_account_starts_over(
    old_account, mira, monkeypatch, django_capture_on_commit_callbacks
):
    told = []
    monkeypatch.setattr("conversations.store.announcing.shut_out", lambda *, membership_id: told.append(membership_id))
    Workspace.objects.found(name="Castle", owner=old_account)
    link = reverse("account_confirm_email", args=[EmailConfirmationHMAC(EmailAddress.objects.get(email=MIRA)).key])

    with django_capture_on_commit_callbacks(execute=True):
        mira.post(link)

    assert told == [Membership.objects.get(user=old_account).pk]
