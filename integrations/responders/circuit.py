"""A circuit breaker: while a provider is down, replies fail at once in place of waiting for its deadlines.

Closed, it lets everything pass; a run of failures opens it. Open, it lets nothing pass until a pause is over, then one
probe, whose outcome closes it or begins a longer pause. Pure: time comes in, in seconds of a clock that never goes
back.
"""

import itertools
import random
from collections import deque
from typing import NamedTuple

FAILURES_TO_OPEN = 5
"""In a row: any answer in between ends the run."""
WINDOW_SECONDS = 120.0
"""The run must not have taken longer: five failures of a whole day say nothing about this minute."""
PAUSE_SECONDS = 5.0
"""The first pause; each probe that fails doubles it."""
LONGEST_PAUSE_SECONDS = 60.0
LONGEST_RETRY_AFTER_SECONDS = 300.0
"""However long the provider asks for."""
JITTER = 0.25
"""A pause is longer by up to this part of itself, so that processes do not probe all at once."""
LONGEST_PROBE_SECONDS = 150.0
"""More than a reply may take. Then the probe counts as lost."""

_turns = itertools.count()


class Pass(NamedTuple):
    """The right to ask the provider. What comes of it counts only while the circuit is as it was then."""

    turn: int
    is_probe: bool


class Circuit:
    def __init__(self) -> None:
        self.last_failure = ""
        self._turn = next(_turns)
        self._failures: deque[float] = deque(maxlen=FAILURES_TO_OPEN)
        self._pauses = 0  # in a row; none: it is closed
        self._open_until = 0.0
        self._not_before = 0.0  # as the provider said
        self._probing_since: float | None = None

    @property
    def is_open(self) -> bool:
        return self._pauses > 0

    def admit(self, now: float) -> Pass | None:
        if self.is_open:
            return self._probe(now)
        return Pass(self._turn, is_probe=False)

    def seconds_left(self, now: float) -> float:
        """Of the pause."""
        return max(self._open_until - now, 0.0) if self.is_open else 0.0

    def answered(self, given: Pass) -> None:
        """The provider works: it has answered, whatever it said."""
        if given.turn == self._turn:
            self._failures.clear()
            self._not_before = 0.0
            if self.is_open:
                self._begin(pauses=0)

    def failed(self, given: Pass, now: float, *, why: str = "", retry_after: float | None = None) -> bool:
        """The provider is down. True when this opens the circuit, anew after a probe.

        ``retry_after``: the seconds that the provider asks to be left alone for.
        """
        if given.turn != self._turn:
            return False
        self.last_failure = why
        if retry_after is not None:
            self._not_before = max(self._not_before, now + min(retry_after, LONGEST_RETRY_AFTER_SECONDS))
        self._failures.append(now)
        if not (given.is_probe or self._has_run_of_failures()):
            return False
        self._open(now)
        return True

    def gave_up(self, given: Pass) -> None:
        """Nobody waits for the answer any more, so nothing is known: another may probe in its place."""
        if given.turn == self._turn:
            self._probing_since = None

    def _probe(self, now: float) -> Pass | None:
        is_probing = self._probing_since is not None and now - self._probing_since < LONGEST_PROBE_SECONDS
        if now < self._open_until or is_probing:
            return None
        self._begin(pauses=self._pauses)
        self._probing_since = now
        return Pass(self._turn, is_probe=True)

    def _has_run_of_failures(self) -> bool:
        is_full = len(self._failures) == FAILURES_TO_OPEN
        return is_full and self._failures[-1] - self._failures[0] <= WINDOW_SECONDS

    def _open(self, now: float) -> None:
        pause = min(PAUSE_SECONDS * 2**self._pauses, LONGEST_PAUSE_SECONDS)
        self._open_until = max(now + pause * random.uniform(1, 1 + JITTER), self._not_before)  # noqa: S311
        self._begin(pauses=self._pauses + 1)

    def _begin(self, *, pauses: int) -> None:
        """Another turn: what is still under way from the one before says nothing about this one."""
        self._turn = next(_turns)
        self._pauses = pauses
        self._probing_since = None
        self._failures.clear()
