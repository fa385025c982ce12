"""Where agents write: a reply that the customer gets, or a note that no customer ever sees."""

from dataclasses import dataclass, field
from typing import Self
from uuid import UUID

from django.http import QueryDict

from conversations.desk import given
from workspaces.tenancy import new_id


@dataclass(frozen=True)
class Composer:
    """``key`` names one sending of the form: however often the form arrives, it is sent once."""

    reply: str = ""
    note: str = ""
    writes_note: bool = False
    reply_key: UUID = field(default_factory=new_id)
    note_key: UUID = field(default_factory=new_id)
    again: bool = False
    """The agent has been told that they said this just now: sending it again is meant."""
    sent: str = ""
    """``reply`` or ``note``, after one was sent: what the browser kept of it can go."""


@dataclass(frozen=True)
class Typed:
    """A form as it was sent."""

    text: str
    key: UUID
    again: bool

    @classmethod
    def of(cls, form: QueryDict) -> Self:
        return cls(text_of(form), key_of(form), "again" in form)


def key_of(form: QueryDict) -> UUID:
    """The key of a sent form; a new one where it has none."""
    return given.uuid(form.get("key", "")) or new_id()


def text_of(form: QueryDict) -> str:
    return form.get("body", "")
