"""Pages whose socket is lost, or says nothing any more: they show the truth without being reloaded."""

import time
from contextlib import ExitStack

import pytest

from tests.browser.live.steps import LOST, bars, draft_appears, identity, open_home, shows_waiting
from tests.ground import servers
from tests.ground.waiting import wait_for
from tests.ground.wire import Wire

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(180)]

OPEN_ANOTHER = """(address) => new Promise((heard) => {
  const socket = new WebSocket(address);
  socket.onmessage = heard;
  socket.onclose = (event) => { window.code = event.code; };
}).then(() => true)"""


def test_a_socket_that_is_cut_for_long(server, world, home):
    with Wire(server) as wire:
        page = home(wire.url, world.agent)
        opened = identity(page)

        wire.cut()
        page.locator(LOST).wait_for()
        wait_for(lambda: wire.refused >= 4, seconds=40)
        draft_appears(world)
        wire.mend()

        shows_waiting(page, 1)
        assert not page.locator(LOST).is_visible()
        assert identity(page) == opened


@pytest.mark.parametrize("kind", ["granian", "daphne"])
def test_a_server_that_is_restarted(kind, world, home, tmp_path):
    with ExitStack() as first, servers.running(kind, log=tmp_path / "new") as new, Wire(new) as wire:
        wire.lead_to(first.enter_context(servers.running(kind, log=tmp_path / "old")))
        page = home(wire.url, world.agent)
        opened = identity(page)
        wire.lead_to(new)
        draft_appears(world)

        first.close()

        shows_waiting(page, 1)
        assert identity(page) == opened


@pytest.mark.alone
def test_a_server_does_not_wait_for_open_sockets(world, home, tmp_path):
    with ExitStack() as running:
        url = running.enter_context(servers.running(log=tmp_path / "log", LUMIKA_GRACE_SECONDS="30"))
        page = home(url, world.agent)
        page.evaluate(OPEN_ANOTHER, f"/w/{world.workspace.slug}/live/")
        started = time.monotonic()

        running.close()

        assert time.monotonic() - started < 3
        wait_for(lambda: page.evaluate("window.code") == 1012)


def test_a_laptop_that_slept(wire, world, windows):
    page = windows(wire.url, world.agent)
    page.clock.install()
    open_home(page, world)
    opened = identity(page)

    wire.go_dead()
    draft_appears(world)
    page.clock.fast_forward("02:00:00")

    shows_waiting(page, 1)
    assert identity(page) == opened


def test_a_page_that_the_browser_froze(wire, world, home):
    page = home(wire.url, world.agent, silence="1")
    opened = identity(page)
    devtools = page.context.new_cdp_session(page)
    devtools.send("Page.setWebLifecycleState", {"state": "frozen"})
    frozen = time.monotonic()
    wire.go_dead()
    draft_appears(world)
    wait_for(lambda: time.monotonic() - frozen > 1.5)

    devtools.send("Page.setWebLifecycleState", {"state": "active"})

    shows_waiting(page, 1)
    assert identity(page) == opened


def test_a_socket_that_fell_silent_is_noticed(wire, world, home):
    page = home(wire.url, world.agent, silence="1")

    wire.go_dead()
    draft_appears(world)

    shows_waiting(page, 1, seconds=6)


def test_requests_that_died_on_the_way_are_asked_again(wire, world, home):
    page = home(wire.url, world.agent, silence="1", timeout="0.5")

    wire.go_dead(sockets_only=False)
    draft_appears(world)

    shows_waiting(page, 1)


def test_a_page_without_any_socket_catches_up_nevertheless(granian, world, windows):
    page = windows(granian, world.agent, catchUp="1")
    page.route_web_socket("**/live/", lambda socket: socket.close())
    page.goto(f"/w/{world.workspace.slug}/")
    page.locator(LOST).wait_for()

    draft_appears(world)

    shows_waiting(page, 1, seconds=5)


def test_going_from_page_to_page_shows_no_bar(granian, world, home):
    page = home(granian, world.agent, patience="0")
    shown = []
    for name in ("members", "settings", "approvals", "", "members"):
        page.goto(f"/w/{world.workspace.slug}/{name}{'/' if name else ''}")
        page.locator(LOST).wait_for(state="attached")
        shown += bars(page)
    page.go_back()
    shown += bars(page)

    assert shown == []
