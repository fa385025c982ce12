"""`make screenshots`: every page of the product with demo data, light and dark, on a desk and on a phone.

Runs a server of its own in a temporary data directory; the PNGs go into the folder ``screenshots``.
"""

import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from tests.ground.ports import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "screenshots"
START_SECONDS = 120
STOP_SECONDS = 60


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="lumika-screenshots-") as directory:
        url = f"http://127.0.0.1:{free_port()}"
        environment = os.environ | {
            "LUMIKA_DATA_DIR": directory,
            "DATABASE_URL": "",
            "PUBLIC_URL": url,
            "DJANGO_SETTINGS_MODULE": "lumika.settings",
            "DJANGO_ALLOW_ASYNC_UNSAFE": "1",  # Playwright keeps an event loop running in its thread
        }
        with (Path(directory) / "log").open("wb") as log:
            port = url.rpartition(":")[2]
            command = [sys.executable, "manage.py", "serve", "--demo", "--port", port]
            server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            if not _within(START_SECONDS, lambda: server.poll() is not None or _answers(url)) or server.poll():
                raise SystemExit(f"The server did not come up:\n{(Path(directory) / 'log').read_text()}")
            camera = [sys.executable, "-m", "tests.browser.camera", url, str(FOLDER)]
            subprocess.run(camera, cwd=ROOT, env=environment, check=True)
        finally:
            server.terminate()
            server.wait(timeout=STOP_SECONDS)
            database = Path(directory) / "postgres" / "data" / "postmaster.pid"
            _within(STOP_SECONDS, lambda: not database.exists())


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=5).close()
    except OSError:
        return False
    return True


def _within(seconds: float, condition: Callable[[], bool]) -> bool:
    """Whether the condition came about in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


if __name__ == "__main__":
    main()
