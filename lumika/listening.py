"""Whether `serve` can have its port. It asks first, since nothing else tells.

Granian's workers share their port by SO_REUSEPORT, and the kernel lets any other server of the same account share it
too: two servers would answer by turns, from two databases.
"""

import errno
import ipaddress
import socket
from contextlib import suppress


class PortRefused(Exception):
    """In one line for the operator."""


def reserve(host: str, port: int) -> socket.socket | None:
    """Keeps the port for this process and its workers as long as the socket lives; it takes no connections.

    Raises PortRefused when another program has the port, or when it cannot be had at this address.
    """
    if not 1 <= port <= 65535:
        raise PortRefused(f"--port takes 1 to 65535, not {port}.")
    family = _family(host)
    with _bound(family, socket.SO_REUSEADDR, host, port):  # what only waits for late packets does not count as taken
        pass
    with suppress(PortRefused):  # there are such packets: then the port is free, and cannot be reserved
        return _bound(family, socket.SO_REUSEPORT, host, port)
    return None


def _family(host: str) -> socket.AddressFamily:
    try:
        if "%" not in host:  # Granian takes no zone
            return {4: socket.AF_INET, 6: socket.AF_INET6}[ipaddress.ip_address(host).version]
    except ValueError:
        pass
    raise PortRefused(f"--host takes an address such as 127.0.0.1, 0.0.0.0 or ::1, not {host!r}.")


def _bound(family: socket.AddressFamily, option: int, host: str, port: int) -> socket.socket:
    try:
        found = socket.socket(family)
    except OSError:
        raise PortRefused(f"This machine has no {family.name}, so nothing can listen on {host}.") from None
    try:
        found.setsockopt(socket.SOL_SOCKET, option, 1)
        found.bind((host, port))
    except OSError as error:
        found.close()
        raise PortRefused(_reason(error, host, port)) from None
    return found


def _reason(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is taken by another program. Set PORT to one that is free."
    if error.errno in {errno.EACCES, errno.EPERM}:
        return f"Port {port} is for root alone. Set PORT to 1024 or higher, and let a reverse proxy listen on {port}."
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{host} is not an address of this machine. Give --host one that is, or 0.0.0.0 for all."
    return f"Nothing can listen on {host}, port {port}: {error.strerror}."
