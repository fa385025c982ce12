"""A provider that is down is left alone for a while: over real HTTP."""

import asyncio
import math

import pytest
from asgiref.sync import async_to_sync

from integrations import trial
from integrations.responders import circuits, http
from integrations.responders.anthropic import Anthropic
from integrations.responders.base import ResponderUnavailable
from integrations.responders.circuit import FAILURES_TO_OPEN
from integrations.responders.openai_compatible import OpenAICompatible
from integrations.responders.webhook import Webhook, new_secret
from tests.factories import ResponderFactory
from tests.ground.provider import Answer, ScriptedProvider
from tests.integrations.responders.asking import KEY, PATIENT, SHORT, asked, failure, reply

LEFT_ALONE = "The provider failed several times in a row and is left alone. Send the message again in "


async def bring_down(provider: ScriptedProvider, answer: Answer | None = None, **how: object) -> int:
    """So many failures that it is left alone; the number of requests that it got so far."""
    provider.script(answer or Answer.failure(503))
    for _ in range(FAILURES_TO_OPEN):
        error = await failure(asked(provider, **how))
        assert not error.message.startswith(LEFT_ALONE)
    return len(provider.requests)


def end_the_pause() -> None:
    loop = asyncio.get_running_loop()
    (known,) = circuits._circuits[loop].values()
    assert known.seconds_left(loop.time()) > 0
    known._open_until = loop.time()


async def test_down_then_one_probe_then_well_again(provider: ScriptedProvider) -> None:
    asked_so_far = await bring_down(provider)
    assert asked_so_far == 3 * FAILURES_TO_OPEN, "each reply tries three times"

    error = await failure(asked(provider))
    assert type(error) is ResponderUnavailable
    assert (error.code, error.retryable) == ("responder_unavailable", True)
    assert error.message.startswith(LEFT_ALONE)
    assert error.message.endswith("The last failure: The provider is overloaded or broken (503). Try again later.")
    assert len(provider.requests) == asked_so_far

    end_the_pause()
    provider.script(Answer(deltas=["Hi"], delay=0.2))
    outcomes = await asyncio.gather(*(reply(asked(provider)) for _ in range(10)), return_exceptions=True)
    assert [type(each) for each in outcomes].count(ResponderUnavailable) == 9
    assert len(provider.requests) == asked_so_far + 1

    assert {text for text, _ in await asyncio.gather(*(reply(asked(provider)) for _ in range(10)))} == {"Hi"}
    assert len(provider.requests) == asked_so_far + 11


async def test_a_probe_that_fails_is_one_request(provider: ScriptedProvider) -> None:
    asked_so_far = await bring_down(provider)
    end_the_pause()

    outcomes = await asyncio.gather(*(reply(asked(provider)) for _ in range(10)), return_exceptions=True)

    assert all(type(each) is ResponderUnavailable for each in outcomes)
    assert len(provider.requests) == asked_so_far + 1
    assert (await failure(asked(provider))).message.startswith(LEFT_ALONE)


async def test_the_first_word_of_a_probe_lets_the_others_in(provider: ScriptedProvider) -> None:
    await bring_down(provider)
    end_the_pause()
    provider.script(Answer(deltas=["Hi", " there"], hang_after=1), Answer(deltas=["Hi"]))
    probe = OpenAICompatible(PATIENT).stream(asked(provider))
    assert (await anext(probe)).text == "Hi"

    assert (await reply(asked(provider)))[0] == "Hi"

    await probe.aclose()


async def test_a_probe_that_is_canceled_lets_another_in(provider: ScriptedProvider) -> None:
    await bring_down(provider)
    end_the_pause()
    provider.script(Answer(hang_before_headers=True), Answer(deltas=["Hi"]))
    probe = asyncio.create_task(reply(asked(provider)))
    before = len(provider.requests)
    await asyncio.to_thread(provider.wait_until, lambda provider: len(provider.requests) > before)
    assert (await failure(asked(provider))).message.startswith(LEFT_ALONE)

    probe.cancel()
    await asyncio.gather(probe, return_exceptions=True)

    assert (await reply(asked(provider)))[0] == "Hi"


async def test_a_provider_that_hangs_is_down(provider: ScriptedProvider) -> None:
    provider.script(Answer(hang_before_headers=True))
    for _ in range(FAILURES_TO_OPEN):
        await failure(asked(provider), SHORT)

    asked_so_far = len(provider.requests)
    error = await failure(asked(provider), SHORT)

    assert error.message.startswith(LEFT_ALONE)
    assert len(provider.requests) == asked_so_far


@pytest.mark.parametrize(
    "answer", [Answer.failure(401), Answer.failure(404), Answer.html(), Answer(done=False, finish=None)]
)
async def test_refusals_and_broken_answers_leave_it_open_to_all(provider: ScriptedProvider, answer: Answer) -> None:
    await bring_down(provider, answer)

    provider.script(Answer(deltas=["Hi"]))
    assert (await reply(asked(provider)))[0] == "Hi"


async def test_a_provider_that_asks_for_a_longer_rest_gets_it(provider: ScriptedProvider) -> None:
    patient = Answer.failure(429, Retry_After="0"), Answer.failure(429, Retry_After="0")
    for _ in range(FAILURES_TO_OPEN):
        provider.script(*patient, Answer.failure(429, Retry_After="40"))
        await failure(asked(provider))

    error = await failure(asked(provider))

    assert 20 < error.retry_after <= 40
    assert f" in {math.ceil(error.retry_after)} s. The last failure: The provider limits its rate" in error.message


async def test_another_key_and_another_address_are_not_meant(provider: ScriptedProvider) -> None:
    await bring_down(provider)
    provider.script(Answer(deltas=["Hi"]))
    assert (await failure(asked(provider))).message.startswith(LEFT_ALONE)

    assert (await reply(asked(provider, api_key=KEY + "2")))[0] == "Hi"
    assert (await reply(asked(provider.base_url + "/other")))[0] == "Hi"

    assert (await failure(asked(provider, base_url=provider.base_url + "/"))).message.startswith(LEFT_ALONE)


@pytest.mark.parametrize(("kind", "key"), [(Anthropic, KEY), (Webhook, new_secret())], ids=["anthropic", "webhook"])
async def test_every_responder_with_a_provider_leaves_it_alone(
    provider: ScriptedProvider, kind: type, key: str
) -> None:
    provider.script(Answer.failure(503))
    request = asked(provider, kind=kind.__name__.lower(), api_key=key)
    for _ in range(FAILURES_TO_OPEN):
        await failure(request, kind=kind)
    asked_so_far = len(provider.requests)

    assert (await failure(request, kind=kind)).message.startswith(LEFT_ALONE)
    assert len(provider.requests) == asked_so_far


async def test_the_number_of_circuits_is_bounded_and_no_key_is_kept(
    provider: ScriptedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(circuits, "MOST_CIRCUITS", 3)
    for number in range(5):
        await reply(asked(provider, api_key=f"{KEY}{number}"))

    known = circuits._circuits[asyncio.get_running_loop()]

    assert len(known) == 3
    assert KEY not in repr(known)


@pytest.mark.django_db
def test_a_test_from_the_dashboard_is_always_asked(provider: ScriptedProvider) -> None:
    responder = ResponderFactory(kind="openai_compatible", base_url=provider.base_url, model="m-1")
    responder.set_api_key(KEY)
    with asyncio.Runner() as server:
        server.run(bring_down(provider))
        provider.script(Answer(deltas=["Hi"]))

        result = async_to_sync(trial.ask)(responder, "Hello?")

        assert (result.error, result.text) == (None, "Hi")
        assert server.run(failure(asked(provider))).message.startswith(LEFT_ALONE), "the premise"
        server.run(http.close())
