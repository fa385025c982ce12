"""The EventSource of the npm package `eventsource`, in Node."""

import asyncio
import json
import tempfile
from typing import Any

from tests.clients import packages

missing = packages.missing


async def shown(urls: list[str], *, seconds: float) -> list[list[dict[str, Any]]]:
    """The events of each source once all have closed by themselves, or so many seconds are over."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as listed:
        json.dump(urls, listed)
        listed.flush()
        process = await asyncio.create_subprocess_exec(
            "node", "node.mjs", listed.name, cwd=packages.SOURCE, stdout=asyncio.subprocess.PIPE
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
