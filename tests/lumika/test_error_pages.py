"""What people see when something went wrong."""

import pytest
from django.template.loader import get_template
from django.test import Client
from django.urls import reverse
from django.views.defaults import server_error

from tests.factories import MembershipFactory


def test_the_page_500_needs_neither_context_nor_database():
    page = get_template("500.html").render()

    assert "Something broke on our side" in page
    assert "{" not in page.replace("{}", "")


def test_a_failure_shows_the_page_500(rf):
    response = server_error(rf.get("/"))

    assert response.status_code == 500
    assert "Something broke on our side" in response.content.decode()


@pytest.mark.django_db
def test_an_unknown_address_shows_our_page_404(client):
    response = client.get("/no/such/page")

    assert response.status_code == 404
    assert "There is no such page" in response.content.decode()


@pytest.mark.django_db
def test_a_weak_role_shows_our_page_403(client, world):
    client.force_login(world.agent)

    response = client.post(reverse("workspaces:rename", args=[world.workspace.slug]))

    assert response.status_code == 403
    assert "Your role does not allow this" in response.content.decode()


@pytest.mark.django_db
def test_a_form_without_its_csrf_token_shows_our_page():
    client = Client(enforce_csrf_checks=True)
    client.force_login(MembershipFactory().user)

    response = client.post(reverse("workspaces:create"), {"name": "Castle"})

    assert response.status_code == 403
    assert "nothing was sent" in response.content.decode()
