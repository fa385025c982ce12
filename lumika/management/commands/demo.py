import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from lumika import demo


class Command(BaseCommand):
    help = "Makes the demo workspace, or completes it, and says how to use it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of text")

    def handle(self, *args: Any, **options: Any) -> None:
        described = demo.refresh()
        self.stdout.write(json.dumps(described) if options["json"] else as_text(described))


def as_text(described: dict[str, Any]) -> str:
    """The demo for people: where to look, and a line that streams an answer when pasted into a shell."""
    address = described["dashboard"].partition("/w/")[0]
    token = described["accounts"][0]["token"]
    lines = [
        "",
        f"  Dashboard   {described['dashboard']}",
        f"  Sign in     {described['email']}  {described['password']}",
        "",
        *(f"  {account['token']}  {account['name']}" for account in described["accounts"]),
        "",
        "  Send a message and watch the reply stream in:",
        "",
        f"  curl -NG {address}/conversation/sse -d integrationToken={token} \\",
        "    -d conversationId=customer-42 --data-urlencode 'textContent=How do I approve a reply?'",
        "",
        f"  curl -G {address}/conversation/history -d integrationToken={token} -d conversationId=customer-42",
        "",
    ]
    return "\n".join(lines)
