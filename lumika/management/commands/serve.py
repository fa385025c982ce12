import os
import resource
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from granian import Granian
from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings

from lumika import demo
from lumika.management.commands.demo import as_text

STREAMS_PER_WORKER = 10_000
SECONDS_TO_CLOSE = 10
SECONDS_BETWEEN_REQUESTS = 10
"""So long a connection may take for a request's headers, or stay open and say nothing."""


class Command(BaseCommand):
    help = "Serves Lumika with Granian. Its log never shows a query string."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
        parser.add_argument("--port", type=int, default=settings.PORT, help="port to listen on (PORT, or 8000)")
        workers = settings.LUMIKA_WORKERS
        parser.add_argument("--workers", type=int, default=workers, help="processes (LUMIKA_WORKERS, or 1)")
        parser.add_argument("--demo", action="store_true", help="migrate and make the demo workspace first")

    def execute(self, *args: Any, **options: Any) -> str | None:
        settings.LUMIKA_WORKERS = options["workers"]  # before the system checks, which ask for it
        return super().execute(*args, **options)

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.DATABASE_URL and not settings.DEBUG and settings.SECRETS_ARE_KEPT:
            raise CommandError(
                "SECRET_KEY and LUMIKA_ENCRYPTION_KEYS must be set when DATABASE_URL is, or a lost disk makes every "
                "stored secret unreadable. Set both (see .env.example), or DEBUG=on for a trial."
            )
        if not os.environ.get("PUBLIC_URL"):  # the address that links name; the workers inherit it
            settings.PUBLIC_URL = f"http://localhost:{options['port']}"
        if options["demo"]:
            call_command("migrate", verbosity=0)
            self.stdout.write(as_text(demo.refresh()))
        if not settings.DATABASE_URL:
            connections["default"].ensure_connection()  # this process keeps the embedded server up for its workers
        connections.close_all()
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lumika.settings")
        _permit_many_open_files()
        Granian(
            "lumika.asgi:application",
            address=options["host"],
            port=options["port"],
            interface=Interfaces.ASGI,
            http=HTTPModes.http1,  # nobody speaks HTTP/2 without TLS, and an open stream costs 10 KB less
            workers=options["workers"],
            loop=Loops.uvloop,
            http1_settings=HTTP1Settings(header_read_timeout=SECONDS_BETWEEN_REQUESTS * 1000),
            backpressure=STREAMS_PER_WORKER,
            workers_kill_timeout=settings.LUMIKA_GRACE_SECONDS + SECONDS_TO_CLOSE,
            respawn_failed_workers=True,
            log_access=False,
        ).serve()


def _permit_many_open_files() -> None:
    """As many as the system allows: a stream takes two, and the usual limit of 1,024 is for other programs."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
