"""The libraries from npm, installed by their lock file when a test needs them first, and served to a page."""

import fcntl
import functools
import hashlib
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests import machine

SOURCE = Path(__file__).parent / "npm"
INSTALL = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
INSTALL_SECONDS = 120


@functools.cache
def missing() -> str | None:
    """Why the libraries cannot be used on this machine, or None."""
    if why := machine.missing("node", "npm"):
        return why
    return None if _installed() else "npm could not install the packages"


def _installed() -> bool:
    """One process installs, the others wait. The stamp names the lock file that `node_modules` was made from."""
    lock = SOURCE / "package-lock.json"
    stamp, version = SOURCE / "node_modules/.stamp", hashlib.sha256(lock.read_bytes()).hexdigest()
    with lock.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text() == version:
            return True
        done = subprocess.run(INSTALL, cwd=SOURCE, capture_output=True, timeout=INSTALL_SECONDS)
        if done.returncode == 0:
            stamp.write_text(version)
        return done.returncode == 0


class _Files(SimpleHTTPRequestHandler):
    """The folder as it is; modules import each other without the end of the name."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | {".mjs": "text/javascript"}

    def translate_path(self, path: str) -> str:
        found = super().translate_path(path)
        return found if Path(found).exists() else f"{found}.js"

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served() -> Iterator[str]:
    """The address of `page.html`, at an origin of its own."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Files, directory=SOURCE))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://localhost:{server.server_port}/page.html"
    finally:
        server.shutdown()
        server.server_close()
