"""Processes: started on a loopback port, waited for, weighed, and stopped by their id."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile

ROOT = Path(__file__).resolve().parent.parent
READY_WITHIN = 40.0
STOP_WITHIN = 5.0
PAGE_KB = os.sysconf("SC_PAGE_SIZE") // 1024


class StartError(Exception):
    """A process ended, or did not listen in time; the message holds the end of its output."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def granian(application: str, interface: str, port: int) -> list[str]:
    """The command that serves an ASGI application with one worker on uvloop."""
    options = ["--interface", interface, "--loop", "uvloop", "--workers", "1", "--log-level", "warning"]
    return [sys.executable, "-m", "granian", *options, "--host", "127.0.0.1", "--port", str(port), application]


def provider(port: int, delay: float) -> list[str]:
    """The command of the model provider's double."""
    return [sys.executable, "-m", "tests.ground.provider", "--port", str(port), "--deltas", "20", "--delay", str(delay)]


def output_of(command: list[str], environment: dict[str, str]) -> str:
    """Runs a command to its end; the last line that it printed."""
    done = subprocess.run(command, cwd=ROOT, env=_environment(environment), capture_output=True, text=True, timeout=120)
    if done.returncode:
        raise StartError(f"{' '.join(command)}\n{done.stdout[-1000:]}{done.stderr[-3000:]}")
    return done.stdout.strip().splitlines()[-1]


@contextmanager
def running(command: list[str], environment: dict[str, str], port: int) -> Iterator[int]:
    """A process that listens on the port while the block runs; gives its id."""
    with TemporaryFile() as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=_environment(environment), stdout=output, stderr=output, start_new_session=True
        )
        try:
            _wait_until_listening(process, port, output)
            yield process.pid
        finally:
            _stop(process)


def resident_kb(pid: int) -> int:
    """Resident memory of a process and of all its descendants."""
    pids, total = [pid], 0
    while pids:
        process = Path("/proc") / str(pids.pop())
        try:
            total += int((process / "statm").read_text().split()[1]) * PAGE_KB
            for task in (process / "task").iterdir():
                pids += map(int, (task / "children").read_text().split())
        except OSError:
            continue  # it ended meanwhile
    return total


def _environment(extra: dict[str, str]) -> dict[str, str]:
    return {**os.environ, "PYTHONUNBUFFERED": "1", **extra}


def _wait_until_listening(process: subprocess.Popen, port: int, output) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    output.seek(0)
    raise StartError(f"{' '.join(process.args)}\n{output.read()[-3000:].decode(errors='replace')}")


def _stop(process: subprocess.Popen) -> None:
    """Asks for an end, then insists: the process leads a session of its own, so its children are reached too."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_WITHIN)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
