from types import SimpleNamespace

import pytest
from django.db import connection

from tests.machine import needs
from tests.migrations.databases import Databases


@pytest.fixture(scope="session", params=["embedded", pytest.param("installed", marks=needs("postgresql"))])
def databases(request, django_db_setup, django_db_blocker):
    """Of the server that the tests use, and of the oldest one that the system has."""
    with django_db_blocker.unblock():
        if request.param == "embedded":
            known = connection.get_connection_params()
            yield Databases(**{name: known[name] for name in ("user", "password", "host", "port") if known.get(name)})
        else:
            cluster = request.getfixturevalue("postgresql")
            yield Databases(user="postgres", host=str(cluster.home), port=cluster.port)


@pytest.fixture(scope="session")
def before(databases):
    """A database from before the first migrations of today."""
    with databases.database() as name:
        databases.restore_before(name)
        yield name


@pytest.fixture(scope="session")
def migration(databases, before):
    """The same after today's migrations: its ``database``, and the statements of each migration."""
    with databases.database(template=before) as name:
        yield SimpleNamespace(database=name, statements=databases.migrate(name))


@pytest.fixture
def database(databases, migration):
    """A copy of the migrated one, for one test."""
    with databases.database(template=migration.database) as name:
        yield name
