"""The variables of saved replies, as tables."""

import re
from pathlib import Path

import pytest

from conversations.desk.saved_replies.variables import KNOWN, fill, mistakes, split

VALUES = {"conversation_id": "customer-42", "agent_name": "Mina", "workspace_name": "Home", "account_name": "Shop"}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("", ""),
        ("No variable at all.", "No variable at all."),
        ("Hello {{ conversation_id }}", "Hello customer-42"),
        ("{{conversation_id}}{{  agent_name\t}}", "customer-42Mina"),
        ("{{ agent_name }} and {{ agent_name }}", "Mina and Mina"),
        ("{{ workspace_name }}\n{{ account_name }}\n", "Home\nShop\n"),
        ("{{ customer_name }} {{ agent_name }}", "{{ customer_name }} Mina"),
        ("{{ agent\nname }}", "{{ agent\nname }}"),
        ("{ agent_name } {% agent_name %} {{ agent_name }", "{ agent_name } {% agent_name %} {{ agent_name }"),
        ("{{ agent_name|upper }}", "{{ agent_name|upper }}"),
        (r"\1 \g<0> {{ agent_name }}", r"\1 \g<0> Mina"),
    ],
)
def test_variables_are_filled_and_nothing_else_is_touched(text, filled):
    assert fill(text, VALUES) == filled


@pytest.mark.parametrize("value", ["{{ workspace_name }}", r"\1", "<b>&", "{% load x %}", "$name"])
def test_what_a_value_holds_is_text(value):
    assert fill("a {{ agent_name }} b", {**VALUES, "agent_name": value}) == f"a {value} b"


@pytest.mark.parametrize(
    "text",
    ["", "Hello", *(f"{{{{ {name} }}}}" for name in KNOWN), "{{agent_name}}", '{"a": {"b": 1}}', "{ x }", "}} {%"],
)
def test_a_text_without_mistakes(text):
    assert mistakes(text) == []


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("{{ customer_name }}", ["“{{ customer_name }}” is not a variable."]),
        ("{{ Agent_Name }}", ["“{{ Agent_Name }}” is not a variable."]),
        ("{{}}", ["“{{}}” is not a variable."]),
        ("{{ agent_name|upper }}", ["“{{ agent_name|upper }}” is not a variable."]),
        ("{{ x }} {{ agent_name }} {{ y }} {{ x }}", ["“{{ x }}” is not", "“{{ y }}” is not"]),
        ("{{ agent_name }", ["one “{{” is never closed"]),
        ("{{ agent\nname }}", ["one “{{” is never closed"]),
        ("{{ {{ agent_name }}", ["one “{{” is never closed"]),
    ],
)
def test_mistakes_are_named(text, named):
    told = mistakes(text)

    assert len(told) == len(named)
    assert all(part in mistake for part, mistake in zip(named, told, strict=True))


def test_an_unknown_variable_is_answered_with_the_known_ones():
    assert all(f"{{{{ {name} }}}}" in mistakes("{{ x }}")[0] for name in KNOWN)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        ("Hello", [("Hello", False)]),
        ("{{ agent_name }}", [("{{ agent_name }}", True)]),
        ("Hello {{ x }}!", [("Hello ", False), ("{{ x }}", True), ("!", False)]),
    ],
)
def test_a_text_in_pieces(text, pieces):
    assert split(text) == pieces


def test_the_guide_for_agents_names_every_variable():
    guide = (Path(__file__).parents[4] / "docs" / "guides" / "desk.md").read_text()

    assert re.findall(r"^\| `\{\{ (\w+) \}\}` \|", guide, re.MULTILINE) == list(KNOWN)
