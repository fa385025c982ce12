"""What of a model's text a customer sees: never its thinking, never the marks around it, all of an explanation."""

import itertools

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from integrations.responders.marks import ENDS, MARKS, THINKING, THINKING_AT_START
from integrations.responders.visible_text import VisibleText

HARMONY = "<|channel|>analysis<|message|>Let me see.<|end|><|start|>assistant<|channel|>final<|message|>"


def seen(*pieces: str, holds_start: bool = False) -> tuple[list[str], str]:
    """What was shown and withdrawn, in turn, and what is left in the end."""
    visible = VisibleText(holds_start=holds_start)
    withdrawn: list[str] = []
    text = ""
    for shown in [*map(visible.feed, pieces), visible.end()]:
        if shown.withdraws:
            withdrawn.append(text)
            text = ""
        text += shown.text
    return withdrawn, text


def left(text: str) -> str:
    return seen(text)[1]


@pytest.mark.parametrize("opening", THINKING)
def test_thinking_is_hidden_wherever_it_stands(opening: str) -> None:
    closing = THINKING[opening]

    assert left(f"{opening}Hm. 1 < 2?\n{closing}\n\nHello") == "Hello"
    assert left(f"{opening.upper()}Hm{closing.upper()}Hello") == "Hello"
    assert left(f"\n{opening}{closing}Hello") == "\nHello"
    assert left(f"Hello {opening}hm{closing} there") == "Hello there"
    assert left(f"Hello.\n\n{opening}\nhm\n{closing}\n\nBye.") == "Hello.\n\nBye."
    assert left(f"{opening}one{closing}Hello{opening}two{closing} there") == "Hello there"
    assert left(f"Hello. {opening} The customer never sees the rest") == "Hello. "


@pytest.mark.parametrize("opening", THINKING_AT_START)
def test_words_for_thinking_are_hidden_where_they_lead_the_reply(opening: str) -> None:
    closing = THINKING_AT_START[opening]

    assert left(f"{opening}Hm.{closing}\nHello") == "Hello"
    assert left(f"<think>a</think>{opening}b{closing}Hello") == "Hello"
    assert left(f"XML: {opening}Hm.{closing}") == f"XML: {opening}Hm.{closing}"


@pytest.mark.parametrize("closing", THINKING.values())
@pytest.mark.parametrize("thinking", ["I am polite.", "The user wants `this\n", "Done. ", "so I say hi", "1.\n\n2.\n"])
def test_what_stands_before_a_lone_closing_mark_is_withdrawn(closing: str, thinking: str) -> None:
    assert seen(thinking, f"{closing}\n\nHello there") == ([thinking], "Hello there")
    assert seen(thinking, f"{closing}Hello there") == ([thinking], "Hello there")
    assert seen(*f"{thinking}{closing} Hello there", holds_start=True) == ([], "Hello there")


def test_in_doubt_a_lone_closing_mark_ends_thinking() -> None:
    assert left("let me see </think> you can do that") == "you can do that"
    assert (
        left("The tag <think> and the tag </think> are a pair.") == "The tag <think> and the tag </think> are a pair."
    )


def test_it_says_that_thinking_began_unmarked() -> None:
    for text, began_unmarked in [
        ("Hm.</think>Hello", True),
        ("Hm.<|end|><|start|>assistant<|channel|>final<|message|>Hello", True),
        ("<think>Hm.</think>Hello", False),
        ("<think>Hm.</think>Hm again.</think>Hello", False),
        ("</think>Hello", False),
        ("Hello", False),
    ]:
        visible = VisibleText()
        visible.feed(text)
        visible.end()
        assert visible.began_unmarked is began_unmarked, text


def test_a_start_that_is_held_is_shown_once_thinking_has_ended() -> None:
    visible = VisibleText(holds_start=True)

    assert visible.feed("Let me see. ").text == ""
    assert visible.feed("</think>\n\nHello, how are you?").text == "Hello, how are you?"
    assert visible.feed(" Well?").text == " Well?"


def test_a_start_that_is_held_is_shown_at_the_end_at_the_latest() -> None:
    visible = VisibleText(holds_start=True)

    assert visible.feed("Hello there").text == ""
    assert visible.end().text == "Hello there"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (HARMONY + "Hello", "Hello"),
        (HARMONY + "Hello<|return|>", "Hello"),
        ("<|start|>assistant" + HARMONY + "Hello<|end|>", "Hello"),
        (HARMONY.upper() + "Hello", "Hello"),
        ("<|start|>assistant<|message|>Hello", "Hello"),
        ("<|channel|>final<|message|>Hello<|return|>", "Hello"),
        ("<|channel|>final <|constrain|>json<|message|>{}", "{}"),
        ("Thinking aloud.<|end|><|start|>assistant<|channel|>final<|message|>Hello", "Hello"),
        ("<|channel|>commentary to=functions.find <|constrain|>json<|message|>{}<|call|>", ""),
        (HARMONY.replace("<|end|>", "<|end|>\n") + "Hello<|end|><|start|>user<|message|>And?", "Hello"),
        (HARMONY + "Write `<|channel|>analysis<|message|>` first.", "Write `<|channel|>analysis<|message|>` first."),
        ("The <|channel|> mark names one.", "The <|channel|> mark names one."),
        ("analysisThe customer asks.assistantfinalHello", "Hello"),
        ("analysis of your order", "analysis of your order"),
    ],
)
def test_of_harmonys_channels_only_the_final_one_is_the_reply(text: str, expected: str) -> None:
    assert left(text) == expected
    assert seen(*text)[1] == expected


@pytest.mark.parametrize("mark", ENDS)
def test_nothing_is_shown_from_the_end_of_the_turn_on(mark: str) -> None:
    assert left(f"Hello{mark}") == "Hello"
    assert left(f"Hello {mark}\n") == "Hello "
    assert left(f"Hello.{mark}\n<|im_start|>user\nAnd then?") == "Hello."
    assert left(f"It ends with {mark} always.") == f"It ends with {mark} always."


@pytest.mark.parametrize(
    "start",
    [
        "<|im_start|>assistant\n",
        "<|start_header_id|>assistant<|end_header_id|>\n\n",
        "<start_of_turn>model\n",
        "<|im_start|>assistant<|im_sep|>",
        "<|assistant|>\n",
        "<｜Assistant｜>",
        "<|begin_of_text|>",
    ],
)
def test_the_start_of_the_assistants_turn_is_dropped(start: str) -> None:
    assert left(f"{start}Hello") == "Hello"
    assert left(f"{start}<think>hm</think>Hello") == "Hello"


@pytest.mark.parametrize(
    "text",
    [
        "Use `<think>` and `</think>`.",
        "`</think>` ends it, ``a ` </think> b`` too",
        "```\n<think>hm</think>\n```\nThat is how.",
        "```xml\nHm.\n</think>\nHello<|im_end|>\n```",
        "1. First:\n   ```\n   </think>\n   ```",
        "> ~~~\n> </think>\n> ~~~",
        "````\n```\n</think>\n````",
        "```<think>``` opens it",
        "Like this:\n\n    <think>hm</think>\n",
        "Use <code></think></code> there.",
        "The tag <think> begins the thinking.",
        "The tags <think> and </think> stand around it.",
        "It writes <think>...</think> around it.",
        'It writes "<think>", then "</think>".',
        "It ends with </think>, then (</think>) the reply.",
        "Setze <think> Marken davor.",
        "Die Marke „<think>“ steht davor, ‚</think>‘ danach.",
        "Le mot « <think> » ouvre.",
        "**<think>** opens, _</think>_ closes",
        "| <think> | opens |\n| </think> | closes |",
        "- <think>: opens\n- </think>: closes",
        "1. <think> opens it\n2. </think> closes it",
        "Now <s>10</s> 8 euros, or <s>9</s> 7.",
        "1 < 2 and a[1] <b>bold</b> `unclosed",
        "It ends in <thi",
    ],
)
def test_an_answer_that_explains_the_marks_stays_whole(text: str) -> None:
    assert seen(text) == ([], text)
    assert seen(*text) == ([], text)
    assert left("<think>Explain it.</think>" + text) == text


def test_text_is_shown_at_once_where_nothing_has_to_be_known_first() -> None:
    visible = VisibleText()

    assert [visible.feed(piece).text for piece in ("Hello ", "`code`, ", "[1] <b>1</b>\n", "- x")] == [
        "Hello ",
        "`code`, ",
        "[1] <b>1</b>\n",
        "- x",
    ]


def test_no_mark_begins_with_another() -> None:
    assert not [(a, b) for a in MARKS for b in MARKS if a != b and b.startswith(a)]
    assert all(mark == mark.lower() for mark in MARKS)


FRAGMENTS = st.sampled_from(
    [*MARKS, "analysis", "assistantfinal", "<s>", "assistant", "final", "Hello", "Hi. ", " ", "\n", "x", "...", "1. "]
    + ["`", "``", "```", "````", "~~~", "<", "[", "</", "<|", "W", ",", '"', "    ", "ß", "😀", "é", "İ"]
)


@settings(max_examples=600, deadline=None)
@given(st.lists(FRAGMENTS, max_size=14), st.data())
@example(["```", "x", "\n", "</think>"], None)
def test_where_the_pieces_are_cut_changes_nothing(fragments: list[str], data: st.DataObject | None) -> None:
    text = "".join(fragments)
    cuts = data.draw(st.lists(st.integers(0, len(text)), max_size=6)) if data else range(len(text))
    places = sorted({0, len(text), *cuts})
    pieces = [text[start:end] for start, end in itertools.pairwise(places)]

    whole, cut, singly = VisibleText(), VisibleText(), VisibleText()

    assert outcome(cut, pieces) == outcome(whole, [text]) == outcome(singly, list(text))


def outcome(visible: VisibleText, pieces: list[str]) -> tuple[str, bool]:
    text = ""
    for shown in [*map(visible.feed, pieces), visible.end()]:
        text = shown.text if shown.withdraws else text + shown.text
    return text, visible.began_unmarked


@given(st.text(st.characters(exclude_characters="<[`~◁")))
def test_other_text_is_left_as_it_is(text: str) -> None:
    if not text.startswith("analysis"):
        assert seen(*text) == ([], text)
