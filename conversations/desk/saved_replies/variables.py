"""The variables of saved replies: ``{{ agent_name }}`` and its like, and nothing else of any template language."""

import re
from collections.abc import Mapping

KNOWN = {
    "conversation_id": "The conversation's ID, such as customer-42",
    "agent_name": "The name of the agent who inserts it",
    "workspace_name": "The workspace's name",
    "account_name": "The name of the integration account that the customer writes to",
}

_VARIABLE = re.compile(r"\{\{([^{}\n]*)\}\}")
_OPENING = re.compile(r"\{\{(?:([^{}\n]*)\}\})?")


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with the values in place of their variables. What a value holds is never read as a variable."""
    return _VARIABLE.sub(lambda found: values.get(found[1].strip(), found[0]), text)


def mistakes(text: str) -> list[str]:
    """In words for people: what looks like a variable and is none. Each is named once."""
    told = [_mistake(found) for found in _OPENING.finditer(text)]
    return list(dict.fromkeys(mistake for mistake in told if mistake))


def split(text: str) -> list[tuple[str, bool]]:
    """The text in pieces; True marks a variable."""
    pieces, end = [], 0
    for found in _VARIABLE.finditer(text):
        pieces += [(text[end : found.start()], False), (found[0], True)]
        end = found.end()
    return [piece for piece in [*pieces, (text[end:], False)] if piece[0]]


def _mistake(found: re.Match[str]) -> str:
    if found[1] is None:
        return "A variable ends with “}}” on the same line: one “{{” is never closed."
    if found[1].strip() in KNOWN:
        return ""
    known = ", ".join(f"{{{{ {name} }}}}" for name in KNOWN)
    return f"“{found[0]}” is not a variable. There are: {known}."
