"""Which responders begin their replies with thinking that no mark announces: their starts are held back.

Such a template writes ``<think>`` itself, so the first sign of the thinking is its end. The customer of the first
reply sees it withdrawn; from then on nothing is shown before the thinking is over. Each process finds out for itself,
and for another address, model or key anew: it is the model that thinks, not the responder's name.
"""

import hashlib
import secrets
from collections import OrderedDict

from .base import ResponderSettings

MOST_KNOWN = 10_000
"""Then the one that was found out longest ago is forgotten."""

Name = tuple[str, str, str, bytes]

_salt = secrets.token_bytes(16)
_known: OrderedDict[Name, None] = OrderedDict()


def begins_unmarked(settings: ResponderSettings) -> bool:
    return bool(_known) and _name(settings) in _known


def note(settings: ResponderSettings) -> None:
    _known[_name(settings)] = None
    if len(_known) > MOST_KNOWN:
        _known.popitem(last=False)


def _name(settings: ResponderSettings) -> Name:
    """The key's hash parts the customers of one provider, and is no key: it is salted anew with each process."""
    key = hashlib.blake2b(settings.api_key.strip().encode(), key=_salt).digest()
    return settings.kind, settings.base_url, settings.model, key
