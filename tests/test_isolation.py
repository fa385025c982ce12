"""Every route, as everybody: outsiders learn nothing and change nothing, weak roles are refused, members get in.

A route that stands neither in EXPECTED nor under one of the GROUPS fails the build.
"""

from contextlib import contextmanager
from enum import Enum
from http import HTTPStatus
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, reverse

from conversations.making.runner import Runner
from tests import site_map
from tests.factories import MembershipFactory, UserFactory
from workspaces.models import Membership, Role, Workspace

pytestmark = pytest.mark.django_db


class Access(Enum):
    ANYBODY = "anybody"
    TOKEN = "whoever has an integration token"
    LINK = "whoever has the link"
    SIGNED_IN = "whoever has signed in"
    MEMBERS = "members"
    ADMINS = "admins and owners"
    OWNERS = "owners"


ANYBODY, TOKEN, LINK, SIGNED_IN, MEMBERS, ADMINS, OWNERS = Access

EXPECTED = {
    "start": ANYBODY,
    "docs": ANYBODY,
    "docs-page": ANYBODY,
    "conversations:sse": TOKEN,
    "conversations:history": TOKEN,
    "conversations:cancel": TOKEN,
    "home": MEMBERS,
    "workspaces:landing": SIGNED_IN,
    "workspaces:create": SIGNED_IN,
    "workspaces:profile": SIGNED_IN,
    "workspaces:invitation": LINK,
    "workspaces:accept-invitation": LINK,
    "workspaces:members": MEMBERS,
    "workspaces:invite": ADMINS,
    "workspaces:revoke-invitation": ADMINS,
    "workspaces:leave": MEMBERS,
    "workspaces:member": ADMINS,
    "workspaces:change-role": ADMINS,
    "workspaces:remove-member": ADMINS,
    "workspaces:settings": MEMBERS,
    "workspaces:rename": ADMINS,
    "workspaces:delete": OWNERS,
    "workspaces:audit-log": ADMINS,
    "desk:inbox": MEMBERS,
    "desk:inbox-rows": MEMBERS,
    "desk:inbox-conversation": MEMBERS,
    "desk:close-conversations": MEMBERS,
    "desk:approvals": MEMBERS,
    "desk:queue": MEMBERS,
    "desk:draft": MEMBERS,
    "desk:draft-state": MEMBERS,
    "desk:next-draft": MEMBERS,
    "desk:previous-draft": MEMBERS,
    "desk:held": MEMBERS,
    "desk:answer-by-hand": MEMBERS,
    "desk:note-on-draft": MEMBERS,
    "desk:approve": MEMBERS,
    "desk:approve-with-customer": MEMBERS,
    "desk:approve-edited": MEMBERS,
    "desk:reject": MEMBERS,
    "desk:regenerate": MEMBERS,
    "desk:undo": MEMBERS,
    "desk:carry-out": MEMBERS,
    "desk:retry": MEMBERS,
    "desk:stop": MEMBERS,
    "desk:conversation": MEMBERS,
    "desk:thread": MEMBERS,
    "desk:conversation-state": MEMBERS,
    "desk:onlookers": MEMBERS,
    "desk:reply-by-hand": MEMBERS,
    "desk:leave-note": MEMBERS,
    "desk:assign": MEMBERS,
    "desk:close": MEMBERS,
    "desk:reopen": MEMBERS,
    "desk:approve-customer": MEMBERS,
    "desk:block-customer": MEMBERS,
    "desk:unreview-customer": MEMBERS,
    "desk:waiting-drafts": MEMBERS,
    "desk:counts": MEMBERS,
    "desk:saved-replies": MEMBERS,
    "desk:create-saved-reply": MEMBERS,
    "desk:saved-reply": MEMBERS,
    "desk:delete-saved-reply": MEMBERS,
    "desk:saved-replies-for": MEMBERS,
    "desk:preferences": MEMBERS,
    "integrations:accounts": ADMINS,
    "integrations:create-account": ADMINS,
    "integrations:account": ADMINS,
    "integrations:reveal-identity-secret": ADMINS,
    "integrations:rotate-identity-secret": ADMINS,
    "integrations:tokens": ADMINS,
    "integrations:rotate-token": ADMINS,
    "integrations:reveal-token": ADMINS,
    "integrations:revoke-token": ADMINS,
    "integrations:retire-account": ADMINS,
    "integrations:domains": ADMINS,
    "integrations:preview-domains": ADMINS,
    "integrations:allow-origin": ADMINS,
    "integrations:dismiss-origin": ADMINS,
    "integrations:try-it": ADMINS,
    "integrations:connect": ADMINS,
    "integrations:requests": ADMINS,
    "integrations:responders": ADMINS,
    "integrations:choose-responder": ADMINS,
    "integrations:create-responder": ADMINS,
    "integrations:responder": ADMINS,
    "integrations:test-responder": ADMINS,
    "integrations:new-signing-secret": ADMINS,
    "integrations:delete-responder": ADMINS,
    "integrations:knowledge": ADMINS,
    "integrations:create-article": ADMINS,
    "integrations:import-articles": ADMINS,
    "integrations:article": ADMINS,
    "integrations:delete-article": ADMINS,
}

# Routes of packages, by their path: django-allauth's own pages of one person, and Django's admin for staff.
GROUPS = ("accounts/", "admin/")

METHODS = ("get", "post")
ENTERS = {
    "agent": {ANYBODY, SIGNED_IN, MEMBERS},
    "admin": {ANYBODY, SIGNED_IN, MEMBERS, ADMINS},
    "owner": {ANYBODY, SIGNED_IN, MEMBERS, ADMINS, OWNERS},
}
IN_A_WORKSPACE = {MEMBERS, ADMINS, OWNERS}


@pytest.fixture
def people(world):
    """Who tries: insiders of ``world.workspace``, and outsiders. Anonymous is None."""
    admin, removed = UserFactory(), UserFactory()
    MembershipFactory(workspace=world.workspace, user=admin, role=Role.ADMIN)
    MembershipFactory(workspace=world.workspace, user=removed, role=Role.OWNER).delete()
    return SimpleNamespace(
        owner=world.owner, admin=admin, agent=world.agent, stranger=world.stranger, removed=removed, anonymous=None
    )


@pytest.fixture
def ours(world):
    return site_map.furnish(world.workspace)


@pytest.fixture
def theirs(world):
    return site_map.furnish(world.elsewhere)


def test_every_route_says_who_may_use_it():
    declared = {route.name for route in own_routes()}

    assert declared - set(EXPECTED) == set(), "declare these routes in EXPECTED"
    assert set(EXPECTED) - declared == set(), "these routes are gone: drop them from EXPECTED"


def test_a_workspace_route_is_never_open_to_everybody():
    assert [route for route in routes_for(*IN_A_WORKSPACE) if not route.belongs_to_a_workspace] == []
    assert [route for route in routes_for(*set(Access) - IN_A_WORKSPACE) if route.belongs_to_a_workspace] == []


@pytest.mark.parametrize("who", ["stranger", "removed", "anonymous"])
def test_outsiders_learn_nothing_and_change_nothing(who, people, world, ours):
    client, found = signed_in(getattr(people, who)), []
    before = rows_of(world.workspace)

    for route in routes_for(*IN_A_WORKSPACE):
        for method in METHODS:
            answer = getattr(client, method)(route.url(ours))
            if not (leads_to_login(answer) if who == "anonymous" else answer.status_code == HTTPStatus.NOT_FOUND):
                found.append((method, route, answer))

    assert unexpected(found) == []
    assert rows_of(world.workspace) == before


@pytest.mark.parametrize("who", ["agent", "admin", "owner"])
def test_members_reach_what_their_role_allows_and_nothing_else(who, people, ours):
    client, found = signed_in(getattr(people, who)), []

    for route in routes_for(*IN_A_WORKSPACE):
        for method in METHODS:
            with undone():
                answer = getattr(client, method)(route.url(ours))
            refused = answer.status_code in {HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN} or leads_to_login(answer)
            may_enter = EXPECTED[route.name] in ENTERS[who]
            if refused if may_enter else answer.status_code != HTTPStatus.FORBIDDEN:
                found.append((method, route, answer))

    assert unexpected(found) == []


@pytest.mark.parametrize("who", ["agent", "admin", "owner"])
def test_objects_of_another_workspace_are_not_found_in_ones_own(who, people, world, ours, theirs):
    """Each object of the address alone is exchanged for the stranger's, and all of them at once."""
    client, found = signed_in(getattr(people, who)), []
    before = rows_of(world.elsewhere)

    for route in filter(names_objects, routes_for(*IN_A_WORKSPACE & ENTERS[who])):
        for method in METHODS:
            for address in addresses_with_foreign_objects(route, ours, theirs):
                with undone():
                    answer = getattr(client, method)(address)
                    unharmed = rows_of(world.elsewhere) == before
                if answer.status_code != HTTPStatus.NOT_FOUND or not unharmed:
                    found.append((method, route, answer))

    assert unexpected(found) == []


def test_objects_of_another_workspace_cannot_be_posted_into_ones_own(people, world, ours, theirs):
    client, harmed = signed_in(people.owner), []
    before = rows_of(world.elsewhere)
    body = foreign_values(theirs)

    for route in routes_for(*IN_A_WORKSPACE):
        with undone():
            answer = client.post(route.url(ours), body)
            if rows_of(world.elsewhere) != before or mentions(world.workspace, theirs):
                harmed.append(("post", route, answer))

    assert unexpected(harmed) == []


def test_pages_of_a_person_need_signing_in():
    client = Client()

    for route in routes_for(SIGNED_IN):
        assert leads_to_login(client.get(route.url({}))), route


def test_a_session_is_no_integration_token(people, monkeypatch):
    monkeypatch.setattr(Runner, "start", lambda self: None)  # each request has an event loop of its own here
    client = signed_in(people.owner)

    for route in routes_for(TOKEN):
        statuses = {getattr(client, method)(route.url({})).status_code for method in METHODS}
        assert statuses == {HTTPStatus.UNAUTHORIZED, HTTPStatus.METHOD_NOT_ALLOWED}, route


def test_a_guessed_link_leads_nowhere(people, ours, world):
    client = signed_in(people.stranger)
    before = rows_of(world.workspace)

    for route in routes_for(LINK):
        for method in METHODS:
            answer = getattr(client, method)(route.url(ours | {"key": "guessed"}))
            assert answer.status_code in {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}, route

    assert rows_of(world.workspace) == before


def test_somebody_elses_link_lets_nobody_in(people, ours, world):
    client = signed_in(people.stranger)

    for route in routes_for(LINK):
        for method in METHODS:
            getattr(client, method)(route.url(ours))

    assert not Membership.objects.filter(workspace=world.workspace, user=people.stranger).exists()


def test_the_admin_is_for_staff_only(people):
    client = signed_in(people.owner)

    for route in site_map.routes():
        if route.pattern.startswith("admin/") and route.name and route.name not in {"admin:login", "admin:logout"}:
            address = address_in_admin(route)
            if address:
                answer = client.get(address)
                assert answer.status_code == HTTPStatus.FOUND, route
                assert answer.url.startswith(reverse("admin:login")), route


def own_routes():
    return [route for route in site_map.routes() if not route.pattern.startswith(GROUPS)]


def routes_for(*access):
    return [route for route in own_routes() if EXPECTED.get(route.name) in access]


def names_objects(route):
    return bool(set(route.parameters) - {"slug", "kind"})


def signed_in(user):
    client = Client()
    if user:
        client.force_login(user)
    return client


@contextmanager
def undone():
    """What happens inside is undone, so that each request meets the same objects."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def leads_to_login(answer):
    return answer.status_code == HTTPStatus.FOUND and answer.url.startswith(reverse("account_login"))


def addresses_with_foreign_objects(route, ours, theirs):
    objects = [key for key in theirs if key.rpartition("/")[2] in route.parameters and key not in {"slug", "kind"}]
    exchanges = [{key: theirs[key]} for key in objects] + [{key: theirs[key] for key in objects}]
    unchanged = route.url(ours)
    return sorted({route.url(ours | exchange) for exchange in exchanges} - {unchanged})


def foreign_values(theirs):
    """A form body that names the stranger's objects under every name that a field might have."""
    body = {"name": "Renamed", "title": "Renamed", "body": "Text", "text": "Text", "mode": "auto", "kind": "api"}
    for key, value in theirs.items():
        name = key.rpartition("/")[0].removesuffix("s") if key.endswith("/pk") else key.removesuffix("_id")
        body |= {name: str(value), f"{name}_id": str(value)}
    return body


def mentions(workspace, theirs):
    foreign = {str(value) for key, value in theirs.items() if key.endswith(("_id", "/pk"))}
    return any(str(value) in foreign for row in rows_of(workspace) for value in row[2])


def rows_of(workspace):
    """All that belongs to a workspace: every row of every table that has one."""
    rows = [("workspace", workspace.pk, Workspace.objects.filter(pk=workspace.pk).values_list().first())]
    for model in apps.get_models():
        if any(field.name == "workspace" for field in model._meta.concrete_fields):
            found = model._base_manager.filter(workspace=workspace).order_by("pk").values_list()
            rows += [(model.__name__, row[0], tuple(map(_comparable, row))) for row in found]
    return rows


def _comparable(value):
    return bytes(value) if isinstance(value, memoryview) else value


def address_in_admin(route):
    try:
        return reverse(route.name, args=["1"] * len(route.parameters))
    except NoReverseMatch:
        return None


def unexpected(found):
    """In words; a method that a route does not have at all says nothing about anybody."""
    return [
        f"{method.upper()} {route.name}: {answer.status_code} {getattr(answer, 'url', '')}".strip()
        for method, route, answer in found
        if answer.status_code != HTTPStatus.METHOD_NOT_ALLOWED
    ]
