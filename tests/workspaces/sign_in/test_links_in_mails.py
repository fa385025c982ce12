"""Links in mails lead to PUBLIC_URL, whatever `Host` the request named that caused them."""

import re
from pathlib import Path

import pytest
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.core import context
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.urls import reverse

from tests.ground.servers import ROOT
from workspaces.models import User

pytestmark = pytest.mark.django_db
PASSWORD = "quiet-otter-paints-fences"
PUBLIC = "https://desk.example"
STRANGER = "evil.example"


@pytest.fixture(autouse=True)
def _open_to_every_host(settings):
    settings.ALLOWED_HOSTS = ["*"]
    settings.PUBLIC_URL = PUBLIC
    cache.clear()


@pytest.fixture
def mira(client):
    user = User.objects.create_user("mira@example.com", PASSWORD, name="Mira")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def sign_up(client, email):
    client.post(reverse("account_signup"), {"email": email, "password1": PASSWORD}, headers={"Host": STRANGER})


def ask_for_a_reset(client, email):
    client.post(reverse("account_reset_password"), {"email": email}, headers={"Host": STRANGER})


def links():
    """All addresses in the one mail that was sent."""
    (message,) = mail.outbox
    return re.findall(r"\S+://\S+|\S*evil\S*", message.body)


@pytest.mark.parametrize(
    ("cause", "email"),
    [(ask_for_a_reset, "mira@example.com"), (ask_for_a_reset, "nobody@example.com"), (sign_up, "nobody@example.com")],
)
def test_mails_to_people_who_are_known_and_who_are_not(client, mira, cause, email):
    cause(client, email)

    assert len(links()) >= 2
    assert all(link.startswith(PUBLIC) for link in links())


def test_the_mail_about_a_changed_password(client, mira):
    client.force_login(mira)
    changed = {"oldpassword": PASSWORD, "password1": "another-good-password", "password2": "another-good-password"}

    client.post(reverse("account_change_password"), changed, headers={"Host": STRANGER})

    assert links() and all(link.startswith(PUBLIC) for link in links())


def test_the_mail_that_says_that_there_is_an_account_already(rf, mira):
    with context.request_context(rf.get("/", headers={"Host": STRANGER})):
        get_adapter().send_account_already_exists_mail(mira.email)

    assert len(links()) >= 2
    assert all(link.startswith(PUBLIC) for link in links())


def test_invitations(client, world):
    client.force_login(world.owner)
    page = client.post(
        reverse("workspaces:invite", args=[world.workspace.slug]),
        {"email": "mira@example.com", "role": "agent"},
        headers={"Host": STRANGER},
        follow=True,
    )

    (mailed,) = links()
    shown = re.findall(r"[^\s\"]+://[^\s\"]+/invitations/[\w-]+/", page.content.decode())
    assert mailed.startswith(f"{PUBLIC}/invitations/")
    assert shown and all(link.startswith(f"{PUBLIC}/invitations/") for link in shown)


def test_no_part_of_the_product_builds_an_address_from_a_request():
    files = [path for package in ("lumika", "workspaces", "integrations", "conversations", "templates")
             for path in (ROOT / package).rglob("*") if path.suffix in {".py", ".html", ".txt"}]  # fmt: skip
    assert ROOT / "workspaces" / "public_links.py" in files

    found = {str(path.relative_to(ROOT)) for path in files if builds_from_a_request(path)}

    assert not found, "use workspaces.public_links"


def builds_from_a_request(path: Path) -> bool:
    return (
        re.search(r"build_absolute_uri|get_current_site|current_site|request\.get_host \}", path.read_text())
        is not None
    )


def sign_in(client, password, host="desk.example"):
    data = {"login": "mira@example.com", "password": password}
    return client.post(reverse("account_login"), data, headers={"Host": host}).content.decode()


def test_guesses_are_counted_together_whatever_host_they_name(client, mira):
    for port in range(5):
        sign_in(client, "wrong", host=f"desk.example:{8000 + port}")

    assert "Too many attempts" in sign_in(client, PASSWORD, host="desk.example:9000")


def test_a_lock_out_outlives_many_other_entries_of_the_cache(client, mira):
    for _ in range(5):
        sign_in(client, "wrong")
    assert "Too many attempts" in sign_in(client, PASSWORD)

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO lumika_cache SELECT ':1:other:' || number, '', now() + interval '1 hour' "
            "FROM generate_series(1, 20000) AS number"
        )
    cache.set("one-more", "which makes a full cache drop some")

    assert "Too many attempts" in sign_in(client, PASSWORD)
