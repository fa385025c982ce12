"""The text of a model's content, which is a string, or a part, or a list of parts of which some are thinking."""

TEXT_TYPES = ("text", "output_text", "", None)


def text_of(content: object) -> str:
    """Parts of another type than text (``thinking``, ``reference``, images, and what is still to come) have none."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(text_of(part) for part in content)
    if isinstance(content, dict) and content.get("type") in TEXT_TYPES:
        return _string(content.get("text")) or _string(content.get("content"))
    return ""


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""
