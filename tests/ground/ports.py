"""Ports that stay free for the server that is to have them, also while it is down for a moment."""

import secrets
import socket
from contextlib import suppress

PORTS = range(20_000, 32_000)
"""Below those that the system gives to clients, or one of them would take the port of a server that is down."""


def free_port() -> int:
    while True:
        port = secrets.choice(PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
