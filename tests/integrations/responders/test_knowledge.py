from time import monotonic

import pytest

from integrations.responders import responder_for
from integrations.responders.base import ArticleHit, Delta, Done, ReplyRequest, ResponderSettings, Turn
from integrations.responders.knowledge import ANSWER_CHARACTERS, NOT_FOUND, Knowledge
from integrations.responders.passages import passages
from integrations.responders.words import words

pytestmark = pytest.mark.asyncio

REFUNDS = ArticleHit(
    id="a1",
    title="Refunds and returns",
    body="""# Refunds

You can get your money back within 30 days of delivery.

## How to return an item

1. Open **Orders**.
2. Choose *Return*.

3. Print the label.

## Shipping costs

We pay the return shipping if the item is damaged.
""",
    url="https://help.example/refunds",
    score=0.5,
)
INSTALL = ArticleHit(
    id="a2",
    title="Install the command line tool",
    body="Run this command:\n\n```sh\ncurl https://cli.example | sh\n\n# then\nlumika login\n```\n\nThen open a shell.",
    url="",
    score=0.3,
)
PASSWORD = ArticleHit(
    id="a3",
    title="パスワードの再設定",
    body="ログイン画面で「パスワードを忘れた」を選んでください。メールが届きます。",
    url="",
    score=0.2,
)
HINDI = ArticleHit(id="a4", title="धनवापसी", body="आपको धनवापसी तीस दिनों में मिलती है।", url="", score=0.2)
ARTICLES = [REFUNDS, INSTALL, PASSWORD, HINDI]


async def reply(question: str, articles: list[ArticleHit] = ARTICLES) -> tuple[str, Done]:
    request = ReplyRequest(ResponderSettings(kind="knowledge"), [Turn("customer", question)], articles)
    *deltas, done = [part async for part in Knowledge().stream(request)]
    assert isinstance(done, Done)
    assert all(isinstance(delta, Delta) and delta.text for delta in deltas)
    return "".join(delta.text for delta in deltas if isinstance(delta, Delta)), done


async def test_it_quotes_the_passage_that_answers_and_names_its_article() -> None:
    text, done = await reply("Who pays the shipping of a damaged item?")

    assert text == "We pay the return shipping if the item is damaged."
    assert [(source.id, source.title, source.url) for source in done.sources] == [
        ("a1", "Refunds and returns", "https://help.example/refunds")
    ]


async def test_the_title_decides_when_no_passage_repeats_the_word() -> None:
    text, _ = await reply("How do refunds work?")

    assert text == "You can get your money back within 30 days of delivery."


async def test_a_long_story_still_finds_its_answer() -> None:
    text, _ = await reply(
        "I ordered a blue sweater last week for my sister, it doesn't fit, how can I return the item?"
    )

    assert text == "1. Open **Orders**.\n2. Choose *Return*.\n\n3. Print the label."


async def test_code_stays_whole_and_with_its_introduction() -> None:
    text, done = await reply("How do I install the tool?")

    assert "Run this command:\n\n```sh\ncurl https://cli.example | sh\n\n# then\nlumika login\n```" in text
    assert done.sources[0].url is None


@pytest.mark.parametrize(("question", "article"), [("パスワードを忘れました", PASSWORD), ("धनवापसी कैसे मिलेगी?", HINDI)])
async def test_any_language(question: str, article: ArticleHit) -> None:
    text, done = await reply(question)

    assert text == article.body
    assert [source.id for source in done.sources] == [article.id]


@pytest.mark.parametrize(
    "question",
    [
        "hello",
        "Hi there, can you help me please?",
        "Thanks!",
        "What is it for you?",
        "Why is that so, and how is this to be?",
        "Do you have 30 employees?",
        "What is the capital of France?",
        "???",
        "🎉",
        "\n",
        "\ud800\0",
    ],
)
async def test_it_admits_not_to_know(question: str) -> None:
    text, done = await reply(question)

    assert text == NOT_FOUND
    assert done.sources == []


@pytest.mark.parametrize("body", ["", "# Refunds", "\n\n", "```"])
async def test_it_admits_not_to_know_without_passages(body: str) -> None:
    assert (await reply("refunds?", []))[0] == NOT_FOUND
    empty = ArticleHit(id="e", title="Shipping", body=body, url="", score=0.1)
    assert (await reply("refunds?", [empty]))[0] == NOT_FOUND


async def test_a_long_passage_is_cut_after_a_sentence() -> None:
    article = ArticleHit(id="l", title="Refunds", body="A refund takes a while. " * 100, url="", score=1)

    text, _ = await reply("refund", [article])

    assert len(text) <= ANSWER_CHARACTERS + 2
    assert text.endswith("while. …")


async def test_what_cannot_be_stored_is_dropped() -> None:
    article = ArticleHit(id="n", title="Refunds", body="A refund\0 takes\ud800 a day.", url="", score=1)

    assert (await reply("refund", [article]))[0] == "A refund takes a day."


async def test_it_is_registered() -> None:
    assert isinstance(responder_for("knowledge"), Knowledge)
    with pytest.raises(LookupError):
        responder_for("oracle")


async def test_headings_and_fences_do_not_disturb_each_other() -> None:
    found = passages("# One\ntext\n```\n# no heading\n\n```\n\n~~~\n```\n~~~\n## Two ##\n- a\n\n- b\n\n  more\n\nend")

    assert [(passage.heading, passage.text) for passage in found] == [
        ("One", "text\n```\n# no heading\n\n```\n\n~~~\n```\n~~~"),
        ("Two", "- a\n\n- b\n\n  more"),
        ("Two", "end"),
    ]


@pytest.mark.parametrize(
    "forms", ["refund refunds refunded refunding", "delivery deliveries deliver", "cancel cancelled"]
)
async def test_forms_of_a_word_are_the_same(forms: str) -> None:
    assert len(set(words(forms))) == 1


@pytest.mark.parametrize("middle", [" " * 20_000, "#" * 20_000, " " * 500 + "#" * 500 + " " * 500])
async def test_an_odd_heading_keeps_nobody_waiting(middle: str) -> None:
    """Everybody's replies are made in one event loop: a heading that took minutes would stop them all."""
    began = monotonic()

    found = passages(f"# a{middle}b\n\nText.\n\n## C #\n\nMore.")

    assert monotonic() - began < 0.5
    assert [(passage.heading, passage.text) for passage in found] == [(f"a{middle}b", "Text."), ("C", "More.")]
