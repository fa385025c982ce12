"""Firefox, driven by Marionette: the protocol that it speaks on a port of its own."""

import json
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from tests import machine
from tests.ground.waiting import wait_for

SECONDS = 60
PREFERENCES = {
    "marionette.port": 0,  # any that is free; it is written into the profile
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "toolkit.telemetry.enabled": False,
}


@contextmanager
def opened() -> Iterator["Marionette"]:
    """A Firefox with a profile of its own."""
    program = machine.program("firefox")
    with tempfile.TemporaryDirectory(prefix="lumika-firefox-", ignore_cleanup_errors=True) as profile:
        lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in PREFERENCES.items())
        Path(profile, "user.js").write_text("".join(lines))
        command = [program, "--headless", "--marionette", "--no-remote", "--profile", profile]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            port = Path(profile, "MarionetteActivePort")
            wait_for(lambda: port.exists() and port.read_text(), seconds=SECONDS)
            address = ("127.0.0.1", int(port.read_text()))
            with socket.create_connection(address, SECONDS) as connection, connection.makefile("rb") as incoming:
                marionette = Marionette(connection, incoming)
                yield marionette
                marionette.quit()
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
        finally:
            process.kill()
            process.wait()


class Marionette:
    """Messages are JSON behind their length: ``12:[0, 1, name, parameters]``, answered by ``[1, 1, error, result]``."""

    def __init__(self, connection: socket.socket, incoming: BinaryIO) -> None:
        self._connection = connection
        self._incoming = incoming
        self._number = 0
        self._receive()  # who it is
        self._call("WebDriver:NewSession")

    def go(self, url: str) -> None:
        self._call("WebDriver:Navigate", url=url)

    def run(self, script: str, *arguments: Any) -> Any:
        """What the script returns, as the body of a function."""
        return self._call("WebDriver:ExecuteScript", script=script, args=list(arguments))["value"]

    def quit(self) -> None:
        self._call("Marionette:Quit", flags=["eForceQuit"])

    def _call(self, name: str, **parameters: Any) -> Any:
        self._number += 1
        message = json.dumps([0, self._number, name, parameters]).encode()
        self._connection.sendall(b"%d:%b" % (len(message), message))
        _, _, error, result = self._receive()
        assert error is None, error
        return result

    def _receive(self) -> Any:
        length = b""
        while (byte := self._incoming.read(1)) != b":":
            assert byte, "Firefox has gone"
            length += byte
        return json.loads(self._incoming.read(int(length)))
