"""What the system tells about a process: its children, memory and open files."""

import os
from pathlib import Path

PROC = Path("/proc")


def granian_worker(url: str) -> int:
    """The process id of the one worker of the Granian server that this process started at this URL."""
    (worker,) = children_of(server(url))
    return worker


def servers() -> list[int]:
    """The servers that this process started: Granian's main processes, and daphne."""
    return [child for child in children_of(os.getpid()) if {"serve", "daphne", "runserver"} & set(arguments(child))]


def server(url: str) -> int:
    """The one of them at this URL."""
    port = url.rpartition(":")[2]
    return next(each for each in servers() if any(port in argument.split(":") for argument in arguments(each)))


def arguments(process: int) -> list[str]:
    return _command(process).split("\0")


def parent_of(process: int) -> int:
    status = (PROC / str(process) / "status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("PPid:"))


def is_alive(process: int) -> bool:
    """A zombie, for which nobody has waited yet, is not."""
    try:
        return "\nState:\tZ" not in (PROC / str(process) / "status").read_text()
    except FileNotFoundError:
        return False


def resident_kilobytes(process: int) -> int:
    status = (PROC / str(process) / "status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))


def open_sockets(process: int) -> int:
    files = (PROC / str(process) / "fd").iterdir()
    return sum(_target(file).startswith("socket:") for file in files)


def children_of(process: int) -> list[int]:
    threads = (PROC / str(process) / "task").iterdir()
    return [int(child) for thread in threads for child in (thread / "children").read_text().split()]


def _command(process: int) -> str:
    return (PROC / str(process) / "cmdline").read_bytes().decode(errors="replace")


def _target(file: Path) -> str:
    try:
        return str(file.readlink())
    except FileNotFoundError:  # closed meanwhile
        return ""
