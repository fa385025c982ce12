"""How many trials run at a time: each asks a provider, perhaps for a minute, and costs its workspace money."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from workspaces.refusals import Refused

MOST_OF_A_WORKSPACE = 2
MOST_OF_A_PROCESS = 20
RETRY_SECONDS = 10

_running: Counter[UUID] = Counter()


class TrialsBusy(Refused):
    """So many run already."""


@contextmanager
def room(workspace_id: UUID) -> Iterator[None]:
    """Raises TrialsBusy. For views on the event loop only, which takes one at a time through here."""
    if _running[workspace_id] >= MOST_OF_A_WORKSPACE:
        raise TrialsBusy(f"{MOST_OF_A_WORKSPACE} tests of this workspace are already running. Try again in a moment.")
    if _running.total() >= MOST_OF_A_PROCESS:
        raise TrialsBusy("This server runs as many tests as it can right now. Try again in a moment.")
    _running[workspace_id] += 1
    try:
        yield
    finally:
        _running[workspace_id] -= 1
        if not _running[workspace_id]:
            del _running[workspace_id]
