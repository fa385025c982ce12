"""Why an account lets an origin in or not, in words for the person who set up its allowed domains."""

from collections.abc import Sequence
from typing import NamedTuple

from integrations import origins
from integrations.domains import LOOPBACK_HOSTS, InvalidDomain, parse_entry
from integrations.origins import Origin


class Verdict(NamedTuple):
    """``origin`` is what was tested, or None when the text names none; ``entry`` is what would allow it."""

    is_allowed: bool
    why: str
    origin: Origin | None = None
    entry: str | None = None


def verdict(written: str, entries: Sequence[str]) -> Verdict:
    """Tests an origin as a person writes it: a whole address of a page will do, and https:// may be left out."""
    origin = _read(written)
    if origin is None:
        return Verdict(False, "This is not a web origin. Write it as a browser does: https://shop.example.com.")
    if not entries:
        return Verdict(True, "The list is empty, so every site may call.", origin)
    fitting = next((entry for entry in entries if origins.matches(origin, [entry])), None)
    if fitting is not None:
        return Verdict(True, f"The entry {fitting} lets it in.", origin)
    reasons = (reason for entry in entries if (reason := _near_miss(origin, entry)))
    return Verdict(False, next(reasons, "No entry names this host."), origin, origin.entry)


def _read(written: str) -> Origin | None:
    text = written.strip()
    if "://" not in text:
        scheme = "http" if text.partition(":")[0] in LOOPBACK_HOSTS else "https"
        text = f"{scheme}://{text}"
    origin = "/".join(text.split("/", maxsplit=3)[:3])
    try:
        return origins.parse_origin(str(parse_entry(origin)))
    except InvalidDomain:
        return None


def _near_miss(origin: Origin, text: str) -> str:
    """What keeps an entry from fitting that names the same host; empty when it names another one."""
    try:
        entry = parse_entry(text)
    except InvalidDomain:
        return ""
    if entry.host == f"*.{origin.host}":
        return f"The entry {text} lets in the names below {origin.host}, but not {origin.host} itself."
    same_host = entry.host == origin.host
    below = entry.host.startswith("*.") and origin.host.endswith(entry.host[1:])
    if not same_host and not below:
        return ""
    schemes = {scheme for scheme, _, _ in entry.patterns()}
    if origin.scheme not in schemes:
        return f"The entry {text} means {schemes.pop()}, and this origin is {origin.scheme}."
    return f"The entry {text} is for another port than {origin.port}."
