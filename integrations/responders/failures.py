"""What went wrong at a provider, in words for the people who look after the responder."""

import aiohttp
import msgspec

from .base import (
    ResponderBroken,
    ResponderError,
    ResponderRateLimited,
    ResponderRefused,
    ResponderTimeout,
    ResponderUnavailable,
)
from .text import clean

QUOTED_CHARACTERS = 200
KEY_FRAGMENT = 6


def from_transport(error: aiohttp.ClientError, host: str | None) -> ResponderError:
    """The connection failed, or broke off."""
    if isinstance(error, TimeoutError):
        return ResponderTimeout(f"{host} could not be reached in time. Check the base URL, the network and firewalls.")
    if isinstance(error, aiohttp.InvalidURL):
        return ResponderRefused(f"{host} is no name and no address. Enter a base URL like https://api.example.com/v1.")
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return ResponderUnavailable(f"The name {host} could not be resolved. Check the base URL for a typing error.")
    if isinstance(error, aiohttp.ClientSSLError):
        return ResponderUnavailable(f"No secure connection to {host}: its certificate or its TLS is not accepted.")
    if isinstance(error, aiohttp.ClientConnectorError):
        return ResponderUnavailable(f"{host} does not accept connections. Check the base URL and that the server runs.")
    if isinstance(error, aiohttp.ClientResponseError):
        return ResponderBroken(f"{host} does not answer as HTTP servers do. Check the base URL.")
    return ResponderBroken(f"{host} closed the connection before the reply was whole.")


def from_status(status: int, body: bytes, key: str) -> ResponderError:
    """The provider answered, but with something else than 200."""
    if status == 429:
        return ResponderRateLimited("The provider limits its rate (429). Wait, or raise the quota there.")
    if status >= 500:
        return ResponderUnavailable(f"The provider is overloaded or broken ({status}). Try again later.")
    if status in (401, 403):
        return ResponderRefused(f"The provider refuses the API key ({status}). Enter a valid key for this responder.")
    if 300 <= status < 400:
        return ResponderRefused(f"The provider redirects elsewhere ({status}). Enter the final address as base URL.")
    if status < 300:
        return ResponderBroken(f"The provider answered with status {status} instead of a stream.")
    advice = "Check the base URL (ends in /v1) and the model." if status == 404 else "Check the settings."
    return ResponderRefused(f"The provider refuses the request ({status}). {advice}{quote(body, key)}")


def from_backend_status(status: int, body: bytes, secret: str) -> ResponderError:
    """The team's own backend answered, but with something else than 200."""
    if status in (401, 403):
        return ResponderRefused(
            f"Your backend refuses the signature ({status}). Check that it verifies with this responder's secret."
        )
    if status == 429:
        return ResponderRateLimited("Your backend limits its rate (429). Wait, or let it take more requests.")
    if status >= 500:
        return ResponderUnavailable(f"Your backend is overloaded or broken ({status}). Look into its log.")
    if 300 <= status < 400:
        return ResponderRefused(f"Your backend redirects elsewhere ({status}). Enter the final address.")
    if status < 300:
        return ResponderBroken(f"Your backend answered with status {status}, where a reply has 200.")
    return ResponderRefused(f"Your backend refuses the request ({status}). Check the address.{quote(body, secret)}")


def quote(body: bytes, key: str) -> str:
    """What a JSON error of the provider says, as a further sentence; empty when it repeats a part of the key."""
    try:
        said = _message(msgspec.json.decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
    said = " ".join(clean(said).split())
    if not said or _repeats(said, key):
        return ""
    return f" It said: “{said[:QUOTED_CHARACTERS]}”"


def _message(answer: object) -> str:
    """Follows ``error`` and ``message`` (OpenAI, Anthropic), ``detail`` and a bare string (others)."""
    if isinstance(answer, str):
        return answer
    if not isinstance(answer, dict):
        return ""
    return next((_message(answer[name]) for name in ("error", "message", "detail") if answer.get(name)), "")


def _repeats(said: str, key: str) -> bool:
    if len(key) <= KEY_FRAGMENT:
        return bool(key) and key in said
    return any(key[start : start + KEY_FRAGMENT] in said for start in range(len(key) - KEY_FRAGMENT + 1))
