"""The dashboard in a browser that runs no scripts."""

import pytest
from django.urls import reverse

from integrations.models import IntegrationAccount
from tests import site_map
from tests.browser.pages import objects_of_accounts, pages, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def window(browser, granian, world):
    """The owner's."""
    with browser.new_context(java_script_enabled=False, base_url=granian) as context:
        context.set_default_timeout(10_000)
        sign_in(context, world.owner, granian)
        yield context


def test_an_account_is_created_and_its_domains_are_edited(window, world, model):
    page = window.new_page()
    page.goto(reverse("integrations:create-account", args=[world.workspace.slug]))
    page.get_by_label("Name").fill("Shop")
    page.get_by_label("Manual approval").check()
    page.get_by_label("Allowed domains").fill("shop.example\n*.com")
    page.get_by_role("button", name="Create the account").click()

    assert page.get_by_role("heading", level=1).inner_text() == "Create an integration account"
    assert "Line 2, “*.com”: " in error_beside(page, "Allowed domains")
    assert page.get_by_label("Allowed domains").input_value() == "shop.example\n*.com"
    assert page.get_by_label("Name").input_value() == "Shop"
    assert page.get_by_label("Manual approval").is_checked()
    assert not IntegrationAccount.objects.exists()

    page.get_by_label("Allowed domains").fill("shop.example")
    page.get_by_role("button", name="Create the account").click()
    account = IntegrationAccount.objects.get()
    assert page.get_by_role("heading", level=1).inner_text() == "Shop"
    assert page.get_by_text(account.tokens.get().reveal()).is_visible()

    page.get_by_role("link", name="Domains", exact=True).first.click()
    page.get_by_label("Allowed domains").fill("shop.example\nexa mple\nlocalhost:3000")
    page.get_by_role("button", name="Save the domains").click()
    assert "Line 2, “exa mple”: " in error_beside(page, "Allowed domains")
    assert page.get_by_label("Allowed domains").input_value() == "shop.example\nexa mple\nlocalhost:3000"
    account.refresh_from_db()
    assert account.allowed_domains == ["shop.example"]

    page.get_by_label("Allowed domains").fill("shop.example\nlocalhost:3000")
    page.get_by_role("button", name="Save the domains").click()
    assert page.get_by_text("The allowed domains are saved.").is_visible()
    account.refresh_from_db()
    assert account.allowed_domains == ["shop.example", "localhost:3000"]


def test_every_page_is_shown(window, world):
    objects = site_map.furnish(world.workspace) | objects_of_accounts(window, world.owner)
    found = pages(window, objects)
    assert len(found) > 25

    page = window.new_page()
    for one in found:
        page.goto(one.path)
        assert [heading.is_visible() for heading in page.get_by_role("heading", level=1).all()] == [True], one.path


def error_beside(page, label):
    """What the control is described by, and what stands right below it."""
    control = page.get_by_label(label)
    assert control.get_attribute("aria-invalid") == "true"
    error = page.locator(".field").filter(has=control).locator(".errors")
    assert error.get_attribute("id") in control.get_attribute("aria-describedby").split()
    assert error.is_visible()
    return error.inner_text()
