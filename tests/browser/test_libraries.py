"""Libraries from npm that pages use in place of EventSource, in Chromium, on a page of another origin."""

from contextlib import ExitStack

import pytest

from tests.clients import packages, trial
from tests.clients.conftest import libraries
from tests.machine import needs

pytestmark = pytest.mark.django_db(transaction=True)

__all__ = ["libraries"]

LIBRARIES = ["@microsoft/fetch-event-source", "extended-eventsource", "sse.js"]


@needs("node", "npm")
def test_each_sends_once_and_sees_the_whole_reply(granian, account, provider, context, libraries):
    provider.script(trial.ANSWER)
    page = context.new_page()
    with ExitStack() as stack:
        proxies = {library: stack.enter_context(trial.proxy_before(granian)) for library in LIBRARIES}
        page.goto(stack.enter_context(packages.served()))

        for library, proxy in proxies.items():
            page.evaluate("([library, url]) => start(library, url)", [library, trial.address(proxy, account, library)])
        page.wait_for_function(f"Object.keys(isOver).length === {len(LIBRARIES)}", timeout=trial.SECONDS * 1000)

    seen = page.evaluate("seen")
    for library, proxy in proxies.items():
        trial.assert_passed(proxy, account, library, seen[library])
        trial.assert_sent_once(granian, account, library)
