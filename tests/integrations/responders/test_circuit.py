"""The rules of the circuit breaker, on a clock of our own."""

import pytest

from integrations.responders.circuit import (
    FAILURES_TO_OPEN,
    JITTER,
    LONGEST_PAUSE_SECONDS,
    LONGEST_PROBE_SECONDS,
    LONGEST_RETRY_AFTER_SECONDS,
    PAUSE_SECONDS,
    WINDOW_SECONDS,
    Circuit,
)

OVER = PAUSE_SECONDS * (1 + JITTER)
"""When the first pause is over for certain."""
OVER_TWICE = OVER + 2 * PAUSE_SECONDS * (1 + JITTER)
DOWN = [(0, "fails")] * FAILURES_TO_OPEN
"""What opens it at the moment 0."""

STEPS = {
    "it lets everything pass at first": [(0, "passes"), (0, "passes"), (9, "passes")],
    "fewer failures change nothing": [*DOWN[1:], (0, "passes")],
    "a run of failures opens it": [*DOWN, (0, "is held back"), (PAUSE_SECONDS - 0.1, "is held back")],
    "an answer ends the run": [*DOWN[1:], (0, "answers"), *DOWN[1:], (0, "passes")],
    "a run of the window's length counts": [*DOWN[1:], (WINDOW_SECONDS, "fails"), (WINDOW_SECONDS, "is held back")],
    "a longer one does not": [*DOWN[1:], (WINDOW_SECONDS + 0.1, "fails"), (WINDOW_SECONDS + 0.1, "passes")],
    "old failures drop out of the run one by one": [
        (0, "fails"),
        *[(WINDOW_SECONDS, "fails")] * (FAILURES_TO_OPEN - 1),
        (WINDOW_SECONDS, "is held back"),
    ],
    "after the pause one probe passes": [*DOWN, (OVER, "probes"), (OVER, "is held back"), (OVER + 9, "is held back")],
    "a probe that is answered closes it": [*DOWN, (OVER, "probe answers"), (OVER, "passes"), (OVER, "passes")],
    "then a whole run has to come again": [*DOWN, (OVER, "probe answers"), *[(OVER, "fails")] * 4, (OVER, "passes")],
    "a probe that fails begins a pause twice as long": [
        *DOWN,
        (OVER, "probe fails"),
        (OVER + 2 * PAUSE_SECONDS - 0.1, "is held back"),
        (OVER_TWICE, "probes"),
    ],
    "an answer makes the next pause a short one": [
        *DOWN,
        (OVER, "probe fails"),
        (OVER_TWICE, "probe answers"),
        *[(OVER_TWICE, "fails")] * FAILURES_TO_OPEN,
        (OVER_TWICE, "is held back"),
        (OVER_TWICE + OVER, "probes"),
    ],
    "a probe that was given up makes room for another": [*DOWN, (OVER, "probe is given up"), (OVER, "probes")],
    "a probe that got lost makes room for another": [
        *DOWN,
        (OVER, "probes"),
        (OVER + LONGEST_PROBE_SECONDS - 0.1, "is held back"),
        (OVER + LONGEST_PROBE_SECONDS, "probes"),
        (OVER + LONGEST_PROBE_SECONDS, "is held back"),
    ],
}


@pytest.mark.parametrize("steps", STEPS.values(), ids=STEPS)
def test_steps(steps: list[tuple[float, str]]) -> None:
    circuit = Circuit()

    for now, what in steps:
        given = circuit.admit(now)
        if what == "is held back":
            assert given is None, now
            continue
        assert given is not None, now
        assert given.is_probe == what.startswith("probe"), now
        if what.endswith("fails"):
            circuit.failed(given, now)
        elif what.endswith("answers"):
            circuit.answered(given)
        elif what.endswith("given up"):
            circuit.gave_up(given)


def opened(retry_after: float | None = None) -> Circuit:
    circuit = Circuit()
    openings = [circuit.failed(circuit.admit(0), 0, retry_after=retry_after) for _ in range(FAILURES_TO_OPEN)]
    assert openings == [False] * (FAILURES_TO_OPEN - 1) + [True]
    return circuit


def test_what_began_before_it_opened_says_nothing_about_later() -> None:
    """Of many replies that wait for a provider, the first failures open it; the others come in for minutes."""
    circuit = Circuit()
    early = [circuit.admit(0) for _ in range(3 * FAILURES_TO_OPEN)]
    for given in early[:FAILURES_TO_OPEN]:
        circuit.failed(given, 0)
    until = circuit.seconds_left(0)
    assert until > 0

    assert not circuit.failed(early[-1], 1)
    circuit.answered(early[-2])
    assert circuit.seconds_left(0) == until

    circuit.answered(circuit.admit(until))
    for given in early[FAILURES_TO_OPEN:]:
        circuit.failed(given, until)
    assert circuit.admit(until) is not None


def test_a_probe_that_was_lost_and_ends_after_all_changes_nothing() -> None:
    circuit = opened()
    lost = circuit.admit(OVER)
    second = circuit.admit(OVER + LONGEST_PROBE_SECONDS)

    circuit.failed(lost, OVER + LONGEST_PROBE_SECONDS)
    circuit.gave_up(lost)

    assert circuit.admit(OVER + LONGEST_PROBE_SECONDS) is None
    circuit.answered(second)
    assert not circuit.is_open


def test_pauses_grow_and_are_bounded_and_jittered() -> None:
    circuit, now = opened(), 0.0
    for expected in (5, 10, 20, 40, 60, 60, 60):
        assert expected <= circuit.seconds_left(now) <= expected * (1 + JITTER)
        now += circuit.seconds_left(now)
        circuit.failed(circuit.admit(now), now)

    assert LONGEST_PAUSE_SECONDS == 60
    assert len({opened().seconds_left(0) for _ in range(5)}) > 1


@pytest.mark.parametrize(
    ("retry_after", "least", "most"),
    [
        (None, PAUSE_SECONDS, OVER),
        (-3.0, PAUSE_SECONDS, OVER),
        (1.0, PAUSE_SECONDS, OVER),
        (90.0, 90.0, 90.0),
        (86_400.0, LONGEST_RETRY_AFTER_SECONDS, LONGEST_RETRY_AFTER_SECONDS),
    ],
)
def test_retry_after_is_honoured_and_bounded(retry_after: float | None, least: float, most: float) -> None:
    assert least <= opened(retry_after).seconds_left(0) <= most


def test_retry_after_of_one_failure_holds_for_the_run() -> None:
    circuit = Circuit()
    for retry_after in (30.0, *[None] * (FAILURES_TO_OPEN - 1)):
        circuit.failed(circuit.admit(0), 0, retry_after=retry_after)

    assert circuit.seconds_left(0) == 30
