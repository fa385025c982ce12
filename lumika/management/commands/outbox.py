from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from lumika import outbox

RULE = "\n" + "=" * 79 + "\n"


class Command(BaseCommand):
    help = "Prints the newest mails of the outbox, where they stay while no mail server is set. The newest comes last."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--last", type=int, default=10, help="how many (10)")
        parser.add_argument("--to", help="only those to this address")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.EMAIL_FILE_PATH:
            raise CommandError("A mail server is set (EMAIL_URL), so mails go there and none is kept here.")
        if options["last"] < 1:
            raise CommandError("--last must be at least 1.")
        mails = outbox.mails(Path(settings.EMAIL_FILE_PATH))
        if options["to"]:
            mails = [mail for mail in mails if options["to"].lower() in str(mail["To"]).lower()]
        if not mails:
            self.stdout.write("No mail yet.")
            return
        self.stdout.write(RULE.join(outbox.as_text(mail) for mail in mails[-options["last"] :]))
