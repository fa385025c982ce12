"""An agent asks for another draft: what each responder makes of the earlier one, and of what is asked."""

import json

import msgspec
import pytest

from integrations.responders.anthropic import Anthropic
from integrations.responders.base import ArticleHit, Delta, ReplyRequest, ResponderSettings, Turn
from integrations.responders.knowledge import NOT_FOUND, Knowledge
from integrations.responders.openai_compatible import OpenAICompatible
from integrations.responders.prompt import ASKED_WITHOUT_WORDS, DRAFT_CHARACTERS, system_prompt
from integrations.responders.webhook import Webhook, new_secret
from tests.ground.anthropic_provider import message as anthropic_answer
from tests.ground.provider import Answer, ScriptedProvider
from tests.integrations.responders.asking import ARTICLES, PATIENT, asked, reply

pytestmark = pytest.mark.asyncio

INSTRUCTION = "Be kinder, and name the days."
DRAFT = "Send it back within thirty days [1]."

SHIPPING = ArticleHit(
    id="s",
    title="Shipping",
    body="""We pay the return shipping if the item is damaged.

## How to return an item

1. Open **Orders**.
2. Choose *Return*.

## When it arrives

A parcel takes three working days.
""",
    url="",
    score=0.5,
)


def another(request: ReplyRequest, *, instruction: str = INSTRUCTION, draft: str = DRAFT) -> ReplyRequest:
    return msgspec.structs.replace(request, instruction=instruction, previous_draft=draft)


async def test_a_model_reads_the_draft_and_what_is_asked_in_its_system_prompt(provider: ScriptedProvider) -> None:
    await reply(another(asked(provider, ARTICLES, instructions="Be brief.")))

    system, *turns = provider.requests[0].json["messages"]
    assert system["role"] == "system"
    assert system["content"].startswith("Be brief.\n\n")
    assert "[1] Refunds" in system["content"]
    assert f"What your colleague asks for:\n{INSTRUCTION}" in system["content"]
    assert f"<draft>\n{DRAFT}\n</draft>" in system["content"]
    assert "mention neither" in system["content"]
    assert turns == [{"role": "user", "content": "Hello?"}]


async def test_a_model_of_anthropic_reads_the_same(provider: ScriptedProvider) -> None:
    provider.script(anthropic_answer("Hi"))
    request = another(asked(provider, ARTICLES, kind="anthropic", instructions="Be brief."))

    await reply(request, PATIENT, Anthropic)

    sent = provider.requests[0].json
    assert sent["system"] == system_prompt(request)
    assert INSTRUCTION in sent["system"]
    assert DRAFT in sent["system"]
    assert INSTRUCTION not in str(sent["messages"])


@pytest.mark.parametrize("kind", [OpenAICompatible, Anthropic])
async def test_a_first_draft_says_nothing_of_another(provider: ScriptedProvider, kind: type) -> None:
    provider.script(anthropic_answer("Hi") if kind is Anthropic else Answer())

    await reply(asked(provider), PATIENT, kind)

    sent = provider.requests[0].json
    assert "system" not in sent
    assert sent["messages"] == [{"role": "user", "content": "Hello?"}]


async def test_without_a_word_the_model_is_asked_for_another_answer() -> None:
    prompt = system_prompt(another(asked("http://localhost"), instruction=""))

    assert ASKED_WITHOUT_WORDS in prompt
    assert DRAFT in prompt
    assert "What your colleague asks for" not in prompt


async def test_without_an_earlier_draft_only_the_words_are_told() -> None:
    prompt = system_prompt(another(asked("http://localhost"), draft=""))

    assert INSTRUCTION in prompt
    assert "<draft>" not in prompt


async def test_a_long_draft_is_cut() -> None:
    prompt = system_prompt(another(asked("http://localhost"), draft="x" * 50_000))

    assert "x" * DRAFT_CHARACTERS + " …" in prompt
    assert len(prompt) < DRAFT_CHARACTERS + 1_000


async def test_the_teams_backend_gets_both(provider: ScriptedProvider) -> None:
    provider.script(Answer(content_type="application/json", body=json.dumps({"text": "Hi"}).encode()))
    first = asked(provider, kind="webhook", api_key=new_secret())

    for request in (first, another(first), another(first, instruction="")):
        await reply(request, PATIENT, Webhook)

    told = [(sent.json["data"]["instruction"], sent.json["data"]["previousDraft"]) for sent in provider.requests]
    assert told == [(None, None), (INSTRUCTION, DRAFT), (None, DRAFT)]


async def knowledge(question: str, *, instruction: str = "", draft: str = "") -> str:
    first = ReplyRequest(ResponderSettings(kind="knowledge"), [Turn("customer", question)], [SHIPPING])
    parts = Knowledge().stream(another(first, instruction=instruction, draft=draft))
    return "".join([part.text async for part in parts if isinstance(part, Delta)])


async def test_articles_answer_what_is_asked_of_another_draft() -> None:
    question = "Who pays the shipping of a damaged item?"
    first = await knowledge(question)
    assert first == "We pay the return shipping if the item is damaged."

    second = await knowledge(question, draft=first, instruction="Tell them how to return it, step by step")

    assert second == "1. Open **Orders**.\n2. Choose *Return*."


async def test_articles_answer_otherwise_when_nobody_says_how() -> None:
    question = "What about the shipping of my return?"
    first = await knowledge(question)

    second = await knowledge(question, draft=first)

    assert NOT_FOUND not in (first, second)
    assert not set(first.split("\n\n")) & set(second.split("\n\n"))


@pytest.mark.parametrize("instruction", ["", "Shorter", "Please be much friendlier, and apologise sincerely!", "🎉"])
async def test_articles_that_hold_nothing_else_say_the_same_again(instruction: str) -> None:
    question = "When does a parcel arrive, how many working days?"
    first = await knowledge(question)
    assert first == "A parcel takes three working days."

    assert await knowledge(question, draft=first, instruction=instruction) == first


async def test_articles_are_found_by_what_is_asked_where_the_question_has_no_words() -> None:
    assert await knowledge("🎉") == NOT_FOUND

    assert "three working days" in await knowledge("🎉", draft=NOT_FOUND, instruction="How long does a parcel take?")
