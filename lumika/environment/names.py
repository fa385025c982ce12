"""Which names there are, and which of those that were set are none of them: a slip that nobody would notice."""

import os
from collections.abc import Iterator
from difflib import get_close_matches

OURS = "LUMIKA_"
VERY_CLOSE = 0.85

known: set[str] = {"LUMIKA_CRASH_POINT"}  # and all that were read
in_file: set[str] = set()


def unknown() -> Iterator[tuple[str, str]]:
    """Names that were set and mean nothing, each with the nearest one that does: every LUMIKA_… name, and of those in
    `.env` also what looks like a setting of ours."""
    for name in sorted(({*os.environ} | in_file) - known):
        ours = name.upper().startswith(OURS)
        if not ours and name not in in_file:
            continue
        nearest = get_close_matches(name.upper(), known, n=1, cutoff=0.0 if ours else VERY_CLOSE)
        if nearest:
            yield name, nearest[0]
