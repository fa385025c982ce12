import ctypes
import os
import resource
import signal
from contextlib import suppress
from socket import socket
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from granian import Granian
from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings

from lumika import demo, listening, reachability
from lumika.management.commands.demo import as_text

STREAMS_PER_WORKER = 10_000
SECONDS_TO_CLOSE = 10
SECONDS_BETWEEN_REQUESTS = 10
"""So long a connection may take for a request's headers, or stay open and say nothing."""
PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


class Command(BaseCommand):
    help = "Serves Lumika with Granian. Its log never shows a query string."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
        parser.add_argument("--port", type=int, default=settings.PORT, help="port to listen on (PORT, or 8000)")
        workers = settings.LUMIKA_WORKERS
        parser.add_argument("--workers", type=int, default=workers, help="processes (LUMIKA_WORKERS, or 1)")
        parser.add_argument("--demo", action="store_true", help="migrate and make the demo workspace first")

    def execute(self, *args: Any, **options: Any) -> str | None:
        if options["workers"] < 1:
            raise CommandError(f"--workers takes 1 or more, not {options['workers']}.")
        settings.LUMIKA_WORKERS = options["workers"]  # before the system checks, which ask for it
        return super().execute(*args, **options)

    def handle(self, *args: Any, **options: Any) -> None:
        _refuse_kept_secrets()
        reserved = self._reserved(options["host"], options["port"])
        if not os.environ.get("PUBLIC_URL"):  # the address that links name, for the workers too
            os.environ["PUBLIC_URL"] = settings.PUBLIC_URL = f"http://localhost:{options['port']}"
        self._look_around()
        if options["demo"]:
            call_command("migrate", verbosity=0)
            self.stdout.write(as_text(demo.refresh()))
        if not settings.DATABASE_URL:
            connections["default"].ensure_connection()  # this process keeps the embedded server up for its workers
        connections.close_all()
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lumika.settings")
        _permit_many_open_files()
        os.register_at_fork(after_in_child=_end_with_the_parent)
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
        if reserved is not None:
            reserved.close()

    def _reserved(self, host: str, port: int) -> socket | None:
        try:
            return listening.reserve(host, port)
        except listening.PortRefused as refusal:
            raise CommandError(str(refusal)) from None

    def _look_around(self) -> None:
        """Before anything is changed: what is missing for good ends the start, and what may come back is said."""
        if fault := reachability.why_no_database():
            raise CommandError(fault)
        if settings.REDIS_URL and (fault := reachability.why_no_redis(settings.REDIS_URL)):
            self.stderr.write(
                f"Redis (REDIS_URL) does not answer: {fault} Until it does, open pages show up to a minute late what "
                "happened in other processes."
            )
        if settings.DATABASE_URL and settings.MAIL_IS_KEPT:
            self.stderr.write(
                f"EMAIL_URL is not set: mails reach nobody, and become files in {settings.EMAIL_FILE_PATH}, the links "
                "that reset passwords among them."
            )


def _refuse_kept_secrets() -> None:
    if settings.DATABASE_URL and not settings.DEBUG and settings.SECRETS_ARE_KEPT:
        raise CommandError(
            "SECRET_KEY and LUMIKA_ENCRYPTION_KEYS must be set when DATABASE_URL is, or a lost disk makes every "
            "stored secret unreadable. Set both (see .env.example), or DEBUG=on for a trial."
        )


def _permit_many_open_files() -> None:
    """As many as the system allows: a stream takes two, and the usual limit of 1,024 is for other programs."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _end_with_the_parent() -> None:
    """A worker whose server was killed would keep the port from the next one. Where there is no prctl, it does."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
