"""`python -m benchmarks`: the three contenders in turn, round after round, and a table of ratios."""

import argparse
import json
import signal
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import uvloop

from . import contenders, databases, figures, report
from .contenders import CONTENDERS, Contender

MINUTES_PER_ROUND = 2
FIGURES = ["turns", "polls", "first", "memory"]


def main() -> None:
    options = arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # both ways to stop a run clean up behind it
    chosen = [each for each in CONTENDERS if each.letter in options.only]
    server_url = databases.server()
    with ExitStack() as stack:
        urls = {each.letter: stack.enter_context(databases.database(server_url, each.database)) for each in chosen}
        used = report.versions(databases.version(server_url))
        rounds = uvloop.run(measure(chosen, urls, options))
    found = report.medians(rounds)
    table = report.table(found, options.clients)
    print(table)
    if options.json:
        options.json.write_text(json.dumps({"versions": used, "medians": found, "rounds": rounds}, indent=2))
    if options.write_docs:
        report.write_document(table, used, len(rounds[chosen[0].letter]), options.seconds, options.delay)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=6.0, help="per contender, figure and round")
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each of the provider's 20 deltas")
    parser.add_argument("--only", type=_list_of([each.letter for each in CONTENDERS]), default=["a", "b", "c"])
    parser.add_argument("--figures", type=_list_of(FIGURES), default=FIGURES)
    parser.add_argument("--json", type=Path, metavar="FILE", help="every figure of every round")
    parser.add_argument("--write-docs", action="store_true", help="write docs/benchmarks.md")
    return parser.parse_args()


async def measure(chosen: list[Contender], urls: dict[str, str], options: argparse.Namespace) -> report.Rounds:
    """All rounds. Each begins with another contender, so that none always follows the same one."""
    rounds: report.Rounds = {each.letter: [] for each in chosen}
    started = time.monotonic()
    for number in range(options.rounds):
        if number and (time.monotonic() - started) * (number + 1) / number > options.rounds * MINUTES_PER_ROUND * 60:
            print(f"This machine is slow: stopped after round {number}.", file=sys.stderr)
            break
        order = chosen[number % len(chosen) :] + chosen[: number % len(chosen)]
        for each in order:
            rounds[each.letter].append({})
        await _measure_running(order, urls, options, rounds)
        if "memory" in options.figures:
            await _measure_memory(order, urls, rounds)
    return rounds


async def _measure_running(
    order: list[Contender], urls: dict[str, str], options: argparse.Namespace, rounds: report.Rounds
) -> None:
    wanted = [name for name in options.figures if name in figures.ON_RUNNING_SERVERS]
    if not wanted:
        return
    with (
        contenders.provider(options.delay) as provider_url,
        contenders.all_serving(order, urls, provider_url) as running,
    ):
        for name in wanted:
            for each in running:
                found = await figures.ON_RUNNING_SERVERS[name](each, options.clients, options.seconds)
                _note(rounds, each.contender, found)


async def _measure_memory(order: list[Contender], urls: dict[str, str], rounds: report.Rounds) -> None:
    with contenders.provider(figures.HELD_DELAY) as provider_url:
        for each in order:
            _note(rounds, each, await figures.memory(each, urls[each.letter], provider_url))


def _note(rounds: report.Rounds, contender: Contender, found: figures.Figures) -> None:
    rounds[contender.letter][-1].update(found)
    shown = ", ".join(f"{name} {value:.1f}" for name, value in found.items())
    print(f"round {len(rounds[contender.letter])}, {contender.name}: {shown}", file=sys.stderr, flush=True)


def _list_of(allowed: list[str]):
    def parse(text: str) -> list[str]:
        chosen = text.split(",")
        if unknown := [each for each in chosen if each not in allowed]:
            raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: not one of {', '.join(allowed)}")
        return chosen

    return parse


if __name__ == "__main__":
    main()
