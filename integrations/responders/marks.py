"""The marks that models write around their thinking and their turns, where a server does not take them out."""

import functools
import re
from typing import Literal, NamedTuple

What = Literal["opens", "opens_at_start", "closes", "ends", "starts_turn", "harmony", "dropped"]


class Mark(NamedTuple):
    text: str
    what: What
    closed_by: str = ""


THINKING = {
    "<think>": "</think>",  # DeepSeek, Qwen, and most others
    "<thought>": "</thought>",  # Gemini, Gemma
    "<seed:think>": "</seed:think>",  # Seed-OSS
    "[think]": "[/think]",  # Magistral
    "◁think▷": "◁/think▷",  # Kimi
    "<|begin_of_thought|>": "<|end_of_thought|>",  # Sky-T1, OpenThinker
    "<|start_thinking|>": "<|end_thinking|>",  # Cohere
    "<|channel>thought": "<channel|>",  # Gemma 4
    "<unused94>": "<unused95>",  # MedGemma
}
"""Hidden wherever it stands. The closing mark alone says that all before it was thinking: templates may open it."""

THINKING_AT_START = {
    "<thinking>": "</thinking>",
    "<reasoning>": "</reasoning>",
    "<reflection>": "</reflection>",
    "<scratchpad>": "</scratchpad>",
    "<antthinking>": "</antthinking>",
}
"""Words that an answer may use for something else: hidden where nothing of the reply stands before them."""

ENDS = (
    "<|im_end|>",  # ChatML: Qwen, Yi
    "</s>",  # Llama 2, Mistral
    "<|eot_id|>",  # Llama 3
    "<|eom_id|>",
    "<|eot|>",  # Llama 4
    "<|end_of_text|>",
    "<|endoftext|>",
    "<|end_of_turn|>",
    "<|end_of_turn_token|>",  # Cohere
    "<end_of_turn>",  # Gemma
    "<turn|>",
    "<eos>",
    "<|end|>",  # Harmony, Phi
    "<|return|>",  # Harmony
    "<|call|>",
    "<|eos|>",
    "<｜end▁of▁sentence｜>",  # DeepSeek
    "<|end▁of▁sentence|>",
    "<|endofturn|>",
    "<|role_end|>",
)
"""The model's turn is over: what still comes is no part of the reply, such as a next turn that it makes up."""

STARTS_OF_TURNS = (
    "<|im_start|>",
    "<|start_header_id|>",
    "<start_of_turn>",
    "<|turn>",
    "<|assistant|>",
    "<|user|>",
    "<|system|>",
    "<|observation|>",
    "<｜assistant｜>",
    "<｜user｜>",
)
"""Before the reply the assistant's own turn begins; after some text, somebody else's."""

DROPPED = (
    "<|begin_of_text|>",
    "<｜begin▁of▁sentence｜>",
    "<bos>",
    "<|begin_of_solution|>",
    "<|end_of_solution|>",
    "<|start_response|>",
    "<|end_response|>",
    "<|message|>",
    "<|im_sep|>",
)
"""They stand around text that is the reply."""

CHANNEL, TURN = "<|channel|>", "<|start|>"
"""Harmony, of gpt-oss: ``<|start|>assistant<|channel|>final<|message|>``; what is in no other channel than ``final``
is the reply."""

MARKS = {
    mark.text: mark
    for mark in (
        *(Mark(opening, "opens", closing) for opening, closing in THINKING.items()),
        *(Mark(opening, "opens_at_start", closing) for opening, closing in THINKING_AT_START.items()),
        *(Mark(closing, "closes") for closing in THINKING.values()),
        *(Mark(text, "ends") for text in ENDS),
        *(Mark(text, "starts_turn") for text in STARTS_OF_TURNS),
        *(Mark(text, "dropped") for text in DROPPED),
        Mark(CHANNEL, "harmony"),
        Mark(TURN, "harmony"),
    )
}
"""By their text in lower case; none begins with another, so that the first one that fits is the one."""

LONGEST = max(map(len, MARKS))
_LENGTHS = sorted({len(text) for text in MARKS})
_BEGINNINGS = frozenset(text[:length] for text in MARKS for length in range(1, len(text)))


def opening_of(closing_mark: str) -> str | None:
    """The mark that begins what this one closes."""
    lower = closing_mark.lower()
    return next((begins for begins, ends in (THINKING | THINKING_AT_START).items() if ends == lower), None)


def mark_at(text: str, at: int) -> Mark | None:
    """The mark that stands here, in whatever case."""
    window = text[at : at + LONGEST].lower()
    if window[:2] not in _BEGINNINGS:
        return None
    return next((mark for length in _LENGTHS if (mark := MARKS.get(window[:length]))), None)


def may_become_mark(text: str, at: int) -> bool:
    """Whether the text ends here with the beginning of a mark."""
    return len(text) - at < LONGEST and text[at:].lower() in _BEGINNINGS


@functools.cache
def closing(mark: str) -> re.Pattern[str]:
    return re.compile(re.escape(mark), re.IGNORECASE)
