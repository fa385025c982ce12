"""Open pages of several processes, which hear of each other through Redis."""

import time

import pytest

from conversations.models import Reply
from tests.browser.live.steps import bars, post, send, shows_waiting
from tests.ground import servers
from tests.ground.redis import Redis
from tests.ground.waiting import wait_for
from tests.machine import needs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(180)]


@pytest.mark.alone
@needs("redis")
def test_two_processes_hear_of_each_other_through_redis(world, held, home, tmp_path):
    logs = {name: tmp_path / name for name in ("one", "two")}
    with (
        Redis() as redis,
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
        assert post(other, "desk:reject", world.workspace.slug, Reply.objects.earliest("created_at").pk).status == 302
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
