"""WebKit's MiniBrowser, driven by WebDriver, on a display that nobody sees."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2

from tests import machine
from tests.ground.ports import free_port
from tests.ground.waiting import wait_for

SECONDS = 60


@contextmanager
def opened() -> Iterator["WebDriver"]:
    with _display() as display, _driver(display) as address, httpx2.Client(base_url=address, timeout=SECONDS) as client:
        session = _value(client.post("/session", json={"capabilities": {}}))["sessionId"]
        try:
            yield WebDriver(client, f"/session/{session}")
        finally:
            client.delete(f"/session/{session}")


class WebDriver:
    def __init__(self, client: httpx2.Client, session: str) -> None:
        self._client = client
        self._session = session

    def go(self, url: str) -> None:
        _value(self._client.post(f"{self._session}/url", json={"url": url}))

    def run(self, script: str, *arguments: Any) -> Any:
        """What the script returns, as the body of a function."""
        asked = {"script": script, "args": list(arguments)}
        return _value(self._client.post(f"{self._session}/execute/sync", json=asked))


def _value(answer: httpx2.Response) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()["value"]


@contextmanager
def _display() -> Iterator[str]:
    """Xvfb takes a number that is free, and tells it."""
    command = [machine.program("xvfb"), "-displayfd", "1", "-screen", "0", "800x600x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        try:
            yield f":{process.stdout.readline().decode().strip()}"
        finally:
            process.terminate()


@contextmanager
def _driver(display: str) -> Iterator[str]:
    port = free_port()
    environment = os.environ | {"DISPLAY": display, "GDK_BACKEND": "x11", "WEBKIT_DISABLE_COMPOSITING_MODE": "1"}
    command = [machine.program("webkit"), f"--port={port}"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            wait_for(lambda: _answers(address), seconds=SECONDS)
            yield address
        finally:
            process.terminate()


def _answers(address: str) -> bool:
    try:
        return httpx2.get(f"{address}/status").status_code == 200
    except httpx2.TransportError:
        return False
