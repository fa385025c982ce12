"""The world of the tests: an owner, an agent of the same workspace, and a stranger with a workspace of their own."""

from contextlib import suppress
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import OperationalError, connection, transaction
from django.test import TransactionTestCase

from integrations.models import Responder
from tests.factories import AccountFactory, MembershipFactory, ResponderFactory, UserFactory, WorkspaceFactory
from tests.ground import clusters, servers
from tests.ground.provider import ScriptedProvider
from workspaces.models import Role


@pytest.fixture(autouse=True, scope="session")
def swift_flush():
    """Rows are deleted after a test, and no tables truncated: that takes 0.2 s, waits for the running servers'
    statements, and makes each of their connections read the catalogue anew."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(TransactionTestCase, "_fixture_teardown", lambda _: delete_all_rows())
        yield


def delete_all_rows() -> None:
    """Without triggers, so that the order of the tables does not matter. A server may write meanwhile: a deadlock with
    it ends one of the two, and then it is tried again."""
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    filled_by_migrations = {ContentType._meta.db_table, Permission._meta.db_table}
    deletes = "; ".join(f'DELETE FROM "{table}"' for table in sorted(set(tables) - filled_by_migrations))
    for _ in range(4):
        with suppress(OperationalError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL session_replication_role = replica; {deletes}")
            return
    raise AssertionError("the tables could not be emptied")


@pytest.fixture
def world(db):
    """``owner`` and ``agent`` share ``workspace``; ``stranger`` owns ``elsewhere``."""
    workspace, elsewhere = WorkspaceFactory(name="Home"), WorkspaceFactory(name="Elsewhere")
    owner, agent, stranger = UserFactory(name="Olga"), UserFactory(name="Mina"), UserFactory(name="Sam")
    MembershipFactory(workspace=workspace, user=owner, role=Role.OWNER)
    MembershipFactory(workspace=workspace, user=agent, role=Role.AGENT)
    MembershipFactory(workspace=elsewhere, user=stranger, role=Role.OWNER)
    return SimpleNamespace(workspace=workspace, elsewhere=elsewhere, owner=owner, agent=agent, stranger=stranger)


@pytest.fixture(scope="session")
def provider():
    """One scripted provider a test process; a test that scripts it uses its own path or resets it."""
    with ScriptedProvider() as double:
        yield double


@pytest.fixture
def model(world, provider):
    """A responder of the workspace that asks the scripted provider."""
    return ResponderFactory(
        workspace=world.workspace, kind=Responder.Kind.OPENAI_COMPATIBLE, base_url=provider.base_url, model="double"
    )


@pytest.fixture
def account(world, model):
    """An API account in auto mode; ``account.token`` is its token."""
    return AccountFactory(workspace=world.workspace, responder=model)


@pytest.fixture(scope="session")
def granian(django_db_setup, django_db_blocker, tmp_path_factory):
    """The base URL of a Granian server on the test database, one for all tests of a test process."""
    with django_db_blocker.unblock():
        log = tmp_path_factory.mktemp("granian") / "log"
        with servers.running("granian", log=log) as url:
            yield url


@pytest.fixture(scope="session")
def daphne(django_db_setup, django_db_blocker, tmp_path_factory):
    with django_db_blocker.unblock():
        log = tmp_path_factory.mktemp("daphne") / "log"
        with servers.running("daphne", log=log) as url:
            yield url


@pytest.fixture(params=["granian", "daphne"])
def server(request):
    """The base URL of a real server; a test that uses it runs against both."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def postgresql():
    """A server of the PostgreSQL that the system has; a test that uses it `needs("postgresql")`."""
    with clusters.running() as cluster:
        yield cluster
