"""Users of an embedded server are processes of their own, because the server lives as long as they do."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

ROOT = Path(__file__).parents[3]
DEADLINE_SECONDS = 20

USER = """
import sys
from pathlib import Path
from lumika.embedded_postgres import start

print(start(Path(sys.argv[1])), flush=True)
for _ in sys.stdin:
    print(start(Path(sys.argv[1])), flush=True)
"""


class User:
    """A process that uses the server until it is told to leave."""

    def __init__(self, data_dir: Path, program: str = USER) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", program, data_dir],
            cwd=ROOT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def url(self) -> str:
        line = self.process.stdout.readline().strip()
        assert line, "the user ended without a server"
        return line

    def url_again(self) -> str:
        """What the same process gets when it asks once more."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.url()

    def leave(self) -> None:
        self.process.stdin.close()
        self.process.wait(DEADLINE_SECONDS)
        self.process.stdout.close()

    def kill(self) -> None:
        self.process.kill()
        self.leave()


@contextmanager
def temporary_directory() -> Iterator[Path]:
    """Not tmp_path: pytest closes its directory to other accounts again, and the server may run under another one."""
    directory = Path(tempfile.mkdtemp(prefix="lumika-test-"))
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def server_pid(data_dir: Path) -> int:
    return int((data_dir / "postgres/data/postmaster.pid").read_text().split()[0])


def starts(data_dir: Path) -> int:
    """How often the server has come up in this directory."""
    return (data_dir / "postgres/log").read_text().count("database system is ready to accept connections")


def fetch(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchone()[0]
