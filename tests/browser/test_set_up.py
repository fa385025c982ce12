"""From nothing to an answered customer and a colleague, by keyboard alone."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from conversations.models import Message
from integrations.models import IntegrationAccount
from lumika import outbox
from tests.browser.keyboard import follow, press, tab_to, write
from workspaces.models import Membership, Role

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "quiet-otter-paints-fences"
CLIPBOARD = ["clipboard-read", "clipboard-write"]


@pytest.fixture
def window(browser, granian):
    """Opens a window of somebody new, who knows nothing but the server's address."""
    contexts = []

    def opened():
        context = browser.new_context(base_url=granian, permissions=CLIPBOARD, reduced_motion="reduce")
        context.set_default_timeout(10_000)
        contexts.append(context)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.timeout(120)
def test_everything_is_set_up_with_the_keyboard_alone(window):
    page = window()

    sign_up(page, email="olga@example.com")
    create_workspace(page, name="Parcels")
    create_article(page)
    create_responder(page)
    create_account(page)
    token = copy_token(page)
    events = ask(page, "When does my parcel arrive?")
    link = invite(page, email="kim@example.com")
    colleague = window()
    join(colleague, link)

    account = IntegrationAccount.objects.get(name="Shop")
    assert (account.kind, account.responder.name) == ("api", "Help desk")
    assert events[:2] + events[-1:] == ["accepted", "partial", "final"]
    assert token == account.tokens.get().reveal()
    assert [message.actor for message in Message.objects.order_by("sequence")] == ["customer", "assistant"]
    joined = Membership.objects.get(user__email="kim@example.com")
    assert (joined.workspace, joined.role) == (account.workspace, Role.AGENT)


def sign_up(page, *, email):
    page.goto("/")
    follow(page, "link", "Create an account", to="Create an account")
    write(page, "E-mail address", email)
    write(page, "Password", PASSWORD)
    follow(page, "button", "Create the account", to="Confirm your address")
    write(page, "Code", code_to(email))
    follow(page, "button", "Confirm", to="Create a workspace")


def create_workspace(page, *, name):
    write(page, "Name", name)
    follow(page, "button", "Create the workspace", to="Home")


def create_article(page):
    follow(page, "link", "Knowledge", to="Knowledge")
    follow(page, "link", "Create an article", to="Create an article")
    write(page, "Title", "Parcels")
    write(page, "Text", "A parcel takes two days to arrive.")
    follow(page, "button", "Create the article", to="Knowledge")


def create_responder(page):
    follow(page, "link", "Responders", to="Responders")
    follow(page, "link", "Create the first responder", to="Create a responder")
    follow(page, "link", "Knowledge base", to="Create a responder: Knowledge base")
    write(page, "Name", "Help desk")
    follow(page, "button", "Create the responder", to="Help desk")


def create_account(page):
    follow(page, "link", "Integrations", to="Integrations")
    follow(page, "link", "Create the first account", to="Create an integration account")
    write(page, "Name", "Shop")
    follow(page, "button", "Create the account", to="Shop")


def copy_token(page):
    press(page, "link", "Tokens")
    page.get_by_role("heading", name="Rotate", exact=True).wait_for()
    tab_to(page.get_by_role("button", name=re.compile("^Reveal")))
    page.keyboard.press("Enter")
    page.get_by_text("Shown on this page only.").wait_for()
    return copied(page)


def ask(page, question):
    """The types of the events that answered it."""
    press(page, "link", "Try it")
    page.get_by_role("heading", name="A real conversation").wait_for()
    page.wait_for_load_state()
    press(page, "button", "Start")
    page.locator("textarea:focus").wait_for()
    page.keyboard.type(question)
    page.keyboard.press("Enter")
    page.get_by_text("204: nothing more is to come").wait_for()
    asked, answer = page.get_by_role("log").locator(".bubble").all_inner_texts()
    assert asked == question
    assert "A parcel takes two days to arrive." in answer
    return page.locator(".event [data-type]").all_inner_texts()


def invite(page, *, email):
    """The link for this person."""
    follow(page, "link", "Members", to="Members")
    write(page, "E-mail address", email)
    press(page, "button", "Invite")
    page.get_by_text(f"{email} is invited.").wait_for()
    page.wait_for_load_state()
    return copied(page)


def join(page, link):
    page.goto(urlsplit(link).path)  # the server of the tests has another address than PUBLIC_URL
    follow(page, "button", "Create an account and join", to="Create an account")
    assert page.get_by_label("E-mail address").input_value() == "kim@example.com"
    write(page, "Password", PASSWORD)
    follow(page, "button", "Create the account", to="Confirm your address")
    write(page, "Code", code_to("kim@example.com"))
    follow(page, "button", "Confirm", to="Home")
    assert page.get_by_text("Welcome to Parcels.").is_visible()


def code_to(email):
    """The code in the newest mail to this address that the server wrote into its outbox."""
    *_, mail = [mail for mail in outbox.mails(Path(settings.EMAIL_FILE_PATH)) if mail["To"] == email]
    return re.search(r"^[B-Z]{4}-[B-Z]{4}$", outbox.as_text(mail), re.MULTILINE).group()


def copied(page):
    press(page, "button", "Copy")
    page.get_by_role("button", name="Copied").wait_for()
    return page.evaluate("navigator.clipboard.readText()")
