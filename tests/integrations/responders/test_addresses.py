"""Where responders may connect to. No test leaves the machine: names are resolved by a double."""

import asyncio
import socket
from asyncio.selector_events import BaseSelectorEventLoop
from ssl import CERT_REQUIRED, SSLContext

import pytest

from integrations.responders.addresses import checked_url
from integrations.responders.base import ResponderError, ResponderRefused
from tests.ground.provider import ScriptedProvider
from tests.integrations.responders.asking import asked, failure, reply

CLOSED = [
    "10.0.0.5",
    "172.16.1.1",
    "192.168.1.1",
    "100.64.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "168.63.129.16",
    "192.0.0.192",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "::ffff:10.0.0.5",
    "::127.0.0.1",
    "64:ff9b::a00:5",
    "2002:a00:5::1",
]
PUBLIC = "93.184.215.14"


class Resolver:
    """Answers lookups in turn, and every later one with the last answer."""

    def __init__(self, *answers: list[str]) -> None:
        self.asked: list[str] = []
        self._answers = list(answers)

    def __call__(self, host: str, port: int, *_: object, **__: object) -> list:
        self.asked.append(host)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        family = {True: socket.AF_INET6, False: socket.AF_INET}
        return [(family[":" in address], socket.SOCK_STREAM, 6, "", (address, port)) for address in answer]


@pytest.fixture
def connected(monkeypatch):
    """The addresses that connections went to; none of them is made."""
    tried: list[str] = []

    async def connect(_loop, _socket, address):
        tried.append(address[0])
        raise ConnectionRefusedError("nobody there")

    monkeypatch.setattr(BaseSelectorEventLoop, "sock_connect", connect)
    return tried


def resolves_to(monkeypatch, *answers: list[str]) -> Resolver:
    resolver = Resolver(*answers)
    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    return resolver


@pytest.mark.asyncio
async def test_a_public_address_is_connected_to(monkeypatch, connected) -> None:
    resolves_to(monkeypatch, [PUBLIC])

    error = await failure(asked("https://api.example/v1"))

    assert error.code == "responder_unavailable"
    assert set(connected) == {PUBLIC}


@pytest.mark.asyncio
@pytest.mark.parametrize("address", CLOSED)
async def test_a_name_that_leads_to_a_closed_address_is_refused(monkeypatch, connected, address: str) -> None:
    resolves_to(monkeypatch, [address])

    error = await failure(asked("https://api.example/v1"))

    assert isinstance(error, ResponderRefused)
    assert "api.example leads" in error.message
    assert address not in error.message
    assert connected == []


@pytest.mark.asyncio
@pytest.mark.parametrize("address", CLOSED)
async def test_one_closed_address_among_public_ones_is_refused(monkeypatch, connected, address: str) -> None:
    resolves_to(monkeypatch, [PUBLIC, address])

    assert isinstance(await failure(asked("https://api.example/v1")), ResponderRefused)
    assert connected == []


@pytest.mark.asyncio
async def test_the_connection_goes_to_what_was_checked_also_when_the_name_changes(monkeypatch, connected) -> None:
    resolver = resolves_to(monkeypatch, [PUBLIC], ["169.254.169.254"])

    await failure(asked("https://rebinding.example/v1"))

    assert connected == [PUBLIC]  # and the retry, which looked the name up anew, was refused
    assert resolver.asked == ["rebinding.example"] * 2


@pytest.mark.asyncio
async def test_the_next_address_is_tried_when_the_first_does_not_answer(monkeypatch, connected) -> None:
    resolves_to(monkeypatch, ["2606:4700::1111", PUBLIC])

    await failure(asked("https://api.example/v1"))

    assert connected[:2] == ["2606:4700::1111", PUBLIC]


@pytest.mark.asyncio
async def test_localhost_by_name_is_this_machine_and_only_that(monkeypatch, connected, provider) -> None:
    resolves_to(monkeypatch, ["10.0.0.5"])
    assert isinstance(await failure(asked("http://localhost:11434/v1")), ResponderRefused)
    assert connected == []


@pytest.mark.asyncio
async def test_loopback_is_open_where_the_url_names_it(provider: ScriptedProvider) -> None:
    for host in ("127.0.0.1", "localhost"):
        assert (await reply(asked(f"http://{host}:{provider.port}/v1")))[0]


@pytest.mark.asyncio
async def test_private_networks_open_by_the_operators_switch(monkeypatch, connected, settings) -> None:
    settings.LUMIKA_ALLOW_PRIVATE_ADDRESSES = True
    resolves_to(monkeypatch, ["10.0.0.5"])

    assert (await failure(asked("http://ollama:11434/v1"))).code == "responder_unavailable"
    assert set(connected) == {"10.0.0.5"}


@pytest.mark.asyncio
@pytest.mark.parametrize("address", ["169.254.169.254", "224.0.0.1", "168.63.129.16", PUBLIC])
async def test_the_switch_opens_neither_metadata_nor_plain_http_to_the_internet(
    monkeypatch, connected, settings, address: str
) -> None:
    settings.LUMIKA_ALLOW_PRIVATE_ADDRESSES = True
    resolves_to(monkeypatch, [address])

    assert isinstance(await failure(asked("http://api.example/v1")), ResponderRefused)
    assert connected == []


@pytest.mark.asyncio
async def test_a_slow_lookup_counts_as_a_slow_connection(monkeypatch) -> None:
    from integrations.responders.deadlines import Deadlines

    async def never(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", never)

    assert (await failure(asked("https://api.example/v1"), Deadlines(connect=0.1))).code == "responder_timeout"


@pytest.mark.asyncio
async def test_the_certificate_is_checked_against_the_name(monkeypatch) -> None:
    names: list[str] = []

    async def connect(*_: object) -> None:
        pass

    async def secure(*_: object, sock: socket.socket, server_hostname: str, ssl: SSLContext, **__: object) -> None:
        sock.close()
        assert ssl.check_hostname and ssl.verify_mode == CERT_REQUIRED
        names.append(server_hostname)
        raise ConnectionResetError("stop here")

    monkeypatch.setattr(BaseSelectorEventLoop, "sock_connect", connect)
    monkeypatch.setattr(BaseSelectorEventLoop, "create_connection", secure)
    resolves_to(monkeypatch, [PUBLIC])

    await failure(asked("https://api.example/v1"))

    assert set(names) == {"api.example"}


@pytest.mark.asyncio
@pytest.mark.parametrize("host", ["2130706433", "127.1", "0177.0.0.1", "127.0.0.1."])
async def test_other_ways_to_write_this_machines_address_are_refused(provider: ScriptedProvider, host: str) -> None:
    error = await failure(asked(f"https://{host}:{provider.port}/v1"))

    assert isinstance(error, ResponderRefused)
    assert f"{host} is no name and no address" in error.message
    assert provider.connections_made == 0


@pytest.mark.asyncio
@pytest.mark.parametrize("host", ["0x7f000001", "localhost."])
async def test_other_names_for_this_machine_do_not_lead_to_it(provider: ScriptedProvider, host: str) -> None:
    assert isinstance(await failure(asked(f"https://{host}:{provider.port}/v1")), ResponderError)
    assert provider.connections_made == 0


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example/v1",
        "https://10.0.0.5/v1",
        "https://[fd00::1]/v1",
        "http://169.254.169.254/latest",
        "https://user:password@api.example/v1",
        "file:///etc/passwd",
        "https://",
        "https://xn--/v1",
        "https://example.com/" + "x" * 200,
    ],
)
def test_a_url_that_can_never_work_is_refused_as_it_stands(url: str) -> None:
    with pytest.raises(ResponderRefused):
        checked_url(url)


@pytest.mark.parametrize(
    "url",
    ["https://api.example/v1", "http://localhost:11434/v1", "http://127.0.0.1:1/v1", "http://[::1]:1/v1"],
)
def test_https_and_loopback_pass(url: str) -> None:
    assert str(checked_url(url)) == url
