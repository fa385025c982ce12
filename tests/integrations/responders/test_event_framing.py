import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ground.provider import Answer, ScriptedProvider, delta_json, event, finish_json
from tests.integrations.responders.asking import asked, reply

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize(
    "body",
    [
        event(delta_json("Hé")) + event(finish_json()),
        (event(delta_json("Hé")) + event(finish_json())).replace(b"\n", b"\r\n"),
        (event(delta_json("Hé")) + event(finish_json())).replace(b"\n", b"\r"),
        b"\xef\xbb\xbf" + event(delta_json("Hé")) + event(finish_json()),
        b'event: x\nid: 1\nretry: 5\ndata: {"choices":\ndata: [{"delta":{"content":"H\xc3\xa9"}}]}\n\n'
        + event(finish_json()),
        b"data:" + event(delta_json("Hé"))[6:] + b": comment\n\n" + event(finish_json()),
    ],
    ids=["lf", "crlf", "cr", "bom", "lines", "no-space"],
)
async def test_framings(provider: ScriptedProvider, body: bytes) -> None:
    for pieces in ((len(body),), (1,)):
        provider.script(Answer.raw(body, pieces=pieces))

        assert (await reply(asked(provider)))[0] == "Hé"


async def test_an_event_that_does_not_end_is_dropped(provider: ScriptedProvider) -> None:
    provider.script(Answer.raw(event(delta_json("Hé")) + event(finish_json()) + b"data: {"))

    assert (await reply(asked(provider)))[0] == "Hé"


async def test_comments_do_not_add_up_to_a_long_event(provider: ScriptedProvider) -> None:
    provider.script(Answer.raw(b": still here\n" * 200_000 + event(delta_json("Hé")) + event(finish_json())))

    assert (await reply(asked(provider)))[0] == "Hé"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(st.text(min_size=1, max_size=8).filter(lambda text: "\0" not in text), min_size=1, max_size=5),
    pieces=st.lists(st.integers(1, 60), min_size=1, max_size=6),
    newline=st.sampled_from([b"\n", b"\r\n", b"\r"]),
)
async def test_bytes_may_be_split_anywhere(
    provider: ScriptedProvider, texts: list[str], pieces: list[int], newline: bytes
) -> None:
    texts = [*texts, "."]
    body = b"".join(map(event, [*map(delta_json, texts), finish_json(), "[DONE]"]))
    provider.script(Answer.raw(body.replace(b"\n", newline), pieces=pieces))

    assert (await reply(asked(provider)))[0] == "".join(texts)
