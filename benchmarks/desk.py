"""`python -m benchmarks.desk`: the agents' pages in a small and in a large workspace, and the ratio of their times.

Both workspaces lie in one database. Each page is asked for in turn, small and large one after the other, by Django's
test client: the whole stack and the real database, without a network.
"""

import argparse
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from . import databases
from .contenders import SECRETS
from .desk_data import Size, fill, tidy, vocabulary
from .report import write_desk_section


@dataclass(frozen=True)
class Page:
    """``path`` gives the address below the workspace's own."""

    title: str
    path: Callable[["Places"], str]


@dataclass(frozen=True)
class Places:
    """What the pages of a workspace are about."""

    slug: str
    usual: str
    longest: str
    draft: str
    deep: str
    """A cursor in the middle of the list of all conversations."""


@dataclass
class Figures:
    """Of one page in one workspace."""

    queries: int = 0
    milliseconds: list[float] = field(default_factory=list)


PAGES = [
    Page("Approvals", lambda at: "approvals/"),
    Page("Approvals, one draft", lambda at: f"approvals/{at.draft}/"),
    Page("Inbox: needs approval", lambda at: "inbox/?view=approval"),
    Page("Inbox: unanswered", lambda at: "inbox/?view=unanswered"),
    Page("Inbox: mine", lambda at: "inbox/?view=mine"),
    Page("Inbox: failed", lambda at: "inbox/?view=failed"),
    Page("Inbox: all", lambda at: "inbox/?view=all"),
    Page("Inbox: all, in the middle", lambda at: f"inbox/?view=all&after={at.deep}"),
    Page("Inbox: closed", lambda at: "inbox/?view=closed"),
    Page("Inbox, live refresh of the list", lambda at: "inbox/rows/?view=all"),
    Page("Inbox, opening a conversation", lambda at: f"inbox/{at.usual}/"),
    Page("Search: a common word", lambda at: "inbox/?q=delivery"),
    Page("Search: a beginning of common words", lambda at: "inbox/?q=de"),
    Page("Search: a word in 1 of 1,000 messages", lambda at: "inbox/?q=monogram"),
    Page("Search: a word in 1 of 300 messages", lambda at: "inbox/?q=parasol"),
    Page("Search: two common words", lambda at: "inbox/?q=delivery+order"),
    Page("Search: an order number", lambda at: "inbox/?q=A-4711"),
    Page("Search: nothing", lambda at: "inbox/?q=zanzibar"),
    Page("Search: a conversationId", lambda at: "inbox/?q=customer-471"),
    Page("Conversation", lambda at: f"conversations/{at.usual}/"),
    Page("Conversation, the longest", lambda at: f"conversations/{at.longest}/"),
]


def main() -> None:
    options = arguments()
    with product() as reader:
        vocabulary()
        workspaces = {name: make(name, size, reader) for name, size in sizes(options).items()}
        found = measure(workspaces, reader, options.rounds)
    table = report(found)
    print(table)
    if options.write_docs:
        write_desk_section(TEXT.format(table=table, rounds=options.rounds, large=f"{options.messages:,}"))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.desk", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--conversations", type=int, default=50_000, help="of the large workspace")
    parser.add_argument("--messages", type=int, default=1_000_000, help="of the large workspace")
    parser.add_argument("--write-docs", action="store_true", help="write the table into docs/benchmarks.md")
    return parser.parse_args()


@contextmanager
def product() -> Iterator[Any]:
    """A database with the product's tables and a person in it, while the block runs."""
    with databases.database(databases.server(), "bench_desk") as url:
        os.environ |= SECRETS | {"DATABASE_URL": url, "DEBUG": "false", "ALLOWED_HOSTS": "testserver"}
        os.environ |= {"PUBLIC_URL": "http://testserver", "DJANGO_SETTINGS_MODULE": "lumika.settings"}
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connections

        from workspaces.models import User

        call_command("migrate", verbosity=0)
        yield User.objects.create(email="reader@bench.example", name="Reader")
        connections.close_all()


def sizes(options: argparse.Namespace) -> dict[str, Size]:
    return {"small": Size(500, 10_000), "large": Size(options.conversations, options.messages)}


def make(name: str, size: Size, reader: Any) -> Places:
    """A workspace of this size, with 20 agents; the reader is one of them."""
    from integrations.models import IntegrationAccount
    from workspaces.models import Membership, Role, User, Workspace

    workspace = Workspace.objects.create(slug=name, name=name)
    agents = [reader, *(User.objects.create(email=f"{name}-{number}@bench.example") for number in range(19))]
    for agent in agents:
        Membership.objects.create(workspace=workspace, user=agent, role=Role.OWNER)
    account, _ = IntegrationAccount.objects.open(workspace=workspace, name="Bench", kind=IntegrationAccount.Kind.API)
    fill(workspace, account, agents, size)
    return places(workspace)


def places(workspace: Any) -> Places:
    from conversations.models import Conversation, Reply
    from workspaces.keyset import Cursor

    here = Conversation.objects.filter(workspace=workspace).order_by("-last_message_at")
    middle = here[here.count() // 2]
    return Places(
        slug=workspace.slug,
        usual=str(middle.pk),
        longest=str(here.latest("last_sequence").pk),
        draft=str(Reply.objects.filter(workspace=workspace).awaiting_approval().earliest("created_at").pk),
        deep=str(Cursor(middle.last_message_at, middle.pk)),
    )


def measure(workspaces: dict[str, Places], reader: Any, rounds: int) -> dict[str, dict[str, Figures]]:
    """By page and workspace. The first time is not counted: then plans and pages are cached."""
    from django.test import Client

    tidy()
    client = Client()
    client.force_login(reader)
    found = {page.title: {name: Figures() for name in workspaces} for page in PAGES}
    for number in range(-1, rounds):
        for page in PAGES:
            for name, at in workspaces.items():
                figures = found[page.title][name]
                spent, figures.queries = ask(client, f"/w/{at.slug}/{page.path(at)}")
                if number >= 0:
                    figures.milliseconds.append(spent)
    return found


def ask(client: Any, address: str) -> tuple[float, int]:
    """Milliseconds and queries of one answer."""
    from django.db import connection

    statements: list[str] = []

    def count(execute: Callable[..., Any], statement: str, *arguments: Any) -> Any:
        statements.append(statement)
        return execute(statement, *arguments)

    with connection.execute_wrapper(count):
        started = time.perf_counter()
        answer = client.get(address)
        spent = 1000 * (time.perf_counter() - started)
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answers {answer.status_code}")
    return spent, len(statements)


def report(found: dict[str, dict[str, Figures]]) -> str:
    """Markdown: a page a line."""
    lines = ["| page | queries | small, ms | large, ms | large to small |", "| --- | ---: | ---: | ---: | ---: |"]
    for title, figures in found.items():
        small, large = (median(figures[name].milliseconds) for name in ("small", "large"))
        queries = max(one.queries for one in figures.values())
        lines.append(f"| {title} | {queries} | {small:.1f} | {large:.1f} | {large / small:.2f} × |")
    return "\n".join(lines)


TEXT = """## The desk

Measured by `python -m benchmarks.desk` (written here with `--write-docs`): the agents' pages in a workspace with 500
conversations and 10,000 messages, and in one with 50,000 conversations and {large} messages, in one database.

{table}

- What has to hold: at most 15 queries, and at most twice the time in the large workspace.
- Median of {rounds} rounds; small and large take turns within a round. Django's test client asks: the whole stack and
  the real database, without a network. The absolute times belong to one machine.
- The conversations have 4 to 35 messages each, and one of them all the rest; 500 drafts wait (in the small workspace
  as many as it has room for); one reply in a hundred has failed; six of ten conversations are closed.
- Why search is quick for rare and for common words: [decision 8](decisions/0008-inbox-search.md).
"""

if __name__ == "__main__":
    main()
