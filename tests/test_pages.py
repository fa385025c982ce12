"""Every page that answers a GET: few queries, nothing inline, and forms and links that lead somewhere."""

from http import HTTPStatus
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integrations.models import IntegrationAccount
from tests import site_map
from tests.factories import (
    AccountFactory,
    ArticleFactory,
    MembershipFactory,
    RefusedOriginFactory,
    ResponderFactory,
)
from tests.factories.bulk import answered_messages
from tests.ground.markup import Markup
from workspaces.models import AuditEntry, Invitation, Role

pytestmark = pytest.mark.django_db

MOST_QUERIES = 12
MOST_AT_THE_DESK = 15
DESK = ("approvals/", "conversations/", "inbox/")
MANY = 30
MANY_MESSAGES = 100_000
# Django's own pages for staff, and what is no page.
NOT_WALKED = ("admin/", "conversation/")
NO_SUCH_FORM = {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}


@pytest.fixture
def addresses(world):
    """Of every page there is for the owner or for nobody in particular."""
    objects = site_map.furnish(world.workspace)
    walked = [route for route in site_map.routes() if route.name and not route.pattern.startswith(NOT_WALKED)]
    # django-allauth's keys come by mail, and are none of ours.
    return [route.url(objects) for route in walked if not (route.pattern.startswith("accounts/") and route.parameters)]


@pytest.fixture
def crowded(world, addresses):
    """The same workspace with many of everything, so that a query for each shows."""
    account = IntegrationAccount.objects.get(workspace=world.workspace)
    owner = world.workspace.memberships.get(user=world.owner)
    for number in range(MANY):
        responder = ResponderFactory(workspace=world.workspace)
        AccountFactory(workspace=world.workspace, responder=responder)
        ArticleFactory(workspace=world.workspace)
        RefusedOriginFactory(account=account)
        account.issue_token()
        member = MembershipFactory(workspace=world.workspace)
        MembershipFactory(user=world.owner)
        AuditEntry.objects.record(
            workspace=world.workspace, actor=member.user, action="account.change", target=account, detail={}
        )
        if number < 10:
            Invitation.objects.invite(email=f"person-{number}@new.example", role=Role.AGENT, by=owner)
    answered_messages(account, count=MANY_MESSAGES, days=12)
    return addresses


@pytest.mark.timeout(300)
def test_no_page_needs_many_queries(world, crowded):
    client = signed_in(world.owner)
    for address in crowded:
        client.get(address)  # what is read once a process is read now

    counted = {}
    for address in crowded:
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(address)
        if is_page(answer):
            counted[address] = len(captured)

    assert len(counted) > 25
    assert counted[f"/w/{world.workspace.slug}/"] > 1
    assert {address: count for address, count in counted.items() if count > most_queries(address, world)} == {}


@pytest.mark.parametrize("who", ["owner", "agent", "anonymous"])
def test_nothing_on_a_page_is_inline(who, world, addresses):
    found = []

    for address, answer, markup in pages(who, world, addresses):
        policy = answer.headers.get("Content-Security-Policy", "")
        if "script-src 'self'" not in policy or "style-src 'self'" not in policy or "unsafe" in policy:
            found.append(f"{address}: Content-Security-Policy: {policy}")
        found += [f"{address}: {inline}" for inline in markup.inline]

    assert found == []


@pytest.mark.parametrize("who", ["owner", "agent", "anonymous"])
def test_every_form_leads_somewhere_without_scripts(who, world, addresses):
    found, sent = [], {}

    for address, _, markup in pages(who, world, addresses):
        for form in markup.forms:
            action = urljoin(address, form.action)
            if form.is_hidden and form.method is None:
                continue
            if form.method not in {"get", "post"} or urlsplit(action).netloc:
                found.append(f"{address}: a form with the method {form.method} to {action}")
            elif form.method == "post" and "csrfmiddlewaretoken" not in form.fields:
                found.append(f"{address}: the form to {action} has no CSRF token")
            else:
                sent.setdefault((form.method, action), address)

    assert len(sent) > (2 if who == "anonymous" else 5)
    for (method, action), address in sent.items():
        answer = submitted(who, world, method, action)
        if answer.status_code in NO_SUCH_FORM:
            found.append(f"{address}: {method.upper()} {action} answers {answer.status_code}")
    assert found == []


@pytest.mark.parametrize("who", ["owner", "agent", "anonymous"])
def test_every_link_leads_somewhere(who, world, addresses):
    client, found, linked = signed_in(person(who, world)), [], {}

    for address, _, markup in pages(who, world, addresses):
        for link in markup.links:
            target, fragment = urldefrag(urljoin(address, link))
            if fragment and target == address and fragment not in markup.ids:
                found.append(f"{address}: nothing is called #{fragment}")
            if not urlsplit(target).scheme:
                linked.setdefault(target, address)
        for file in markup.files:
            if not finders.find(file.removeprefix(settings.STATIC_URL)):
                found.append(f"{address}: there is no {file}")

    assert len(linked) > 5
    for target, address in linked.items():
        status = client.get(target).status_code
        if status >= HTTPStatus.BAD_REQUEST:
            found.append(f"{address}: the link to {target} answers {status}")
    assert found == []


@pytest.mark.parametrize("who", ["owner", "agent", "anonymous"])
def test_every_page_has_one_main_heading(who, world, addresses):
    whole = [(address, markup) for address, answer, markup in pages(who, world, addresses) if not is_fragment(answer)]

    found = {address: markup.headings for address, markup in whole}

    assert {address: count for address, count in found.items() if count != 1} == {}


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<style>p { color: red }</style>",
        '<p style="color: red">',
        '<button onclick="go()">',
        '<div hx-on:click="go()">',
        '<a href=" javascript:go()">',
    ],
)
def test_what_is_inline_is_seen(html):
    assert Markup("<p>Text</p><script src='/x.js'></script>").inline == []

    assert len(Markup(html).inline) == 1


def test_forms_and_links_are_seen():
    markup = Markup('<a href="/x">X</a><form method="post"><input name="a"><br></form><div hidden><form></form></div>')

    assert markup.links == ["/x"]
    assert [(form.method, form.is_hidden, form.fields) for form in markup.forms] == [
        ("post", False, ["a"]),
        (None, True, []),
    ]


def most_queries(address, world):
    """The agents' pages show a conversation beside a list, and who else looks at it."""
    below = address.removeprefix(f"/w/{world.workspace.slug}/")
    return MOST_AT_THE_DESK if below.startswith(DESK) else MOST_QUERIES


def pages(who, world, addresses):
    """Address, answer and markup of each page that this person can open."""
    client = signed_in(person(who, world))
    answers = [(address, client.get(address)) for address in addresses]
    found = [(address, answer, Markup(answer.text)) for address, answer in answers if is_page(answer)]
    assert len(found) > (5 if who == "anonymous" else 10)
    return found


def is_page(answer):
    return answer.status_code == HTTPStatus.OK and answer.headers["Content-Type"].startswith("text/html")


def is_fragment(answer):
    """A part of a page, which htmx asks for."""
    return not answer.content.lstrip().lower().startswith(b"<!doctype html>")


def person(who, world):
    return None if who == "anonymous" else getattr(world, who)


def signed_in(user):
    """The client of somebody who has just given the password: no page asks for it again."""
    client = Client()
    if user:
        client.force_login(user)
        session = client.session
        session["account_authentication_methods"] = [{"method": "password", "at": timezone.now().timestamp()}]
        session.save()
    return client


def submitted(who, world, method, action):
    """The answer to an empty form; what it changed is undone."""
    with transaction.atomic():
        answer = getattr(signed_in(person(who, world)), method)(action)
        transaction.set_rollback(True)
    return answer
