"""The responders by kind, each loaded when it is first asked for."""

import functools
import importlib

from .base import Responder

KINDS = {
    "knowledge": ("knowledge", "Knowledge"),
    "openai_compatible": ("openai_compatible", "OpenAICompatible"),
    "anthropic": ("anthropic", "Anthropic"),
    "webhook": ("webhook", "Webhook"),
}


@functools.cache
def responder_for(kind: str) -> Responder:
    """The responder of this kind, shared by all requests. ``LookupError`` for a kind that there is none of."""
    if kind not in KINDS:
        raise LookupError(f"No responder of the kind {kind!r}.")
    module, name = KINDS[kind]
    responder: Responder = getattr(importlib.import_module(f"{__name__}.{module}"), name)()
    return responder
