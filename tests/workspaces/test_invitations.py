"""Invitations: by link and by mail, for one address, for once, for seven days."""

import re
from datetime import timedelta
from smtplib import SMTPException

import pytest
import time_machine
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from tests.factories import MembershipFactory, UserFactory
from tests.workspaces.sign_in.mailbox import code_to, link_to
from workspaces.models import AuditEntry, Invitation, Membership, Role, User
from workspaces.models.invitation import INVITATIONS_A_DAY, mailed_key
from workspaces.sign_in.addresses import vouch_for

pytestmark = pytest.mark.django_db
PASSWORD = "quiet-otter-paints-fences"


@pytest.fixture
def owner(world):
    return Membership.objects.get(workspace=world.workspace, user=world.owner)


@pytest.fixture
def invited(owner):
    """An invitation for mira@example.com as agent, with the paths of its links: the shown one and the mailed one."""
    invitation, key = Invitation.objects.invite(email="mira@example.com", role=Role.AGENT, by=owner)
    invitation.path = reverse("workspaces:invitation", args=[key])
    invitation.mailed_path = reverse("workspaces:invitation", args=[mailed_key(key)])
    return invitation


def invite(client, workspace, email="mira@example.com", role="agent"):
    return client.post(reverse("workspaces:invite", args=[workspace.slug]), {"email": email, "role": role}, follow=True)


def is_member(workspace, email):
    return Membership.objects.filter(workspace=workspace, user__email=email).exists()


def test_an_invitation_is_mailed_and_its_link_shown_once(client, world):
    client.force_login(world.owner)

    page = invite(client, world.workspace, "Mira@Example.com").content.decode()

    link = re.search(r"http://localhost:8000/invitations/[\w-]+/", page).group()
    assert [message.to for message in mail.outbox] == [["mira@example.com"]]
    mailed = f"http://localhost:8000{link_to('mira@example.com')}"
    assert mailed != link and mailed not in page
    assert client.get(mailed).status_code == client.get(link).status_code == 200
    assert link not in client.get(reverse("workspaces:members", args=[world.workspace.slug])).content.decode()
    invitation = Invitation.objects.get()
    assert invitation.email == "mira@example.com"
    assert link.split("/")[-2].encode() not in bytes(invitation.digest)
    entry = AuditEntry.objects.get(action="invitation.create")
    assert link.split("/")[-2] not in str(entry.detail)


def test_a_mail_server_that_is_down_leaves_the_link(client, world, monkeypatch):
    def refuse(*args, **kwargs):
        raise SMTPException

    monkeypatch.setattr("workspaces.invitation_mail.send_mail", refuse)
    client.force_login(world.owner)

    page = invite(client, world.workspace).content.decode()

    assert "could not be sent" in page
    assert "/invitations/" in page


def test_names_cannot_add_headers_to_the_mail(client, world):
    world.workspace.name = "Home\nBcc: all@example.com"
    world.workspace.save()
    client.force_login(world.owner)

    invite(client, world.workspace)

    assert mail.outbox[0].subject == "You are invited to Home Bcc: all@example.com on Lumika"


def test_a_signed_in_person_with_that_address_joins(client, world, invited):
    mira = UserFactory(email="mira@example.com")
    client.force_login(mira)
    assert "Join Home" in client.get(invited.path).content.decode()
    assert not is_member(world.workspace, mira.email)

    response = client.post(f"{invited.path}accept/")

    assert response.url == reverse("home", args=[world.workspace.slug])
    assert Membership.objects.get(workspace=world.workspace, user=mira).role == Role.AGENT
    assert AuditEntry.objects.filter(action="invitation.accept", actor=mira).exists()


def test_somebody_without_an_account_signs_up_and_lands_in_the_workspace(client, world, invited):
    response = client.post(f"{invited.path}accept/", {"sign-up": ""})
    assert response.url.startswith(reverse("account_signup"))
    assert 'value="mira@example.com"' in client.get(response.url).content.decode()

    client.post(response.url, {"email": "mira@example.com", "password1": PASSWORD})
    assert not is_member(world.workspace, "mira@example.com")
    response = client.post(
        reverse("account_email_verification_sent"), {"code": code_to("mira@example.com")}, follow=True
    )

    assert response.request["PATH_INFO"] == reverse("home", args=[world.workspace.slug])
    assert is_member(world.workspace, "mira@example.com")


def test_somebody_with_an_account_signs_in_and_lands_in_the_workspace(client, world, invited):
    vouch_for(User.objects.create_user("mira@example.com", PASSWORD))
    response = client.post(f"{invited.path}accept/", {"sign-in": ""})
    assert response.url.startswith(reverse("account_login"))

    response = client.post(response.url, {"login": "mira@example.com", "password": PASSWORD}, follow=True)

    assert response.request["PATH_INFO"] == reverse("home", args=[world.workspace.slug])
    assert is_member(world.workspace, "mira@example.com")


def test_opening_the_link_alone_joins_nobody(client, world, invited):
    client.force_login(UserFactory(email="mira@example.com"))

    client.get(invited.path)

    assert not is_member(world.workspace, "mira@example.com")


def test_a_person_with_another_address_is_told_so_and_stays_out(client, world, invited):
    client.force_login(world.stranger)

    page, posted = client.get(invited.path), client.post(f"{invited.path}accept/")

    assert "mira@example.com" in page.content.decode() and world.stranger.email in page.content.decode()
    assert posted.status_code == 403
    assert not is_member(world.workspace, world.stranger.email)
    assert Invitation.objects.open().get() == invited


def test_agreeing_to_one_invitation_accepts_no_other(client, world, invited):
    elsewhere = Membership.objects.get(workspace=world.elsewhere)
    _, key = Invitation.objects.invite(email="mira@example.com", role=Role.AGENT, by=elsewhere)
    mira = User.objects.create_user("mira@example.com", PASSWORD)
    vouch_for(mira)
    client.post(f"{invited.path}accept/", {"sign-in": ""})
    client.post(reverse("account_login"), {"login": mira.email, "password": PASSWORD})
    assert "_auth_user_id" in client.session

    client.get(reverse("workspaces:invitation", args=[key]))

    assert not is_member(world.elsewhere, mira.email)


def test_an_invitation_works_once(client, world, invited):
    mira = UserFactory(email="mira@example.com")
    client.force_login(mira)
    client.post(f"{invited.path}accept/")
    Membership.objects.filter(user=mira).delete()

    assert client.get(invited.path).status_code == 404
    assert client.post(f"{invited.path}accept/").status_code == 404
    assert not is_member(world.workspace, mira.email)


def test_an_invitation_expires_after_seven_days(client, world, invited):
    mira = UserFactory(email="mira@example.com")
    with time_machine.travel(timezone.now() + timedelta(days=6, hours=23), tick=False):
        client.force_login(mira)
        assert client.get(invited.path).status_code == 200

    with time_machine.travel(timezone.now() + timedelta(days=7, seconds=1), tick=False):
        client.force_login(mira)
        assert client.get(invited.path).status_code == 404
        assert client.post(f"{invited.path}accept/").status_code == 404

    assert not is_member(world.workspace, mira.email)


def test_a_revoked_invitation_lets_nobody_in(client, world, invited):
    client.force_login(world.owner)

    response = client.post(
        reverse("workspaces:revoke-invitation", args=[world.workspace.slug, invited.pk]), follow=True
    )

    assert "no longer works" in response.content.decode()
    client.force_login(UserFactory(email="mira@example.com"))
    assert client.post(f"{invited.path}accept/").status_code == 404
    assert not Invitation.objects.exists()


def test_inviting_again_replaces_the_link(client, world, invited, owner):
    Invitation.objects.invite(email="mira@example.com", role=Role.ADMIN, by=owner)

    assert client.get(invited.path).status_code == 404
    assert Invitation.objects.get().role == Role.ADMIN


def test_members_are_not_invited_again(client, world):
    client.force_login(world.owner)

    response = invite(client, world.workspace, world.agent.email)

    assert response.status_code == 422
    assert "is a member already" in response.content.decode()
    assert not Invitation.objects.exists()


def test_a_workspace_sends_a_limited_number_a_day(client, world, owner):
    for number in range(INVITATIONS_A_DAY):
        Invitation.objects.invite(email=f"person{number}@example.org", role=Role.AGENT, by=owner)
    client.force_login(world.owner)

    response = invite(client, world.workspace)

    assert "Try again tomorrow" in response.content.decode()
    assert not mail.outbox


def test_an_admin_cannot_invite_owners_nor_revoke_their_invitations(client, world, owner):
    admin = MembershipFactory(workspace=world.workspace, role=Role.ADMIN)
    invitation, _ = Invitation.objects.invite(email="boss@example.com", role=Role.OWNER, by=owner)
    client.force_login(admin.user)
    assert invite(client, world.workspace, role="admin").status_code == 200

    assert invite(client, world.workspace, "zoe@example.com", role="owner").status_code == 422
    revoke = reverse("workspaces:revoke-invitation", args=[world.workspace.slug, invitation.pk])
    assert client.post(revoke).status_code == 403

    assert set(Invitation.objects.values_list("email", flat=True)) == {"mira@example.com", "boss@example.com"}


def test_a_wrong_address_is_told_beside_its_field(client, world):
    client.force_login(world.owner)

    response = invite(client, world.workspace, "mira")

    assert response.status_code == 422
    assert 'id="id_email_error"' in response.content.decode()


def test_outsiders_agents_and_anonymous_people_invite_and_revoke_nobody(client, world, invited):
    revoke = reverse("workspaces:revoke-invitation", args=[world.workspace.slug, invited.pk])

    for path in (reverse("workspaces:invite", args=[world.workspace.slug]), revoke):
        client.force_login(world.stranger)
        assert client.post(path).status_code == 404
        client.force_login(world.agent)
        assert client.post(path).status_code == 403
        client.logout()
        assert client.post(path).url.startswith(reverse("account_login"))

    client.force_login(world.stranger)
    assert client.post(revoke.replace(world.workspace.slug, world.elsewhere.slug)).status_code == 404
    assert Invitation.objects.get() == invited
