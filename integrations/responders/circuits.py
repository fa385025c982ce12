"""The circuit breakers of an event loop: one for each provider address and key, whichever responder asks there."""

import asyncio
import hashlib
import logging
import math
import secrets
from collections import OrderedDict
from weakref import WeakKeyDictionary

import yarl

from .base import ResponderError, ResponderRateLimited, ResponderSettings, ResponderTimeout, ResponderUnavailable
from .circuit import Circuit, Pass

logger = logging.getLogger("lumika.responders")

MOST_CIRCUITS = 1_000
"""Then the one that was asked for longest ago is forgotten."""
DOWN = (ResponderUnavailable, ResponderTimeout, ResponderRateLimited)

Name = tuple[str, str, bytes]

_salt = secrets.token_bytes(16)
_circuits: WeakKeyDictionary[asyncio.AbstractEventLoop, OrderedDict[Name, Circuit]] = WeakKeyDictionary()


class Attempt:
    """The right to ask a provider now. Tell it what came of that, and close it in any case."""

    def __init__(self, settings: ResponderSettings, circuit: Circuit, given: Pass) -> None:
        self.is_probe = given.is_probe
        self._settings = settings
        self._circuit = circuit
        self._given = given

    def answered(self) -> None:
        self._circuit.answered(self._given)

    def failed(self, error: ResponderError) -> None:
        """Only a provider that is down counts: to refuse, or to answer what nobody understands, is to answer."""
        if not isinstance(error, DOWN):
            self.answered()
            return
        now = asyncio.get_running_loop().time()
        if self._circuit.failed(self._given, now, why=error.message, retry_after=error.retry_after):
            host = yarl.URL(self._settings.base_url).host
            left = self._circuit.seconds_left(now)
            logger.warning("%s at %s is left alone for %.0f s: %s", self._settings.kind, host, left, error.code)

    def close(self) -> None:
        self._circuit.gave_up(self._given)


def attempt(settings: ResponderSettings) -> Attempt:
    """Raises ``ResponderUnavailable`` at once while the provider is left alone."""
    loop = asyncio.get_running_loop()
    circuit = _circuit(loop, settings)
    given = circuit.admit(loop.time())
    if given is None:
        raise _left_alone(circuit, loop.time())
    return Attempt(settings, circuit, given)


def _circuit(loop: asyncio.AbstractEventLoop, settings: ResponderSettings) -> Circuit:
    circuits = _circuits.get(loop)
    if circuits is None:
        circuits = _circuits[loop] = OrderedDict()
    name = _name(settings)
    circuit = circuits.get(name)
    if circuit is None:
        circuit = circuits[name] = Circuit()
        if len(circuits) > MOST_CIRCUITS:
            circuits.popitem(last=False)
    else:
        circuits.move_to_end(name)
    return circuit


def _name(settings: ResponderSettings) -> Name:
    key = hashlib.blake2b(settings.api_key.strip().encode(errors="replace"), key=_salt, digest_size=16).digest()
    return settings.kind, settings.base_url.strip().rstrip("/"), key


def _left_alone(circuit: Circuit, now: float) -> ResponderUnavailable:
    left = circuit.seconds_left(now)
    error = ResponderUnavailable(
        f"The provider failed several times in a row and is left alone. Send the message again in "
        f"{max(1, math.ceil(left))} s. The last failure: {circuit.last_failure}"
    )
    error.retry_after = left
    return error
