"""How providers end their answers: what the customer sees of each, and what the team."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
import pytest

from integrations.responders import finish_reasons, thinkers
from integrations.responders.anthropic import Anthropic
from integrations.responders.base import Delta, Done, Reset, ResponderError
from integrations.responders.openai_compatible import OpenAICompatible
from integrations.responders.webhook import Webhook, new_secret
from tests.ground import anthropic_provider as api
from tests.ground.provider import Answer, ScriptedProvider, event, finish_json
from tests.integrations.responders.asking import KEY, PATIENT, asked

WHOLE = ""
UNAVAILABLE = ("responder_unavailable", True)
REFUSED = ("responder_refused", False)
BROKEN = ("responder_broken", True)


class Case(NamedTuple):
    answer: Answer
    customer: str | tuple[str, bool]
    """The reply, or the code of the error and whether sending again may help."""
    team: str = WHOLE
    """A part of what stands on the responder's page."""
    kind: type = OpenAICompatible


def chunk(text: object = None, reason: object = None, index: int = 0, **delta: object) -> str:
    choice = {"index": index, "delta": {"content": text, **delta}, "finish_reason": reason}
    return msgspec.json.encode({"choices": [choice]}).decode()


def openai(*data: str, **how: Any) -> Answer:
    return Answer.events(*data, **how)


def ended(reason: object) -> Answer:
    return openai(chunk("Your parcel is"), finish_json(reason), "[DONE]")  # type: ignore[arg-type]


def anthropic(*events: dict[str, Any]) -> Answer:
    return api.stream(*api.opening(), *events)


def message_delta(reason: object) -> dict[str, Any]:
    return {"type": "message_delta", "delta": {"stop_reason": reason}, "usage": {"output_tokens": 3}}


def _nested(depth: int) -> list[Any]:
    content: list[Any] = ["Hm."]
    for _ in range(depth):
        content = [content]
    return content


HI = api.text_delta("Hi")
USAGE = '{"choices":[],"usage":{"total_tokens":3}}'
THINKING = {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}

CASES = {
    "failed": Case(ended("error"), UNAVAILABLE, "broke the reply off (error)"),
    "no resources": Case(ended("insufficient_system_resource"), UNAVAILABLE, "(insufficient_system_resource)"),
    "no network": Case(ended("network_error"), UNAVAILABLE, "(network_error)"),
    "aborted": Case(ended("abort"), UNAVAILABLE, "(abort)"),
    "in capitals": Case(ended("ERROR"), UNAVAILABLE, "(ERROR)"),
    "filtered": Case(ended("content_filter"), REFUSED, "refused to write the reply (content_filter)"),
    "unsafe": Case(ended("SAFETY"), REFUSED, "(SAFETY)"),
    "tool": Case(ended("tool_calls"), BROKEN, "waits for a tool (tool_calls)"),
    "unknown reason": Case(ended("eos_7"), "Your parcel is"),
    "length": Case(ended("length"), "Your parcel is"),
    "failed, with the text in the same chunk": Case(openai(chunk("Hel", "error"), "[DONE]"), UNAVAILABLE, "(error)"),
    "failed after it was stopped": Case(openai(chunk("Hel", "stop"), finish_json("error")), UNAVAILABLE, "(error)"),
    "an error after it was stopped": Case(
        openai(chunk("Hel", "stop"), '{"error":{"message":"out of memory"}}'), UNAVAILABLE, "“out of memory”"
    ),
    "a reason with every chunk": Case(
        openai(*[chunk(text, "stop") for text in ("One ", "two ", "three")]), "One two three"
    ),
    "a reason with every chunk, slowly": Case(
        Answer.raw(b"".join(event(chunk(text, "stop")) for text in "abcdefghij"), pieces=[76], delay=0.05), "abcdefghij"
    ),
    "a reason before the first word": Case(openai(finish_json(), chunk("Hi"), finish_json()), "Hi"),
    "a reason before the first word alone": Case(
        openai(finish_json(), chunk("Half a")), BROKEN, "ended before the reply was whole"
    ),
    "text after the reason": Case(openai(chunk("One "), finish_json(), chunk("two"), "[DONE]"), "One two"),
    "text after the end": Case(openai(chunk("One"), finish_json(), "[DONE]", chunk(" two")), "One"),
    "usage after the reason": Case(openai(chunk("Hi"), finish_json(), USAGE, "[DONE]"), "Hi"),
    "nonsense after the reason": Case(openai(chunk("Hi"), finish_json(), "bye", chunk("!"), "[DONE]"), "Hi!"),
    "[DONE] alone": Case(openai(chunk("Hi"), " [DONE] "), "Hi"),
    "[DONE] without text": Case(openai(chunk(""), "[DONE]"), BROKEN, "gave no text."),
    "neither": Case(openai(chunk("Half a")), BROKEN, "ended before the reply was whole"),
    "neither, but empty reasons": Case(
        openai(chunk("Half", ""), chunk(" a", None), chunk("", "null")), BROKEN, "ended before the reply was whole"
    ),
    "neither, but usage": Case(openai(chunk("Half a"), USAGE), BROKEN, "ended before the reply was whole"),
    "a reason that is no word": Case(
        openai(chunk("Half a", 0), chunk(None, False)), BROKEN, "before the reply was whole"
    ),
    "left open after the reason": Case(Answer.raw(event(chunk("Hi", "stop")), hang_after=1), "Hi"),
    "several choices": Case(
        openai(chunk("One"), chunk("Other", index=1), chunk(None, "error", 1), chunk(" two", "stop"), "[DONE]"),
        "One two",
    ),
    "several choices in a chunk": Case(
        openai('{"choices":[{"index":1,"delta":{"content":"B"}},{"index":0,"delta":{"content":"A"}}]}', "[DONE]"), "A"
    ),
    "content as parts": Case(
        openai(
            chunk([THINKING]), chunk([{"type": "text", "text": "Hel"}]), chunk({"text": "lo"}), chunk("!"), "[DONE]"
        ),
        "Hello!",
    ),
    "parts of other kinds": Case(
        openai(
            chunk(["a", {"type": "reference", "reference_ids": [1]}, {"type": "image_url", "text": "b"}, 7]), "[DONE]"
        ),
        "a",
    ),
    "parts within an object": Case(
        openai(
            chunk({"parts": [{"text": "Hm.", "thought": True}, {"text": "Hel"}, {"type": "TEXT", "text": "lo"}]}),
            "[DONE]",
        ),
        "Hello",
    ),
    "parts within parts without end": Case(openai(chunk(_nested(900)), chunk("Hi"), "[DONE]"), "Hi"),
    "reasoning beside the text": Case(
        openai(chunk(None, reasoning_content="Hm"), chunk("", reasoning=[{"text": "Hm"}]), chunk("Hi"), "[DONE]"), "Hi"
    ),
    "thinking": Case(openai(chunk("<think>Hm.</th"), chunk("ink>\n\nHello"), "[DONE]"), "Hello"),
    "thinking alone": Case(
        openai(chunk("<think>Hm. So"), finish_json("length")), BROKEN, "thought, but wrote no reply (reason: length)"
    ),
    "thinking, unmarked": Case(openai(chunk("Hm. So I say"), chunk(" hi.</think>"), chunk("Hi"), "[DONE]"), "Hi"),
    "the end of the turn": Case(openai(chunk("Hi<|im_"), chunk("end|>"), finish_json()), "Hi"),
    "an explanation of thinking": Case(openai(chunk("Use `<th"), chunk("ink>`."), finish_json()), "Use `<think>`."),
    "refusal": Case(anthropic(HI, message_delta("refusal")), REFUSED, "(refusal)", Anthropic),
    "tool use": Case(anthropic(HI, message_delta("tool_use")), BROKEN, "(tool_use)", Anthropic),
    "paused": Case(anthropic(HI, message_delta("pause_turn")), BROKEN, "(pause_turn)", Anthropic),
    "an error after the reason": Case(
        anthropic(HI, message_delta("end_turn"), api.error("overloaded_error")), UNAVAILABLE, "(529)", Anthropic
    ),
    "the end alone": Case(anthropic(HI, {"type": "message_stop"}), "Hi", kind=Anthropic),
    "the end before the reason": Case(
        anthropic(HI, {"type": "message_stop"}, message_delta("refusal")), REFUSED, "(refusal)", Anthropic
    ),
    "the end without text": Case(anthropic({"type": "message_stop"}), BROKEN, "gave no text", Anthropic),
    "the reason twice": Case(
        anthropic(message_delta(""), HI, message_delta("end_turn"), HI, message_delta("end_turn")),
        "HiHi",
        kind=Anthropic,
    ),
    "cut": Case(anthropic(HI, message_delta(None)), BROKEN, "ended before the reply was whole", Anthropic),
    "text at the start of a block": Case(
        anthropic(
            {"type": "content_block_start", "content_block": {"type": "text", "text": "Hel"}},
            api.text_delta("lo"),
            message_delta("end_turn"),
        ),
        "Hello",
        kind=Anthropic,
    ),
    "[DONE] of Anthropic's dialect": Case(Answer.raw(api.encoded(HI) + event("[DONE]")), "Hi", kind=Anthropic),
    "thinking in text": Case(
        anthropic(api.text_delta("<think>Hm.</think>"), HI, message_delta("end_turn")), "Hi", kind=Anthropic
    ),
    "a backend's thinking": Case(
        Answer(content_type="application/json", body=b'{"text": "<think>Hm.</think>Hi"}'), "Hi", kind=Webhook
    ),
    "a backend that is cut": Case(openai('{"delta": "Half a"}'), BROKEN, "before the reply was whole", Webhook),
    "a backend that goes on": Case(openai('{"delta": "Hi"}', '{"done": true}', '{"delta": "!"}'), "Hi", kind=Webhook),
}


@pytest.mark.asyncio
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_what_customer_and_team_see(provider: ScriptedProvider, case: Case) -> None:
    provider.script(case.answer)

    customer, team = await outcome(provider, case.kind)

    assert customer == case.customer
    assert case.team in team
    assert bool(case.team) is bool(team)
    assert len(provider.requests) == 1


async def outcome(provider: ScriptedProvider, kind: type) -> tuple[str | tuple[str, bool], str]:
    text = ""
    request = asked(provider, api_key=new_secret() if kind is Webhook else KEY)
    try:
        async for part in kind(PATIENT).stream(request):
            if isinstance(part, Delta):
                text += part.text
            elif isinstance(part, Reset):
                text = ""
    except ResponderError as error:
        return (error.code, error.retryable), error.message
    assert isinstance(part, Done)
    return text, ""


@pytest.mark.parametrize(
    ("reasons", "code"),
    [
        (
            "content_filter content-filtered contentFilter SAFETY IMAGE_SAFETY RECITATION BLOCKLIST PROHIBITED_CONTENT "
            "SPII sensitive refusal guardrail_intervened ERROR_TOXIC moderation content_policy_violation",
            "responder_refused",
        ),
        (
            "error ERROR network_error insufficient_system_resource abort aborted cancelled server_error "
            "internal_error failed timeout ERROR_LIMIT service_unavailable overloaded deadline_exceeded interrupted",
            "responder_unavailable",
        ),
        (
            "tool_calls tool_use function_call pause_turn TOOL_CALL toolUse MALFORMED_FUNCTION_CALL "
            "UNEXPECTED_TOOL_CALL",
            "responder_broken",
        ),
        (
            "stop STOP eos eos_token end_turn stop_sequence complete COMPLETE length max_tokens MAX_TOKENS "
            "model_length model_context_window_exceeded endoftext done finished content_complete",
            None,
        ),
    ],
)
def test_reasons_are_known_in_any_spelling(reasons: str, code: str | None) -> None:
    for reason in reasons.split():
        failure = finish_reasons.failure(reason)
        assert (failure and failure.code) == code, reason


def test_null_and_nothing_are_no_reasons() -> None:
    assert not any(map(finish_reasons.is_given, [None, "", " ", "null", "None", 0, False, {}, []]))
    assert finish_reasons.is_given("stop")


def thinks_aloud(thinking: str, reply: str) -> Answer:
    """The thinking has arrived when the reply comes."""
    first = chunk(thinking)
    return openai(first, chunk(reply), "[DONE]", pieces=(len(event(first)), 10_000), delay=0.2)


async def parts_of(provider: ScriptedProvider, kind: type = OpenAICompatible, **how: object) -> Sequence[Any]:
    return [part async for part in kind(PATIENT).stream(asked(provider, **how))][:-1]


@pytest.mark.asyncio
async def test_a_responder_that_thought_aloud_once_is_held_back_from_then_on(provider: ScriptedProvider) -> None:
    provider.script(thinks_aloud("Hm. So.", "</think>\n\nHello you there"))
    assert await parts_of(provider) == [Delta("Hm. So."), Reset(), Delta("Hello you there")]

    assert await parts_of(provider) == [Delta("Hello you there")]

    assert Reset() in await parts_of(provider, model="m-2"), "another model is found out anew"
    assert Reset() in await parts_of(provider, api_key=KEY + "2"), "another customer of the provider too"
    provider.script(openai(chunk("No "), chunk("thoughts"), finish_json()))
    assert await parts_of(provider) == [Delta("No thoughts")]


@pytest.mark.asyncio
async def test_what_is_known_of_responders_is_bounded_and_holds_no_key(
    provider: ScriptedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thinkers, "MOST_KNOWN", 3)
    provider.script(thinks_aloud("Hm.", "</think>Hello there"))

    for number in range(5):
        await parts_of(provider, model=f"m-{number}")

    assert len(thinkers._known) == 3
    assert KEY not in repr(thinkers._known)


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thinkers, "_known", type(thinkers._known)())
