"""Django's database backend for the embedded PostgreSQL; the server starts with the first connection.

    DATABASES = {"default": {"ENGINE": "lumika.embedded_postgres", "NAME": "lumika"}}

It lies in `settings.LUMIKA_DATA_DIR`. User, host and port come from the server and must not be set. Everything else,
OPTIONS included, is as with `django.db.backends.postgresql`.
"""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db.backends.postgresql import base, client
from psycopg.conninfo import conninfo_to_dict

from lumika import embedded_postgres


class DatabaseClient(client.DatabaseClient):
    @classmethod
    def settings_to_cmd_args_env(
        cls, settings_dict: dict[str, Any], parameters: Iterable[str]
    ) -> tuple[list[str], dict[str, str] | None]:
        address = {name.upper(): value for name, value in _server_address().items()}
        arguments, environment = super().settings_to_cmd_args_env({**settings_dict, **address}, parameters)
        return [str(embedded_postgres.psql(settings.LUMIKA_DATA_DIR)), *arguments[1:]], environment


class DatabaseWrapper(base.DatabaseWrapper):
    client_class = DatabaseClient

    def get_connection_params(self) -> dict[str, Any]:
        return {**super().get_connection_params(), **_server_address()}


def _server_address() -> dict[str, Any]:
    address = conninfo_to_dict(embedded_postgres.start(settings.LUMIKA_DATA_DIR))
    return {name: address[name] for name in ("user", "host", "port")}
