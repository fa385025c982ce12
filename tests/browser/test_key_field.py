"""Replacing a provider's key on the responder's page."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.pages import sign_in
from tests.factories import ResponderFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def responder(world):
    made = ResponderFactory(
        workspace=world.workspace,
        kind="openai_compatible",
        name="A model",
        base_url="https://api.example/v1",
        model="m",
    )
    made.set_api_key("sk-old")
    made.save()
    return made


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_the_field_comes_when_it_is_asked_for(browser, granian, world, responder, scripts) -> None:
    with browser.new_context(java_script_enabled=scripts, base_url=granian) as context:
        sign_in(context, world.owner, granian)
        page = context.new_page()
        page.goto(reverse("integrations:responder", args=[world.workspace.slug, responder.pk]))
        if scripts:
            page.get_by_label("Name").fill("Renamed before")
        assert page.locator("input[type=password]").count() == 0

        page.get_by_role("link", name="Replace the key").click()
        page.get_by_label("API key").wait_for()
        expect(page.get_by_label("API key")).to_be_focused()
        page.get_by_label("API key").fill("sk-new")
        page.get_by_role("button", name="Save the settings").click()
        page.get_by_text("The settings are saved.").wait_for()

        assert page.locator("input[type=password]").count() == 0
    responder.refresh_from_db()
    assert responder.reveal_api_key() == "sk-new"
    assert responder.name == ("Renamed before" if scripts else "A model"), "what was typed before is kept"
