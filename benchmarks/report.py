"""The table: medians of the rounds, and how many times better the product is than each of the others."""

import platform
from importlib.metadata import version
from pathlib import Path
from statistics import median

from .contenders import CONTENDERS
from .figures import HELD_STREAMS
from .servers import ROOT

DOCUMENT = ROOT / "docs" / "benchmarks.md"
DESK_START, DESK_END = "<!-- desk -->\n", "<!-- end of desk -->\n"
PACKAGES = ["django", "fastapi", "granian", "openai", "sqlalchemy", "asyncpg", "psycopg", "sse-starlette", "uvloop"]
ROWS = [
    ("turns_per_second", "whole turns per second, {clients} clients", "more"),
    ("first_delta_ms_one_p50", "first delta, 1 client, p50, ms", "less"),
    ("first_delta_ms_one_p99", "first delta, 1 client, p99, ms", "less"),
    ("first_delta_ms_many_p50", "first delta, {clients} clients, p50, ms", "less"),
    ("first_delta_ms_many_p99", "first delta, {clients} clients, p99, ms", "less"),
    ("polls_per_second", "history polls per second, {clients} clients", "more"),
    ("kb_per_stream", "memory per open stream, KB", "less"),
    ("partials_per_turn", "deltas received per turn (of 20 sent)", ""),
]

Rounds = dict[str, list[dict[str, float]]]
"""By letter of the contender, one set of figures per round."""


def medians(rounds: Rounds) -> dict[str, dict[str, float]]:
    """By letter and figure."""
    return {
        letter: {name: median(figures[name] for figures in of_one) for name in of_one[0]}
        for letter, of_one in rounds.items()
    }


def table(found: dict[str, dict[str, float]], clients: int) -> str:
    """Markdown. A ratio above 1 is in the product's favour, whichever way the figure counts."""
    present = [each for each in CONTENDERS if each.letter in found]
    others = [each for each in present if "a" in found and each.letter != "a"]
    heads = ["", *(each.name for each in present), *(f"Lumika to {each.name}" for each in others)]
    lines = [_line(heads), _line(["---", *("---:" for _ in heads[1:])])]
    for name, title, better in ROWS:
        if not all(name in figures for figures in found.values()):
            continue
        values = {letter: figures[name] for letter, figures in found.items()}
        ratios = [_ratio(values["a"], values[each.letter], better) for each in others]
        numbers = [_number(values[each.letter]) for each in present]
        lines.append(_line([title.format(clients=clients), *numbers, *ratios]))
    return "\n".join(lines)


def versions(postgresql: str) -> dict[str, str]:
    """What was measured."""
    return {"python": platform.python_version(), "postgresql": postgresql} | {name: version(name) for name in PACKAGES}


def write_document(
    markdown: str, used: dict[str, str], rounds: int, seconds: float, delay: float, path: Path = DOCUMENT
) -> None:
    """Replaces docs/benchmarks.md, except for what `python -m benchmarks.desk` wrote there."""
    listed = ", ".join(f"{name} {number}" for name, number in used.items())
    values = {"table": markdown, "versions": listed, "rounds": rounds, "held": HELD_STREAMS}
    values |= {"seconds": f"{seconds:g}", "delay": f"{delay:g}"}
    path.write_text(TEXT.format(**values) + desk_section(path))


def desk_section(path: Path = DOCUMENT) -> str:
    """With its markers; empty where there is none."""
    text = path.read_text() if path.exists() else ""
    start, end = text.find(DESK_START), text.find(DESK_END)
    return f"\n{text[start : end + len(DESK_END)]}" if 0 <= start < end else ""


def write_desk_section(markdown: str, path: Path = DOCUMENT) -> None:
    """Replaces the section of the desk, or adds it at the end."""
    rest = path.read_text().replace(desk_section(path), "") if desk_section(path) else path.read_text()
    path.write_text(f"{rest.rstrip()}\n\n{DESK_START}{markdown}{DESK_END}")


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _ratio(product: float, other: float, better: str) -> str:
    if not better or product <= 0 or other <= 0:
        return ""
    return f"{product / other if better == 'more' else other / product:.1f} ×"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


TEXT = """# Benchmarks

Measured by `make bench` (written here by `python -m benchmarks --write-docs`). The absolute numbers belong to one
machine on which the load, PostgreSQL and the provider's double run too; the ratios are what carries over.

{table}

- A ratio above 1 × is in Lumika's favour. Medians of {rounds} rounds of {seconds} s; within a round the contenders take
  turns, all on one PostgreSQL server, each with a database of its own.
- **Django** and **FastAPI** are the same two endpoints as a team would write them without special tricks: async views,
  the ORM, the default middleware and the `openai` SDK; SQLAlchemy on asyncpg, Pydantic, sse-starlette and the `openai`
  SDK. They keep the core (token, allowed domains, idempotent `clientMessageId`, both messages and the reply stored,
  history by cursor) and leave out what Lumika does besides: resuming, holding for approval, taking over after a
  crash, gapless numbering.
- All three run under Granian, one worker, uvloop, so that the code is compared and not the server.
- A whole turn: send, stream to the end, text checked by the client; afterwards both messages of every turn are counted
  in the database. The provider's double sends 20 deltas, {delay} s before each; without a delay all are there at once.
- **Read the turns with the last row.** Lumika joins deltas that are waiting already into one block, the others send a
  block for each: part of the difference in turns is that saving, not speed per block. `--delay 0.002` spaces the
  deltas so that all three send about 20 blocks. Much longer delays measure the delay: 16 clients cannot do more.
- A history poll asks for what follows a cursor: the 2 newest of 200 messages.
- Memory: growth of the server's resident memory, all its processes, by {held} streams held open with a slow provider.

Versions: {versions}.
"""
