"""What strangers and models wrote, as it may stand in our pages: it changes nothing around it, and hides nothing."""

import re
from urllib.parse import urlsplit

from django.utils.safestring import SafeString

from integrations import markdown

OVERRIDES = {"\u202d": "⟨LRO⟩", "\u202e": "⟨RLO⟩"}
_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_SAFE_LINK = {"http", "https"}


def plain(text: str) -> str:
    """Without the characters that turn text around. Those that make it read as what it is not are shown."""
    return _CONTROLS.sub(lambda found: OVERRIDES.get(found[0], ""), text)


def formatted(text: str) -> SafeString:
    """The HTML of Markdown by a model or an agent."""
    return markdown.render(plain(text))


def safe_link(address: object) -> str:
    """The address, if a browser may be led there; else empty."""
    if not isinstance(address, str):
        return ""
    address = address.strip()
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return address if parts.scheme.lower() in _SAFE_LINK and parts.hostname else ""
