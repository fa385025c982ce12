"""`make test`: all tests, first those that share the machine, then those that need it to themselves.

What fails among the others is run once more by itself, as a busy machine is sometimes too slow. Where it passes then,
people may go on; in CI it is a failure still. Either way it is named.
"""

import json
import random
import subprocess
import sys
from pathlib import Path

from tests import installing, machine, skipping

FAILED = Path(".pytest_cache/v/cache/lastfailed")
AMONG_OTHERS = ["-n", "3", "--dist", "worksteal", "-m", "not alone"]
ONCE_MORE = ["--last-failed", "--last-failed-no-failures", "none", "-m", "not alone"]
BY_ITSELF = ["-m", "alone"]
NOTHING_CHOSEN = 5


def main() -> None:
    installing.main()
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """The exit code. All parts have one seed, unless the arguments have another."""
    FAILED.unlink(missing_ok=True)
    skipping.TALLY.unlink(missing_ok=True)
    slowest = ["--durations=25"] if machine.is_ci() else []
    chosen = [*slowest, f"--hypothesis-seed={random.randrange(1_000_000)}", *arguments]
    unsteady: list[str] = []

    if _pytest("Testing", *AMONG_OTHERS, *chosen) not in (0, NOTHING_CHOSEN):
        unsteady = _failed()
        if code := _pytest("Testing what failed once more, by itself", *ONCE_MORE, *chosen):
            return code
    code = _pytest("Testing what needs the machine to itself", *BY_ITSELF, *chosen)
    if unsteady:
        print(f"Passed only when run again: {', '.join(unsteady)}", flush=True)
    skipping.tell()
    if code in (0, NOTHING_CHOSEN):
        return 1 if unsteady and machine.is_ci() else 0
    return code


def _pytest(what: str, *arguments: str) -> int:
    print(what, flush=True)
    return subprocess.call([sys.executable, "-m", "pytest", *arguments])


def _failed() -> list[str]:
    return sorted(json.loads(FAILED.read_text())) if FAILED.exists() else []


if __name__ == "__main__":
    main()
