"""Named points at which a test may end or freeze this process, to prove that nothing is lost and nothing comes twice.

    LUMIKA_CRASH_POINT=after-claim              SIGKILL, when the process gets there
    LUMIKA_CRASH_POINT=between-deltas:7         the seventh time
    LUMIKA_CRASH_POINT=before-finish:1:STOP     SIGSTOP instead
    LUMIKA_CRASH_POINT=@<file>                  as the file says, while there is one. Who falls removes it: one process
                                                falls, and the one that takes its place does not.

Without the variable, which nobody sets in production, `reach` does nothing.
"""

import os
import signal
from collections.abc import Callable
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

POINTS = (
    "before-commit",
    "after-commit",
    "after-claim",
    "after-first-delta",
    "between-deltas",
    "before-finish",
    "after-finish",
)


class _Trap:
    """Set by an order, ``point[:times[:signal]]``, or by a file that holds one."""

    def __init__(self, order: str) -> None:
        self._file = Path(order[1:]) if order.startswith("@") else None
        self._order = order
        self._passed = 0
        if self._file is None:
            _parsed(order)  # a wrong name stops the start

    def __call__(self, point: str) -> None:
        order = self._current_order()
        if order != self._order:
            self._order, self._passed = order, 0
        if not order:
            return
        wanted, times, signal_number = _parsed(order)
        self._passed += point == wanted
        if point == wanted and self._passed >= times and self._is_ours():
            os.kill(os.getpid(), signal_number)

    def _current_order(self) -> str:
        """Empty while there is none."""
        if self._file is None:
            return self._order
        try:
            return self._file.read_text()
        except FileNotFoundError:
            return ""

    def _is_ours(self) -> bool:
        """Of several processes that get here at once, one falls."""
        try:
            if self._file is not None:
                self._file.unlink()
        except FileNotFoundError:
            return False
        return True


def _parsed(order: str) -> tuple[str, int, signal.Signals]:
    point, times, name = [*order.split(":"), "", ""][:3]
    if point not in POINTS:
        raise ImproperlyConfigured(f"LUMIKA_CRASH_POINT must name one of {', '.join(POINTS)}, not {point!r}.")
    try:
        return point, int(times or 1), signal.Signals[f"SIG{name or 'KILL'}"]
    except (ValueError, KeyError):
        raise ImproperlyConfigured("LUMIKA_CRASH_POINT must look like after-claim:1:STOP.") from None


def _pass(point: str) -> None:
    """Nothing happens here."""


def _from(order: str) -> Callable[[str], None]:
    return _Trap(order) if order else _pass


reach = _from(os.environ.get("LUMIKA_CRASH_POINT", ""))
