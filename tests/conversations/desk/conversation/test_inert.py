"""Texts of strangers and models on our pages."""

import pytest

from conversations.desk.inert import formatted, plain, safe_link


@pytest.mark.parametrize("control", ["\u202a", "\u202b", "\u202c", "\u2066", "\u2067", "\u2068", "\u2069"])
def test_characters_that_turn_text_around_are_left_out(control):
    assert plain(f"one{control}two") == "onetwo"


@pytest.mark.parametrize(("control", "shown"), [("\u202d", "⟨LRO⟩"), ("\u202e", "⟨RLO⟩")])
def test_characters_that_make_text_read_as_what_it_is_not_are_shown(control, shown):
    assert plain(f"invoice{control}fdp.exe") == f"invoice{shown}fdp.exe"
    assert shown in formatted(f"invoice{control}fdp.exe")


def test_languages_written_from_the_right_are_left_alone():
    text = "\u200fשלום\u200e 42"

    assert plain(text) == text


@pytest.mark.parametrize("link", ["https://help.example/a?b=c", "HTTP://help.example", " https://help.example/ "])
def test_links_to_pages_are_safe(link):
    assert safe_link(link) == link.strip()


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "JavaScript://help.example/%0aalert(1)",
        " java\tscript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "//elsewhere.example",
        "/w/home/",
        "https:",
        "https://[",
        "mailto:a@b.example",
        "",
        None,
        7,
        {"href": "https://help.example"},
    ],
)
def test_nothing_else_is(link):
    assert safe_link(link) == ""
