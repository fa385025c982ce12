"""Passkeys from the first to the last, with a virtual authenticator, under the pages' own security policy."""

from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator

from tests.factories import MembershipFactory
from workspaces.models import User

PASSWORD = "quiet-otter-paints-fences"


@pytest.fixture
def site(granian):
    """Passkeys belong to a host name; an address does not do."""
    return f"http://localhost:{urlsplit(granian).port}"


@pytest.fixture
def page(context):
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on("console", lambda message: page.problems.append(message.text) if message.type == "error" else None)
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    kind = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": kind})
    return page


@pytest.fixture
def mira(transactional_db):
    user = User.objects.create_user("mira@example.com", PASSWORD, name="Mira")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    MembershipFactory(user=user)
    return user


def sign_in(page, site):
    page.goto(f"{site}/accounts/login/")
    page.fill("[name=login]", "mira@example.com")
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def press_scripted(page, name):
    """Presses a button that a script serves, once the page has loaded with its scripts."""
    button = page.get_by_role("button", name=name)
    button.wait_for()
    page.wait_for_load_state("load")
    button.click()


def add_passkey_and_sign_out(page, site):
    sign_in(page, site)
    page.wait_for_url("**/w/**")
    page.goto(f"{site}/accounts/2fa/webauthn/add/")
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Go on").click()
    press_scripted(page, "Add the passkey")
    page.wait_for_url("**/recovery-codes/**")
    page.goto(f"{site}/accounts/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{site}/")


def test_a_passkey_is_added_signs_in_is_renamed_and_removed(page, site, mira):
    add_passkey_and_sign_out(page, site)
    page.goto(f"{site}/accounts/login/")
    press_scripted(page, "Sign in with a passkey")
    page.wait_for_url("**/w/**")

    page.goto(f"{site}/accounts/2fa/webauthn/")
    page.get_by_role("link", name="Rename Passkey").click()
    page.get_by_role("link", name="Use a passkey").click()
    press_scripted(page, "Use your passkey")
    page.fill("[name=name]", "Laptop")
    page.get_by_role("button", name="Save the name").click()
    page.get_by_role("link", name="Remove Laptop").click()
    press_scripted(page, "Remove the passkey")
    page.get_by_text("The passkey is removed.").wait_for()

    assert not Authenticator.objects.filter(user=mira, type="webauthn").exists()
    assert page.problems == []


def test_a_passkey_is_the_second_step_after_the_password(page, site, mira):
    add_passkey_and_sign_out(page, site)

    sign_in(page, site)
    press_scripted(page, "Use a passkey instead")
    page.wait_for_url("**/w/**")

    assert page.problems == []
