"""Servers of the PostgreSQL that the system has, each on a cluster of its own in a directory that goes with it.

They listen on a Unix socket, where they trust everyone who can pass its directory, and on loopback, where they take
nobody without a certificate.
"""

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from lumika.embedded_postgres import os_account
from tests import machine
from tests.ground import certificates
from tests.ground.ports import free_port
from tests.ground.waiting import wait_for

CLUSTER = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
SETTINGS = {"fsync": "off", "listen_addresses": "127.0.0.1", "max_connections": "50", "unix_socket_permissions": "0700"}
TLS = {"ssl": "on", "ssl_ca_file": "ca.crt", "ssl_cert_file": "server.crt", "ssl_key_file": "server.key"}
WHO_MAY_COME = "local all all trust\nhostssl all all 127.0.0.1/32 cert\n"


@dataclass(frozen=True)
class Cluster:
    home: Path
    port: int

    @property
    def data(self) -> Path:
        return self.home / "data"

    def url(self, database: str) -> str:
        """By its socket."""
        return f"postgresql://postgres@/{database}?host={self.home}&port={self.port}"


@contextmanager
def running() -> Iterator[Cluster]:
    """A server of the oldest version that is installed."""
    programs = Path(machine.program("postgresql")).resolve().parent
    with tempfile.TemporaryDirectory(prefix="lumika-") as home:
        cluster = Cluster(Path(home), free_port())
        account = _account(cluster.home)
        _create(cluster, programs, account)
        settings = SETTINGS | TLS | {"unix_socket_directories": home}
        options = ["-p", str(cluster.port), *(f"--{name}={value}" for name, value in settings.items())]
        with (cluster.home / "log").open("wb") as log:
            server = subprocess.Popen([programs / "postgres", "-D", cluster.data, *options], **account, stderr=log)
        try:
            wait_for(lambda: _answers(cluster))
            yield cluster
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=30)


def _create(cluster: Cluster, programs: Path, account: dict[str, Any]) -> None:
    subprocess.run([programs / "initdb", "-D", cluster.data, *CLUSTER], **account, capture_output=True, check=True)
    certificates.write(cluster.data, owner=cluster.home.stat().st_uid)
    (cluster.data / "pg_hba.conf").write_text(WHO_MAY_COME)


def _account(home: Path) -> dict[str, Any]:
    """PostgreSQL does not run as root."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    if os.geteuid() != 0:
        return {"cwd": home, "env": environment}
    user, group = os_account.for_root(home)
    return {"cwd": home, "env": environment, "user": user, "group": group, "extra_groups": []}


def _answers(cluster: Cluster) -> bool:
    try:
        psycopg.connect(cluster.url("postgres")).close()
    except psycopg.OperationalError:
        return False
    return True
