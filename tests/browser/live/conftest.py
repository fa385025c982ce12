import json

import pytest

from tests.browser.live.steps import open_home
from tests.browser.pages import sign_in
from tests.factories import AccountFactory
from tests.ground.provider import Answer
from tests.ground.wire import Wire

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
