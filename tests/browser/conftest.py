"""A real browser, and pages of another origin than the server's."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.db import connections
from playwright.sync_api import expect, sync_playwright

from tests import machine

PATIENCE = 15_000
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items):
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(machine.needs("chromium"))


@pytest.fixture(scope="package")
def browser():
    """Chromium, once for this folder in each test process.

    Not for the session: Playwright keeps an event loop running in the thread, in which no asynchronous test can run.
    Django sees that loop, so it has to be told that its use is no mistake, and keeps connections of their own for it.
    """
    with pytest.MonkeyPatch.context() as environment, sync_playwright() as playwright:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        expect.set_options(timeout=PATIENCE)
        chromium = playwright.chromium.launch(executable_path=machine.program("chromium"), args=FLAGS)
        yield chromium
        chromium.close()
        connections.close_all()


@pytest.fixture
def context(browser):
    with browser.new_context() as context:
        yield context


class _Page(BaseHTTPRequestHandler):
    """The same page at every path."""

    html = b""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(self.html)))
        self.end_headers()
        self.wfile.write(self.html)

    def log_message(self, *_):
        pass


@pytest.fixture
def elsewhere():
    """Serves a page at an origin of its own: ``elsewhere(html)`` returns the address."""
    servers = []

    def serve(html: str) -> str:
        page = type("Page", (_Page,), {"html": html.encode()})
        server = ThreadingHTTPServer(("127.0.0.1", 0), page)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://localhost:{server.server_port}/"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()
