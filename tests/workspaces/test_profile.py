import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db


def test_a_person_changes_their_name_and_nothing_else(client, world):
    client.force_login(world.agent)

    response = client.post(reverse("workspaces:profile"), {"name": "Mina Park", "email": "x@example.com"})

    assert response.url == reverse("workspaces:profile")
    email = world.agent.email
    world.agent.refresh_from_db()
    assert (world.agent.name, world.agent.email) == ("Mina Park", email)


def test_the_profile_lists_the_persons_workspaces_only(client, world):
    client.force_login(world.agent)

    page = client.get(reverse("workspaces:profile")).content.decode()

    assert reverse("home", args=[world.workspace.slug]) in page
    assert reverse("home", args=[world.elsewhere.slug]) not in page


def test_anonymous_people_sign_in_first(client):
    assert client.get(reverse("workspaces:profile")).url.startswith(reverse("account_login"))
