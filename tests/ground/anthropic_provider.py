"""Answers of Anthropic's Messages API for the scripted provider: its events, by name and type, over real HTTP."""

import json
from typing import Any

from tests.ground.provider import Answer


def message(*texts: str, stop: str | None = "end_turn", **how: Any) -> Answer:
    """A whole message in these pieces, with the pings and starts that come along."""
    return stream(*opening(), *(text_delta(text) for text in texts), *closing(stop), **how)


def stream(*events: dict[str, Any], **how: Any) -> Answer:
    return Answer.raw(b"".join(map(encoded, events)), **how)


def failure(status: int, kind: str, text: str = "scripted failure", **headers: str) -> Answer:
    body = json.dumps({"type": "error", "error": {"type": kind, "message": text}}).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status=status, content_type="application/json", body=body, headers=named)


def encoded(event: dict[str, Any]) -> bytes:
    return f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()


def opening() -> list[dict[str, Any]]:
    started = {"id": "msg_1", "type": "message", "role": "assistant", "content": [], "stop_reason": None}
    return [
        {"type": "message_start", "message": started},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "ping"},
    ]


def text_delta(text: str) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}


def error(kind: str, text: str = "scripted failure") -> dict[str, Any]:
    return {"type": "error", "error": {"type": kind, "message": text}}


def closing(stop: str | None) -> list[dict[str, Any]]:
    return [
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": stop, "stop_sequence": None}, "usage": {"output_tokens": 3}},
        {"type": "message_stop"},
    ]
