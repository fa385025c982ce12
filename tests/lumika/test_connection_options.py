"""Whatever libpq takes behind the ? of DATABASE_URL holds for the conversation API as it does for pages."""

import asyncio

import pytest
from django.db import connections

from conversations.store import database
from lumika.environment import addresses
from tests.machine import needs

pytestmark = needs("postgresql")

ASKED = """
SELECT current_setting('application_name'), current_setting('search_path'), current_setting('lock_timeout'),
    inet_server_port(), (SELECT client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid())
"""

TLS_FILES = {"sslrootcert": "ca.crt", "sslcert": "client.crt", "sslkey": "client.key"}


@pytest.fixture
def told(postgresql, monkeypatch, django_db_blocker):
    """What the server says to a page and to the API, with this DATABASE_URL."""

    def ask(url, **environment):
        monkeypatch.delenv("PGOPTIONS", raising=False)
        for name, value in (environment | {"DATABASE_URL": url}).items():
            monkeypatch.setenv(name, str(value))
        connections.settings["default"] = tests_own | addresses.database("DATABASE_URL")
        database.bound_pages()
        connections["default"] = connections.create_connection("default")
        return _told_to_a_page(), asyncio.run(_told_to_the_api())

    with django_db_blocker.unblock():
        tests_own, connection = connections.settings["default"], connections["default"]
        yield ask
        connections["default"].close()
        connections.settings["default"], connections["default"] = tests_own, connection


def _told_to_a_page():
    with connections["default"].cursor() as cursor:
        cursor.execute(ASKED)
        return cursor.fetchone()


async def _told_to_the_api():
    try:
        return (await database.fetch(ASKED))[0]
    finally:
        await database.close()


def test_a_name_and_settings_reach_both_and_each_keeps_its_limits(postgresql, told):
    url = f"{postgresql.url('postgres')}&application_name=desk&options=-c%20search_path%3Delsewhere"

    assert told(url) == (("desk", "elsewhere", "5s", None, None), ("desk", "elsewhere", "3s", None, None))


def test_settings_of_the_environment_reach_both(postgresql, told):
    page, api = told(postgresql.url("postgres"), PGOPTIONS="-c search_path=elsewhere -c lock_timeout=1")

    assert (page[1:3], api[1:3]) == (("elsewhere", "5s"), ("elsewhere", "3s"))


def test_a_service_is_looked_up_for_both(postgresql, told, tmp_path):
    services = tmp_path / "services"
    services.write_text(
        f"[desk]\nhost={postgresql.home}\nport={postgresql.port}\nuser=postgres\ndbname=postgres\n"
        "application_name=named there\noptions=-c search_path=elsewhere\n"
    )

    page, api = told("postgresql:///?service=desk", PGSERVICEFILE=services)

    assert (page[:3], api[:3]) == (("named there", "elsewhere", "5s"), ("named there", "elsewhere", "3s"))


def test_certificates_are_shown_and_checked_by_both(postgresql, told):
    files = {name: postgresql.data / file for name, file in TLS_FILES.items()}
    url = f"postgresql://postgres@127.0.0.1:{postgresql.port}/postgres?sslmode=verify-full&"

    page, api = told(url + "&".join(f"{name}={path}" for name, path in files.items()))

    assert page[3:] == api[3:] == (postgresql.port, "/CN=postgres")


def test_the_first_of_several_hosts_that_takes_writes_serves_both(postgresql, told):
    """Sockets, so that no other server can be meant."""
    hosts = f"host={postgresql.home / 'nowhere'},{postgresql.home}&port={postgresql.port},{postgresql.port}"

    page, api = told(f"postgresql://postgres@/postgres?{hosts}&target_session_attrs=read-write&keepalives_idle=9")

    assert (page[2], api[2]) == ("5s", "3s")


@pytest.mark.parametrize(("given", "taken"), [(None, 5), (2, 2), (10, 5), (0, 5)])
def test_an_operator_may_give_a_server_less_time_to_answer(given, taken):
    assert database._patience(given) == taken
