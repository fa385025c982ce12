"""The three that are measured: how each is set up and started."""

import json
import os
import sys
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from . import servers


@dataclass(frozen=True)
class Contender:
    """One implementation of the two endpoints."""

    letter: str
    name: str
    database: str
    message_table: str
    seed: str
    """A module that makes tables, account and long conversation, and prints the account's token."""
    command: Callable[[int], list[str]]


@dataclass(frozen=True)
class Running:
    """A contender that serves."""

    contender: Contender
    database_url: str
    port: int
    pid: int
    token: str


def _serve_product(port: int) -> list[str]:
    options = ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    return [sys.executable, "manage.py", "serve", *options]


CONTENDERS = [
    Contender("a", "Lumika", "bench_product", "conversations_message", "benchmarks.product", _serve_product),
    Contender(
        "b",
        "Django",
        "bench_django",
        "django_app_message",
        "benchmarks.django_app.seed",
        lambda port: servers.granian("benchmarks.django_app.asgi:application", "asginl", port),
    ),
    Contender(
        "c",
        "FastAPI",
        "bench_fastapi",
        "message",
        "benchmarks.fastapi_app.seed",
        lambda port: servers.granian("benchmarks.fastapi_app.app:app", "asgi", port),
    ),
]
SECRETS = {"SECRET_KEY": os.urandom(32).hex(), "LUMIKA_ENCRYPTION_KEYS": urlsafe_b64encode(os.urandom(32)).decode()}


@contextmanager
def serving(contender: Contender, database_url: str, provider_url: str) -> Iterator[Running]:
    """The contender, set up for this provider, while the block runs."""
    port = servers.free_port()
    environment = {
        **SECRETS,
        "DATABASE_URL": database_url,
        "PROVIDER_URL": provider_url,
        "DEBUG": "false",
        "ALLOWED_HOSTS": "127.0.0.1",
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
    }
    token = json.loads(servers.output_of([sys.executable, "-m", contender.seed], environment))["token"]
    with servers.running(contender.command(port), environment, port) as pid:
        yield Running(contender, database_url, port, pid, token)


@contextmanager
def provider(delay: float) -> Iterator[str]:
    """The provider's double while the block runs; gives its base URL."""
    port = servers.free_port()
    with servers.running(servers.provider(port, delay), {}, port):
        yield f"http://127.0.0.1:{port}/v1"


@contextmanager
def all_serving(contenders: list[Contender], urls: dict[str, str], provider_url: str) -> Iterator[list[Running]]:
    """All of them at once."""
    with ExitStack() as stack:
        yield [stack.enter_context(serving(each, urls[each.letter], provider_url)) for each in contenders]
