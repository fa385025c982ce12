"""The shortest client there is, in Chromium: an EventSource for each URL, and no `close()`."""

import asyncio
from typing import Any

from tests import machine

PAGE = b"<!doctype html><title>Elsewhere</title>"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
OPEN = """urls => {
  window.sources = urls.map((url, index) => {
    const source = new EventSource(url)
    source.shown = []
    source.onmessage = event => source.shown.push({ ...JSON.parse(event.data), id: event.lastEventId })
    return source
  })
}"""


def missing() -> str | None:
    return machine.missing("chromium")


async def shown(urls: list[str], *, seconds: float) -> list[list[dict[str, Any]]]:
    """The events of each source once all have closed by themselves, or so many seconds are over."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=machine.program("chromium"), args=FLAGS)
        page = await chromium.new_page()
        async with await asyncio.start_server(_serve_page, "127.0.0.1", 0) as elsewhere:
            await page.goto(f"http://localhost:{elsewhere.sockets[0].getsockname()[1]}/")
        await page.evaluate(OPEN, urls)
        deadline = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < deadline:
            if await page.evaluate("sources.every(source => source.readyState === EventSource.CLOSED)"):
                break
            await asyncio.sleep(0.2)
        events: list[list[dict[str, Any]]] = await page.evaluate("sources.map(source => source.shown)")
        await chromium.close()
    return events


async def _serve_page(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """An origin of its own. On loopback, since browsers keep other pages from addresses there."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(ANSWER % (len(PAGE), PAGE))
    await writer.drain()
    writer.close()
