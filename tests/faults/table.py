"""What came of a run, as Markdown; and where it stands in the documentation."""

import re
from collections.abc import Sequence

from tests.faults.mutations import Mutation
from tests.faults.scenario import Outcome
from tests.ground.servers import ROOT

DOCUMENT = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- written by make faults -->", "<!-- end -->"
HEADS = ["What broke", "runs", "sends", "lost", "twice", "other breaches", "seconds", "measured"]
MUTATION_HEADS = ["Rule taken out", "noticed by", "runs", "breaches", "verdict"]


def of_outcomes(outcomes: Sequence[Outcome]) -> str:
    lines = [_line(HEADS), _line(["---", *["---:"] * 6, "---"])]
    for outcome in outcomes:
        if outcome.skipped:
            lines.append(_line([outcome.title, "0", *[""] * 5, f"skipped: {outcome.skipped}"]))
            continue
        counts = outcome.counts
        numbers = [outcome.runs, outcome.sends, counts["lost"], counts["twice"], counts["broken"]]
        notes = ["could not go on"] if outcome.crash else outcome.notes
        seconds = f"{outcome.seconds:.0f}"
        lines.append(_line([outcome.title, *(f"{number:,}" for number in numbers), seconds, "; ".join(notes)]))
    whole = [outcome for outcome in outcomes if not outcome.skipped]
    sums = [sum(outcome.runs for outcome in whole), sum(outcome.sends for outcome in whole)]
    sums += [sum(outcome.counts[kind] for outcome in whole) for kind in ("lost", "twice", "broken")]
    return "\n".join([*lines, _line(["**all**", *(f"{number:,}" for number in sums), "", ""])])


def of_mutations(tried: Sequence[tuple[Mutation, Outcome]]) -> str:
    lines = [_line(MUTATION_HEADS), _line(["---", "---", "---:", "---:", "---"])]
    for mutation, outcome in tried:
        verdict = "caught" if is_caught(outcome) else "NOT CAUGHT"
        numbers = [str(outcome.runs), f"{len(outcome.breaches):,}"]
        lines.append(_line([mutation.title, outcome.title, *numbers, verdict]))
    return "\n".join(lines)


def is_caught(outcome: Outcome) -> bool:
    """Breaches count, a harness that breaks down does not."""
    return bool(outcome.breaches) and outcome.crash is None


def write_document(markdown: str) -> None:
    """Replaces what stands between the marks in docs/reliability.md."""
    text = DOCUMENT.read_text()
    between = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    assert between.search(text), f"{DOCUMENT} has no {BEGIN}"
    DOCUMENT.write_text(between.sub(lambda _: f"{BEGIN}\n\n{markdown}\n\n{END}", text))


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
