"""Without a mail server mails are files: pages say where, and the operator has them printed."""

from io import StringIO

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse

from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
PASSWORD = "quiet-otter-paints-fences"


@pytest.fixture(autouse=True)
def _no_mail_server(settings, tmp_path):
    cache.clear()
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "outbox")


def printed(*arguments):
    out = StringIO()
    call_command("outbox", *arguments, stdout=out)
    return out.getvalue()


def sign_up(client, email="mira@example.com"):
    client.logout()
    return client.post(reverse("account_signup"), {"email": email, "password1": PASSWORD}, follow=True)


def reset(client, email="olga@example.com"):
    UserFactory(email=email)
    return client.post(reverse("account_reset_password"), {"email": email}, follow=True)


def invite(client, world):
    client.force_login(world.owner)
    path = reverse("workspaces:invite", args=[world.workspace.slug])
    return client.post(path, {"email": "zoe@example.com", "role": "agent"}, follow=True)


def test_the_outbox_prints_mails_with_their_links(client, tmp_path):
    assert printed() == "No mail yet.\n"

    sign_up(client)
    reset(client)

    text = printed()
    assert "To: mira@example.com" in text and "Subject: Welcome to Lumika: confirm your e-mail address" in text
    assert "http://localhost:8000/accounts/confirm-email/" in text
    assert "http://localhost:8000/accounts/password/reset/key/" in text
    assert text.index("mira@example.com") < text.index("olga@example.com")


def test_it_prints_the_newest_and_those_to_one_address(client):
    for name in ("anna", "berta", "clara"):
        sign_up(client, f"{name}@example.com")

    assert "clara@" in printed("--last", "1") and "berta@" not in printed("--last", "1")
    assert "anna@" in printed("--to", "Anna@Example.com") and "berta@" not in printed("--to", "anna@example.com")


def test_it_says_so_where_a_mail_server_is_set(settings):
    settings.EMAIL_FILE_PATH = None

    with pytest.raises(CommandError, match="EMAIL_URL"):
        printed()


@pytest.mark.parametrize("page", [sign_up, reset], ids=lambda page: page.__name__)
def test_pages_that_speak_of_a_mail_say_where_it_lies(client, settings, page):
    shown = page(client).content.decode()
    assert "no mail server yet" in shown and "manage.py outbox" in shown
    assert str(settings.EMAIL_FILE_PATH) not in shown

    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = "django.core.mail.backends.locmem.EmailBackend", None
    client.logout()

    assert "outbox" not in page(client, "zora@example.com").content.decode()


def test_the_page_of_members_says_it_to_the_admin_who_may_see_the_link(client, world, settings):
    shown = invite(client, world).content.decode()

    assert "No mail server is set" in shown and "manage.py outbox" in shown
    assert "http://localhost:8000/invitations/" in shown


@pytest.mark.parametrize("page", [sign_up, reset], ids=lambda page: page.__name__)
def test_links_that_confirm_or_reset_stand_on_no_page(client, page):
    shown = page(client).content.decode()

    links = [word for word in printed().split() if "/confirm-email/" in word or "/reset/key/" in word]
    assert links
    assert not any(link.removeprefix("http://localhost:8000") in shown for link in links)
