"""A conversation with two agents: Mina has it open in a browser, Olga does things to it meanwhile."""

from contextlib import nullcontext

import httpx2
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from conversations.models import Message
from conversations.store import announcing
from tests.browser.pages import sign_in
from tests.factories import AccountFactory, ConversationFactory, ResponderFactory

CUSTOMER = "customer-42"


@pytest.fixture(autouse=True)
def _nobody_hears_of_verbs_here(monkeypatch):
    """Pages hear of what their own server does. Verbs that a test carries out itself prepare what is opened later."""
    monkeypatch.setattr(announcing, "announce", lambda **_: None)


@pytest.fixture
def conversation(world):
    responder = ResponderFactory(workspace=world.workspace)
    account = AccountFactory(workspace=world.workspace, response_mode="manual", responder=responder, name="Shop")
    return ConversationFactory(account=account, external_id=CUSTOMER)


@pytest.fixture
def path(conversation):
    return reverse("desk:conversation", args=[conversation.workspace.slug, conversation.pk])


@pytest.fixture
def window(browser, granian):
    """Opens a page as somebody; each call is a browser of its own."""
    contexts = []

    def opened(user, path, **how):
        context = browser.new_context(base_url=granian, **how)
        contexts.append(context)
        context.set_default_timeout(10_000)
        sign_in(context, user, granian)
        page = context.new_page()
        with page.expect_websocket() if how.get("java_script_enabled", True) else nullcontext():
            page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def desk(window, world, path):
    """Mina's page."""
    return window(world.agent, path)


@pytest.fixture
def olga(world, granian, path):
    """Does something to the conversation over HTTP, as her browser would: ``olga("note/", body="…")``."""
    signed_in = Client()
    signed_in.force_login(world.owner)
    token = "a" * 32
    cookies = {settings.SESSION_COOKIE_NAME: signed_in.cookies[settings.SESSION_COOKIE_NAME].value, "csrftoken": token}

    def act(verb, **fields):
        with httpx2.Client(base_url=granian, cookies=cookies, headers={"X-CSRFToken": token}) as client:
            answer = client.post(path + verb, data=fields)
        assert answer.status_code == 302, answer.text
        return answer

    return act


@pytest.fixture
def ask(conversation):
    """A message of the customer, of which open pages hear nothing."""

    def write(body="Hello?"):
        parents = {"conversation": conversation, "workspace_id": conversation.workspace_id}
        return Message.objects.create(account_id=conversation.account_id, actor="customer", body=body, **parents)

    return write
