"""Whether a port can be had is asked before anything else: no two servers answer on one by turns."""

import errno
import os
import signal
import socket
import subprocess
import sys

import pytest
from granian.net import SocketSpec

from lumika import listening
from tests.ground import processes, servers
from tests.ground.ports import free_port
from tests.ground.waiting import wait_for


@pytest.fixture
def port():
    return free_port()


@pytest.fixture
def listen(port):
    """Takes the port as other programs do: ``listen("::", reuse=socket.SO_REUSEPORT)``."""
    sockets = []

    def listening_socket(host="127.0.0.1", *, reuse=socket.SO_REUSEADDR):
        sockets.append(socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET))
        sockets[-1].setsockopt(socket.SOL_SOCKET, reuse, 1)
        sockets[-1].bind((host, port))
        sockets[-1].listen()
        return sockets[-1]

    yield listening_socket
    for each in sockets:
        each.close()


@pytest.mark.parametrize("reuse", [socket.SO_REUSEADDR, socket.SO_REUSEPORT])
@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.1"),
        ("127.0.0.1", "0.0.0.0"),
        ("127.0.0.1", "::"),
        ("::1", "::1"),
    ],
)
def test_a_port_that_another_program_has_is_refused(port, listen, theirs, ours, reuse):
    listening.reserve(ours, port).close()
    listen(theirs, reuse=reuse)

    with pytest.raises(listening.PortRefused, match=f"^Port {port} is taken by another program. Set PORT to one"):
        listening.reserve(ours, port)


def test_of_two_that_start_at_once_one_gets_the_port(port):
    with listening.reserve("127.0.0.1", port), pytest.raises(listening.PortRefused, match="taken"):
        listening.reserve("127.0.0.1", port)


def test_workers_share_the_port_that_their_server_reserved(port):
    with listening.reserve("127.0.0.1", port):
        shared = [SocketSpec("127.0.0.1", port, 1).build() for _ in range(2)]

    assert len(shared) == 2


def test_what_only_waits_for_late_packets_does_not_hold_the_port(port, listen):
    server = listen()
    with socket.create_connection(("127.0.0.1", port)) as client:
        accepted, _ = server.accept()
        accepted.close()  # who closes first, waits
        assert client.recv(1) == b""
    server.close()
    with pytest.raises(OSError), socket.socket() as without_reuse:
        without_reuse.bind(("127.0.0.1", port))

    reserved = listening.reserve("127.0.0.1", port)

    assert reserved is None or reserved.getsockname()[1] == port


@pytest.mark.parametrize("host", ["localhost", "lumika.example.com", "", "127.0.0.1:8000", "fe80::1%lo"])
def test_a_host_that_is_no_address_is_refused(port, host):
    with pytest.raises(listening.PortRefused, match=r"^--host takes an address such as 127\.0\.0\.1"):
        listening.reserve(host, port)


def test_an_address_of_another_machine_is_refused(port):
    with pytest.raises(listening.PortRefused, match=r"^192\.0\.2\.1 is no address of this machine"):
        listening.reserve("192.0.2.1", port)


@pytest.mark.parametrize("number", [0, -1, 65536])
def test_a_number_that_is_no_port_is_refused(number):
    with pytest.raises(listening.PortRefused, match="1 to 65535"):
        listening.reserve("127.0.0.1", number)


def test_a_port_for_root_alone_is_refused(monkeypatch):
    def refuse(*_):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", refuse)

    with pytest.raises(listening.PortRefused, match=r"^Port 80 is for root alone\. Set PORT to 1024 or higher"):
        listening.reserve("127.0.0.1", 80)


def test_serve_ends_with_one_line_and_changes_nothing_where_the_port_is_taken(port, listen, tmp_path):
    listen(reuse=socket.SO_REUSEPORT)
    environment = os.environ | {"LUMIKA_DATA_DIR": str(tmp_path / "data"), "DATABASE_URL": ""}

    ended = subprocess.run(
        [sys.executable, "manage.py", "serve", "--demo", "--port", str(port)],
        cwd=servers.ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ended.returncode == 1
    assert ended.stderr == f"CommandError: Port {port} is taken by another program. Set PORT to one that is free.\n"
    assert ended.stdout == ""
    assert not (tmp_path / "data" / "postgres").exists()


@pytest.mark.django_db(transaction=True)
def test_several_workers_of_one_server_share_its_port(tmp_path):
    log = tmp_path / "log"
    with servers.running(log=log, LUMIKA_WORKERS="2") as url:
        taken = url.rpartition(":")[2]
        server = next(child for child in processes.servers() if taken in processes.arguments(child))

        assert len(processes.children_of(server)) == 2
        with pytest.raises(listening.PortRefused, match="taken"):
            listening.reserve("127.0.0.1", int(taken))


@pytest.mark.django_db(transaction=True)
def test_workers_of_a_server_that_was_killed_give_its_port_back(tmp_path):
    with servers.running(log=tmp_path / "log") as url:
        taken = url.rpartition(":")[2]
        server = next(child for child in processes.servers() if taken in processes.arguments(child))
        with pytest.raises(listening.PortRefused, match="taken"):
            listening.reserve("127.0.0.1", int(taken))

        os.kill(server, signal.SIGKILL)

        wait_for(lambda: is_free(int(taken)))


def is_free(port):
    try:
        reserved = listening.reserve("127.0.0.1", port)
    except listening.PortRefused:
        return False
    if reserved is not None:
        reserved.close()
    return True
