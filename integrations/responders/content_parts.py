"""The text of a model's content, which is a string, or a part, or parts of which some are thinking."""

TEXT_TYPES = ("text", "output_text", "")
DEEPEST = 4


def text_of(content: object, *, depth: int = 0) -> str:
    """Parts of another type than text (``thinking``, ``reference``, images, and what is still to come) have none."""
    if isinstance(content, str):
        return content
    if depth == DEEPEST:
        return ""
    if isinstance(content, list):
        return "".join([text_of(part, depth=depth + 1) for part in content])
    if isinstance(content, dict) and _is_text(content):
        inner = next((content[name] for name in ("text", "parts", "content", "value") if content.get(name)), None)
        return text_of(inner, depth=depth + 1)
    return ""


def _is_text(part: dict[str, object]) -> bool:
    """Gemini marks thinking by a field of its own, the others by the type."""
    kind = part.get("type") or ""
    return isinstance(kind, str) and kind.lower() in TEXT_TYPES and not part.get("thought")
