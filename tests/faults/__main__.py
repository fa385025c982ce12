"""`make faults`: breaks everything that can be broken, many times, and prints what came of it.

`make faults ARGS="--only takeover,crowd --runs 5 --seed 42"` does a part; `--write-docs` puts the table into
docs/reliability.md. Ends with 1 when anything was lost, doubled or broken, or a rule's removal was not noticed.
"""

import argparse
import asyncio
import os
import platform
import random
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from time import monotonic

from tests.faults import scenarios, table
from tests.faults.ground import Ground, shared_directory
from tests.faults.mutations import MUTATIONS, Mutation
from tests.faults.scenario import SCENARIOS, Outcome, Scenario, perform

LANES = 7
WIDE_LANES = 2
assert scenarios  # importing it registers them


def main() -> None:
    options = _options()
    seed = options.seed if options.seed is not None else random.randrange(1_000_000)
    print(f"seed {seed}", file=sys.stderr, flush=True)
    started = monotonic()
    ground = Ground(shared_directory())
    outcomes, tried = asyncio.run(_everything(ground, options, seed))
    seconds = monotonic() - started

    for outcome in outcomes:
        _explain(outcome)
    shown = table.of_outcomes(outcomes)
    if tried:
        shown += f"\n\n{table.of_mutations(tried)}"
    print(f"\n{shown}\n\n{seconds:.0f} s in all, seed {seed}")
    if options.write_docs:
        today = datetime.now(UTC).date()
        machine = f"{os.cpu_count()} processors, Python {platform.python_version()}"
        table.write_document(f"{shown}\n\n{today}: {seconds / 60:.0f} minutes on {machine}, seed {seed}.")
    if not (all(outcome.is_good for outcome in outcomes) and all(table.is_caught(outcome) for _, outcome in tried)):
        sys.exit(1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make faults", description="Nothing lost, nothing twice.")
    parser.add_argument("--only", type=lambda names: names.split(","), help=f"of {', '.join(SCENARIOS)}")
    parser.add_argument("--runs", type=int, help="of each scenario, in place of its own number")
    parser.add_argument("--seed", type=int, help="of all that is left to chance")
    parser.add_argument("--lanes", type=int, default=LANES, help=f"scenarios at a time ({LANES})")
    parser.add_argument("--without-mutations", action="store_true", help="do not take rules out")
    parser.add_argument("--write-docs", action="store_true", help="write the table into docs/reliability.md")
    options = parser.parse_args()
    if unknown := set(options.only or []) - set(SCENARIOS):
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    return options


async def _everything(
    ground: Ground, options: argparse.Namespace, seed: int
) -> tuple[list[Outcome], list[tuple[Mutation, Outcome]]]:
    """What measures time or memory comes last, with room around it; the rest shares the lanes, long ones first."""
    chosen = [each for name, each in SCENARIOS.items() if options.only is None or name in options.only]
    mutations = [] if options.without_mutations or options.only else MUTATIONS
    lanes = asyncio.Semaphore(options.lanes)
    wide_lanes = asyncio.Semaphore(WIDE_LANES)

    async def play(each: Scenario) -> Outcome:
        async with wide_lanes if each.is_measured else lanes:
            outcome = await perform(each, ground, runs=options.runs or each.runs, seed=seed)
        _tell(outcome)
        return outcome

    async def mutate(each: Mutation) -> Outcome:
        async with lanes:
            outcome = await perform(
                SCENARIOS[each.scenario], ground, runs=each.runs, seed=seed, prepare=each.apply, suffix="_mutated"
            )
        print(f"{each.title}: {'caught' if table.is_caught(outcome) else 'NOT CAUGHT'}", file=sys.stderr, flush=True)
        return outcome

    long_first = sorted(chosen, key=lambda each: not each.is_long)
    together = [each for each in long_first if not each.is_measured]
    found = await _gather([*map(play, together), *map(mutate, mutations)])
    done = dict(zip([each.name for each in together], found, strict=False))
    measured = [each for each in long_first if each.is_measured]
    done |= zip([each.name for each in measured], await _gather([play(each) for each in measured]), strict=True)
    return [done[each.name] for each in chosen], list(zip(mutations, found[len(together) :], strict=True))


async def _gather(coroutines: Sequence) -> list[Outcome]:
    return list(await asyncio.gather(*coroutines))


def _tell(outcome: Outcome) -> None:
    verdict = f"skipped: {outcome.skipped}" if outcome.skipped else "good" if outcome.is_good else "NOT GOOD"
    print(f"{outcome.title}: {verdict}, {outcome.seconds:.0f} s", file=sys.stderr, flush=True)


def _explain(outcome: Outcome, most: int = 10) -> None:
    if not outcome.is_good:
        print(f"\n{outcome.title}", file=sys.stderr)
    for breach in outcome.breaches[:most]:
        print(f"  {breach}", file=sys.stderr)
    if len(outcome.breaches) > most:
        print(f"  and {len(outcome.breaches) - most} more", file=sys.stderr)
    if outcome.crash:
        print(outcome.crash, file=sys.stderr)


if __name__ == "__main__":
    main()
