"""Installs what this machine lacks for the tests, where it can without asking; `make test` begins with it.

Debian's and Ubuntu's packages by `.ci/install`, else the Chromium that Playwright downloads. What is missing
afterwards is skipped, or stops CI.
"""

import shlex
import subprocess
import sys
from pathlib import Path

from tests import machine

INSTALL = Path(__file__).resolve().parent.parent / ".ci" / "install"
DOWNLOAD_SECONDS = 300


def main() -> None:
    if not _missing():
        return
    packages = [part.package for part in _missing() if part.is_system_package]
    print(f"Missing for the tests: {', '.join(part.title for part in _missing())}", flush=True)
    subprocess.run(["sh", str(INSTALL), *packages], stdin=subprocess.DEVNULL)
    machine.found.cache_clear()
    if machine.found("chromium") is None:
        _download_chromium()
        machine.found.cache_clear()
    if _missing() and machine.is_ci():
        sys.exit(f"CI needs all of it, and is still without {', '.join(part.title for part in _missing())}.")


def _missing() -> list[machine.Part]:
    return [part for name, part in machine.PARTS.items() if machine.found(name) is None]


def _download_chromium() -> None:
    print("Downloading Playwright's Chromium", flush=True)
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=DOWNLOAD_SECONDS)
    except subprocess.TimeoutExpired:
        print(f"It did not come within {DOWNLOAD_SECONDS} s", flush=True)
        return
    if done.returncode != 0:
        print(f"It could not be downloaded. Try: {shlex.join(command)}", flush=True)


if __name__ == "__main__":
    main()
