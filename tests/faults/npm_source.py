"""The EventSource of the npm package `eventsource`, in Node."""

import asyncio
import functools
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from tests import machine

SOURCE = Path(__file__).parent / "npm"


@functools.cache
def missing() -> str | None:
    if why := machine.missing("node", "npm"):
        return why
    return None if _installed() else "npm could not install the package"


@functools.cache
def _installed() -> Path | None:
    """Where the package was put, by its lock file; kept for the next time."""
    version = hashlib.sha256((SOURCE / "package-lock.json").read_bytes()).hexdigest()[:12]
    directory = Path(tempfile.gettempdir()) / f"lumika-faults-npm-{os.getuid()}-{version}"
    if not (directory / "node_modules").exists():
        shutil.copytree(SOURCE, directory, dirs_exist_ok=True)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
        if subprocess.run(command, cwd=directory, capture_output=True, timeout=120).returncode != 0:
            return None
    shutil.copy(SOURCE / "client.mjs", directory)
    return directory


async def shown(urls: list[str], *, seconds: float) -> list[list[dict[str, Any]]]:
    """The events of each source once all have closed by themselves, or so many seconds are over."""
    directory = _installed()
    assert directory is not None
    with tempfile.NamedTemporaryFile("w", suffix=".json") as listed:
        json.dump(urls, listed)
        listed.flush()
        process = await asyncio.create_subprocess_exec(
            "node", "client.mjs", listed.name, cwd=directory, stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        lines: list[bytes] = []
        try:
            async with asyncio.timeout(seconds):
                async for line in process.stdout:
                    lines.append(line)
        except TimeoutError:
            process.kill()
        await process.wait()
    events: list[list[dict[str, Any]]] = [[] for _ in urls]
    for printed in map(json.loads, lines):
        if "data" in printed:
            events[printed["index"]].append(json.loads(printed["data"]) | {"id": printed["id"]})
    return events
