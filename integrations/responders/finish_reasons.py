"""Why a provider stopped writing: the reply is whole, or came to nothing, for each reason by whatever provider.

A reason that nobody knows leaves the text as it stands: providers name their stops as they like (``eos``,
``stop_sequence``, a stop string), and a reply that is whole must not fail for a new name. Failures speak for
themselves, so it is by their words that they are known, in whatever case and spelling: ``content_filter``,
``contentFiltered``, ``CONTENT-FILTER``. Length limits cut the reply, but what there is may be sent, and the customer
may ask on.
"""

import re

from .base import ResponderBroken, ResponderError, ResponderRefused, ResponderUnavailable
from .text import clean

NONE = {"", "null", "none"}

REFUSED = (
    "filter",  # content_filter, content_filtered
    "safety",  # Gemini; image_safety, content_safety
    "recitation",  # Gemini: it would have repeated its training material
    "blocklist",
    "blocked",
    "prohibited",  # prohibited_content
    "spii",  # Gemini: sensitive personal information
    "sensitive",  # Zhipu
    "refus",  # Anthropic: refusal
    "guardrail",  # Bedrock: guardrail_intervened
    "moderat",
    "toxic",  # Cohere: error_toxic
    "jailbreak",
    "harmful",
    "policy",
    "violation",
)
BROKEN = (
    "tool",  # tool_calls, tool_use, unexpected_tool_call: Lumika offers no tools
    "function",  # function_call, malformed_function_call
    "pauseturn",  # Anthropic
)
UNAVAILABLE = (
    "error",  # OpenRouter, Mistral; network_error (Zhipu), server_error
    "insufficient",  # DeepSeek: insufficient_system_resource
    "abort",  # vLLM, SGLang
    "cancel",
    "fail",
    "timeout",
    "timedout",
    "deadline",
    "unavailable",
    "overload",
    "interrupt",
    "preempt",
    "disconnect",
    "crash",
    "outofmemory",
    "ratelimit",
    "quota",
)

FAILURES: tuple[tuple[tuple[str, ...], type[ResponderError], str], ...] = (
    (REFUSED, ResponderRefused, "The provider refused to write the reply ({reason}). A person has to answer."),
    (
        BROKEN,
        ResponderBroken,
        "The model waits for a tool ({reason}), and Lumika has none. Take one that answers in words.",
    ),
    (UNAVAILABLE, ResponderUnavailable, "The provider broke the reply off ({reason}). Try again later."),
)
"""In this order: an error of a filter is a refusal."""

_NO_LETTER = re.compile(r"[^a-z]+")


def is_given(reason: object) -> bool:
    """Whether the provider gives a reason at all: null, nothing and other things than words are none."""
    return isinstance(reason, str) and reason.strip().lower() not in NONE


def failure(reason: str) -> ResponderError | None:
    """What the reason says went wrong; None where the text stands."""
    letters = _NO_LETTER.sub("", reason.lower())
    for words, kind, message in FAILURES:
        if any(word in letters for word in words):
            return kind(message.format(reason=_quoted(reason)))
    return None


def _quoted(reason: str) -> str:
    return " ".join(clean(reason).split())[:40]
