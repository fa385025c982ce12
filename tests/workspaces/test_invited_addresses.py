"""An invitation is accepted with a confirmed address. The mailed link confirms it, the copied one does not."""

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from tests.factories import UserFactory
from tests.workspaces.sign_in.mailbox import code_to, mails_to
from workspaces.models import Invitation, Membership, Role, User
from workspaces.models.invitation import mailed_key
from workspaces.refusals import NotConfirmed, OtherAddress

pytestmark = pytest.mark.django_db
PASSWORD = "quiet-otter-paints-fences"
MIRA = "mira@example.com"


@pytest.fixture(autouse=True)
def _nobody_was_counted():
    cache.clear()


@pytest.fixture
def invited(world):
    owner = Membership.objects.get(workspace=world.workspace, user=world.owner)
    invitation, key = Invitation.objects.invite(email=MIRA, role=Role.AGENT, by=owner)
    invitation.copied = reverse("workspaces:invitation", args=[key])
    invitation.mailed = reverse("workspaces:invitation", args=[mailed_key(key)])
    return invitation


@pytest.fixture
def prepared():
    """An account with the invited address that nobody has confirmed."""
    user = User.objects.create_user(MIRA, "mallory-waits-for-mira")
    EmailAddress.objects.create(user=user, email=MIRA, primary=True)
    return user


def is_member(world, email=MIRA):
    return Membership.objects.filter(workspace=world.workspace, user__email=email).exists()


def test_signing_up_from_the_mailed_link_asks_for_no_code(client, world, invited):
    response = client.post(f"{invited.mailed}accept/", {"sign-up": ""})

    response = client.post(response.url, {"email": MIRA, "password1": PASSWORD}, follow=True)

    assert response.request["PATH_INFO"] == reverse("home", args=[world.workspace.slug])
    assert EmailAddress.objects.get(email=MIRA).verified
    assert mails_to(MIRA) == []


def test_signing_up_from_the_mailed_link_with_another_address_takes_its_code(client, world, invited):
    response = client.post(f"{invited.mailed}accept/", {"sign-up": ""})

    client.post(response.url, {"email": "mallory@evil.example", "password1": PASSWORD})

    assert not EmailAddress.objects.get(email="mallory@evil.example").verified
    client.post(reverse("account_email_verification_sent"), {"code": code_to("mallory@evil.example")})
    assert client.post(f"{invited.mailed}accept/").status_code == 403
    assert not Membership.objects.filter(workspace=world.workspace, user__email="mallory@evil.example").exists()


def test_the_mailed_link_drops_what_a_prepared_account_had(client, world, invited, prepared):
    attacker = Client()
    attacker.force_login(prepared)

    response = client.post(f"{invited.mailed}accept/", {"sign-in": ""})
    page = client.get(response.url)
    response = client.post(response.url, {"password1": PASSWORD}, follow=True)

    assert "Choose a new password" in page.content.decode()
    assert response.request["PATH_INFO"] == reverse("home", args=[world.workspace.slug])
    assert is_member(world)
    assert User.objects.get(email=MIRA).check_password(PASSWORD)
    assert attacker.get(reverse("workspaces:profile")).status_code == 302


def test_the_mailed_link_starts_over_for_whoever_is_signed_in_unconfirmed(client, world, invited, prepared):
    client.force_login(prepared)

    response = client.post(f"{invited.mailed}accept/")

    assert "/password/reset/key/" in response.url
    assert not is_member(world)
    assert "_auth_user_id" not in client.session


def test_the_copied_link_lets_no_unconfirmed_account_in(client, world, invited, prepared):
    client.force_login(prepared)

    page = client.post(f"{invited.copied}accept/")

    assert page.status_code == 403
    assert "Confirm your address first" in page.content.decode()
    assert not is_member(world)
    prepared.refresh_from_db()
    assert prepared.has_usable_password()
    client.post(reverse("account_email"), {"action_send": "", "email": MIRA})
    client.post(reverse("account_email_verification_sent"), {"code": code_to(MIRA)})
    client.post(f"{invited.copied}accept/")
    assert is_member(world)


def test_the_copied_link_confirms_nothing(client, invited):
    response = client.post(f"{invited.copied}accept/", {"sign-up": ""})

    client.post(response.url, {"email": MIRA, "password1": PASSWORD})

    assert not EmailAddress.objects.get(email=MIRA).verified
    assert "_auth_user_id" not in client.session


def test_nobody_makes_the_mailed_link_of_the_copied_one(client, invited):
    forged = invited.copied.rstrip("/") + "-" + invited.mailed.rstrip("/").rpartition("-")[2][::-1] + "/"

    assert client.get(invited.mailed).status_code == 200
    assert client.get(forged).status_code == 404


def test_a_confirmed_second_address_accepts(client, world, invited):
    user = UserFactory(email="m@example.org")
    EmailAddress.objects.create(user=user, email=MIRA, verified=True)
    client.force_login(user)

    response = client.post(f"{invited.copied}accept/")

    assert response.url == reverse("home", args=[world.workspace.slug])
    assert is_member(world, "m@example.org")


@pytest.mark.parametrize("link", ["copied", "mailed"])
def test_an_unconfirmed_second_address_does_not_accept(client, world, invited, link):
    user = UserFactory(email="m@example.org")
    EmailAddress.objects.create(user=user, email=MIRA)
    client.force_login(user)

    assert client.post(f"{getattr(invited, link)}accept/").status_code == 403

    assert not is_member(world, "m@example.org")


def test_the_rule_stands_at_the_verb(invited, prepared):
    with pytest.raises(NotConfirmed):
        invited.accept(user=prepared)
    with pytest.raises(OtherAddress):
        invited.accept(user=UserFactory())
    EmailAddress.objects.update(verified=True)

    assert invited.accept(user=prepared).role == Role.AGENT


@pytest.mark.parametrize("link", ["copied", "mailed"])
def test_the_page_of_a_link_does_not_tell_whether_there_is_an_account(client, invited, link):
    unknown = client.get(getattr(invited, link))
    UserFactory(email=MIRA)
    known = client.get(getattr(invited, link))

    assert unknown.content.split(b"<h1>")[1] == known.content.split(b"<h1>")[1]
