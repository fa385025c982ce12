"""What an agent changed in a draft, word by word."""

import random
import time

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from conversations.desk.conversation.word_diff import Change, Piece, word_diff

KEPT, REMOVED, ADDED = Change.KEPT, Change.REMOVED, Change.ADDED
LONGEST = 20_000
FEW_SECONDS = 5


def told(before, after):
    return [(piece.change, piece.text) for piece in word_diff(before, after)]


@pytest.mark.parametrize(
    ("before", "after", "pieces"),
    [
        ("Same words.", "Same words.", [(KEPT, "Same words.")]),
        ("", "All new", [(ADDED, "All new")]),
        (
            "It comes on Monday.",
            "It comes on Tuesday, at noon.",
            [(KEPT, "It comes on "), (REMOVED, "Monday"), (ADDED, "Tuesday, at noon"), (KEPT, ".")],
        ),
        ("one\ntwo", "one\n\ntwo", [(KEPT, "one\n"), (ADDED, "\n"), (KEPT, "two")]),
        ("你好世界", "你好地球", [(KEPT, "你好"), (REMOVED, "世界"), (ADDED, "地球")]),
        ("שלום לך", "שלום לכם", [(KEPT, "שלום "), (REMOVED, "לך"), (ADDED, "לכם")]),
    ],
)
def test_a_change_is_told_word_by_word(before, after, pieces):
    assert told(before, after) == pieces


@given(st.text(max_size=200), st.text(max_size=200))
def test_nothing_of_either_text_is_lost(before, after):
    pieces = word_diff(before, after)

    assert "".join(piece.text for piece in pieces if not piece.is_added) == before
    assert "".join(piece.text for piece in pieces if not piece.is_removed) == after
    assert all(piece.text for piece in pieces)


@pytest.mark.parametrize("words", [["a "], [f"w{number} " for number in range(100)], ["a\n"], ["ab"], ["你"]])
def test_the_longest_texts_take_no_long_time(words):
    chance = random.Random(1)
    before, after = ("".join(chance.choices(words, k=LONGEST // len(words[0]))) for _ in range(2))

    started = time.monotonic()
    pieces = word_diff(before, f"{after[:-200]}b c {after[-150:]}")

    assert time.monotonic() - started < FEW_SECONDS
    assert "".join(piece.text for piece in pieces if not piece.is_added) == before


def test_the_change_is_shown_as_text():
    html = render_to_string(
        "conversations/thread/_diff.html", {"before": "<b>old</b> words", "after": "<i>new</i> words"}
    )

    assert "<del>" in html
    assert "<ins>" in html
    for hostile in ("<b>", "<i>"):
        assert hostile not in html


def test_a_piece_says_what_it_is():
    assert Piece(ADDED, "x").is_added
    assert Piece(REMOVED, "x").is_removed
    assert not Piece(KEPT, "x").is_added
