"""Why a reply was not made."""

from msgspec import Struct

_OF_RESPONDERS = "responder_"


class Failure(Struct, frozen=True):
    """``code`` is for programs, and ``message`` for the team, since it may quote a provider. When ``retryable``, the
    same message may well be answered a moment later."""

    code: str
    message: str
    retryable: bool

    @property
    def blames_the_responder(self) -> bool:
        return self.code.startswith(_OF_RESPONDERS)


STOPPED = Failure("canceled", "", retryable=True)
"""Somebody asked for the end of the reply: what there is of it is sent, unless it is held."""
