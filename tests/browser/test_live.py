"""Pages that show the truth without being reloaded, whatever happens to their socket."""

import json
import time
from contextlib import ExitStack

import httpx2
import pytest
from django.db import connection
from django.urls import reverse

from conversations.models import Reply
from tests import servers
from tests.browser.pages import sign_in
from tests.conversations.deciding import reply_in
from tests.factories import AccountFactory, ConversationFactory
from tests.provider import Answer
from tests.redis import IS_MISSING, WHY_SKIPPED, Redis
from tests.waiting import wait_for
from tests.wire import Wire
from workspaces.models import Membership

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(180)]

QUIET_SECONDS = 4.0
LOST, OVER = "#live-lost", "#live-over"
WATCH_BARS = """
window.opened = crypto.randomUUID();
window.bars = [];
document.addEventListener("readystatechange", () => {
  const live = document.getElementById("live");
  if (!live) return;
  Object.assign(live.dataset, %s);
  for (const bar of document.querySelectorAll("#live-lost, #live-over"))
    new MutationObserver(() => { if (!bar.hidden) window.bars.push(bar.id); }).observe(bar, { attributes: true });
}, { once: true });
"""
OPEN_ANOTHER = """(address) => new Promise((heard) => {
  const socket = new WebSocket(address);
  socket.onmessage = heard;
  socket.onclose = (event) => { window.code = event.code; };
}).then(() => true)"""
SLOW_ANSWERS = """
window.asked = 0;
const send = XMLHttpRequest.prototype.send;
XMLHttpRequest.prototype.send = function (...body) {
  setTimeout(() => send.apply(this, body), ++window.asked % 2 ? 1300 : 800);
};
"""
OPEN_MANY = """([address, conversation, count]) => Promise.all([...Array(count)].map(() => new Promise((done) => {
  const socket = new WebSocket(address);
  socket.onmessage = ({ data }) => {
    if (data.includes("changed")) socket.send(JSON.stringify({ watch: conversation }));
    if (data.includes("viewed")) done(socket);
  };
}))).then((opened) => opened.length)"""


@pytest.fixture
def windows(browser, world):
    """``windows(url, user, silence="1")``: a page at Home of somebody who has signed in there, with these data."""
    contexts = []

    def opened(url, user, **data):
        context = browser.new_context(base_url=url)
        context.set_default_timeout(15_000)
        context.add_init_script(WATCH_BARS % json.dumps({"patience": "0.5", **data}))
        sign_in(context, user, url)
        contexts.append(context)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def home(windows, world):
    """As ``windows``, with Home open and its socket admitted."""

    def opened(url, user, **data):
        page = windows(url, user, **data)
        open_home(page, world)
        return page

    return opened


@pytest.fixture
def held(world, model, provider):
    provider.script(Answer(deltas=["a ", "draft"]))
    return AccountFactory(workspace=world.workspace, responder=model, response_mode="manual")


@pytest.fixture
def wire(granian):
    with Wire(granian) as wire:
        yield wire


def open_home(page, world):
    """Waits for the catch-up that every new socket brings."""
    with page.expect_response(lambda response: response.url.endswith("/counts/")):
        page.goto(f"/w/{world.workspace.slug}/")


def draft_appears(world):
    """A draft that no event tells of: only a page that asks learns of it."""
    conversation = ConversationFactory(account=AccountFactory(workspace=world.workspace))
    return reply_in(conversation, Reply.Status.AWAITING_APPROVAL)


def shows_waiting(page, count, *, seconds=15):
    page.locator("#count-waiting", has_text=f"{count} waiting").wait_for(timeout=seconds * 1000)
    assert page.locator("#desk-counts").get_attribute("data-waiting") == str(count)


def identity(page):
    """Another one once the page was loaded anew."""
    return page.evaluate("window.opened")


def bars(page):
    """The bars that were shown since the page was loaded."""
    return page.evaluate("window.bars")


def database_connections():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        return cursor.fetchone()[0]


def send(url, account, **query):
    parameters = {"integrationToken": account.token, "conversationId": "customer-42", "textContent": "Hello?", **query}
    with httpx2.stream("GET", f"{url}/conversation/sse", params=parameters, timeout=10) as stream:
        for line in stream.iter_lines():
            if "pending" in line:
                return


def post(page, name, *arguments):
    """Presses a button of another page of the same person."""
    token = page.evaluate("JSON.parse(document.body.getAttribute('hx-headers'))['X-CSRFToken']")
    return page.request.post(reverse(name, args=arguments), headers={"X-CSRFToken": token}, max_redirects=0)


@pytest.mark.alone
def test_drafts_and_decisions_appear_without_a_reload(server, world, held, home):
    page = home(server, world.agent)
    opened = identity(page)

    send(server, held)
    shows_waiting(page, 1, seconds=2)

    assert post(page, "desk:reject", world.workspace.slug, Reply.objects.get().pk).status == 302
    page.locator("#desk-counts[data-waiting='0']").wait_for(state="attached", timeout=8_000)
    assert page.locator("#count-waiting").inner_text() == ""
    assert identity(page) == opened
    assert bars(page) == []


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


def test_slow_answers_do_not_make_each_other_ask_for_ever(granian, world, windows):
    conversation = ConversationFactory(account=AccountFactory(workspace=world.workspace))
    page = windows(granian, world.agent)
    page.add_init_script(SLOW_ANSWERS)
    with page.expect_response(lambda response: response.url.endswith("/counts/")):
        page.goto(reverse("desk:conversation", args=[world.workspace.slug, conversation.pk]))

    assert post(page, "desk:close", world.workspace.slug, conversation.pk).status == 302
    page.get_by_role("button", name="Reopen").wait_for()

    asked, since = -1, time.monotonic()
    while time.monotonic() - since < QUIET_SECONDS:
        now = page.evaluate("window.asked")
        if now != asked:
            asked, since = now, time.monotonic()
        assert asked < 40
        page.wait_for_timeout(100)


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


@pytest.mark.alone
def test_whoever_is_removed_is_told_so_at_once(granian, world, home):
    page, owners = home(granian, world.agent), home(granian, world.owner)
    membership = Membership.objects.get(user=world.agent)

    assert post(owners, "workspaces:remove-member", world.workspace.slug, membership.pk).status == 302

    page.locator(OVER).wait_for(timeout=2_000)
    assert bars(page) == ["live-over"]
    assert not owners.locator(OVER).is_visible()


def test_whoever_signed_out_elsewhere_is_told_so_and_keeps_the_page(wire, world, home):
    page = home(wire.url, world.agent)
    page.context.clear_cookies()

    wire.cut()
    wire.mend()

    page.locator(OVER).wait_for()
    assert page.get_by_role("heading", level=1).inner_text() == "Home"
    assert not page.locator(LOST).is_visible()


def test_the_sign_in_page_never_lands_in_a_fragment(granian, world, home):
    page = home(granian, world.agent)
    page.context.clear_cookies()

    page.evaluate("document.body.dispatchEvent(new CustomEvent('lumika:changed'))")

    page.locator(OVER).wait_for()
    assert page.locator("input[type=password]").count() == 0
    assert page.locator("#desk-counts").count() == 1


def test_a_reply_grows_while_it_is_written(granian, world, model, provider, windows):
    provider.script(Answer(deltas=["one ", "two ", "three"], delay=1.0))
    held = AccountFactory(workspace=world.workspace, responder=model, response_mode="manual")
    conversation = ConversationFactory(account=held, external_id="customer-42")
    page = windows(granian, world.agent)
    address = reverse("desk:conversation", args=[world.workspace.slug, conversation.pk])
    with page.expect_response(lambda response: response.url.endswith("/counts/")):
        page.goto(address)

    parameters = {"integrationToken": held.token, "conversationId": "customer-42", "textContent": "Hello?"}
    with httpx2.stream("GET", f"{granian}/conversation/sse", params=parameters, timeout=10):
        for text in ("one", "one two"):
            page.wait_for_function(
                "(text) => document.querySelector('[id^=growing-]')?.innerText.trim() === text", arg=text, timeout=5_000
            )
        page.wait_for_function("() => !document.querySelector('[id^=growing-]')", timeout=5_000)
    assert page.get_by_text("one two three").first.is_visible()


def test_open_sockets_hold_no_database_connections(granian, world, home):
    conversation = ConversationFactory(account=AccountFactory(workspace=world.workspace))
    reply_in(conversation, Reply.Status.GENERATING)
    page = home(granian, world.agent)
    before = database_connections()

    assert page.evaluate(OPEN_MANY, [f"/w/{world.workspace.slug}/live/", str(conversation.pk), 50]) == 50

    wait_for(lambda: database_connections() <= before + 3)


def test_agents_see_who_else_looks_at_a_conversation(granian, world, windows):
    conversation = ConversationFactory(account=AccountFactory(workspace=world.workspace))
    address = reverse("desk:conversation", args=[world.workspace.slug, conversation.pk])
    olga, mina = windows(granian, world.owner), windows(granian, world.agent)
    olga.goto(address)
    mina.goto(address)

    olga.get_by_text("Mina is looking at this").wait_for()
    mina.get_by_text("Olga is looking at this").wait_for()
    mina.goto(reverse("home", args=[world.workspace.slug]))

    olga.get_by_text("Mina is looking at this").wait_for(state="detached")


@pytest.mark.alone
@pytest.mark.skipif(IS_MISSING, reason=WHY_SKIPPED)
def test_two_processes_hear_of_each_other_through_redis(world, held, home, tmp_path):
    redis = Redis(tmp_path)
    redis.start()
    logs = {name: tmp_path / name for name in ("one", "two")}
    try:
        with (
            servers.running(log=logs["one"], REDIS_URL=redis.url) as one,
            servers.running(log=logs["two"], REDIS_URL=redis.url) as two,
        ):
            page, other = home(one, world.agent, catchUp="600"), home(two, world.owner, catchUp="600")

            send(two, held)
            shows_waiting(page, 1, seconds=3)
            shows_waiting(other, 1, seconds=3)

            redis.kill()
            for number in range(5):
                started = time.monotonic()
                send(two, held, conversationId=f"customer-{number}")
                assert time.monotonic() - started < 3
            started = time.monotonic()
            assert (
                post(other, "desk:reject", world.workspace.slug, Reply.objects.earliest("created_at").pk).status == 302
            )
            assert time.monotonic() - started < 2
            shows_waiting(other, 5, seconds=8)
            assert bars(page) == bars(other) == []
            page.evaluate("document.body.dispatchEvent(new CustomEvent('lumika:changed'))")
            shows_waiting(page, 5)

            redis.start()
            wait_for(lambda: all("Redis can be reached again" in log.read_text() for log in logs.values()))
            send(two, held, conversationId="customer-9")
            shows_waiting(page, 6, seconds=3)
        for log in logs.values():
            assert log.read_text().count("Redis cannot be reached") == 1
            assert "Traceback" not in log.read_text()
    finally:
        redis.kill()
