"""The public shapes of PROTOCOL sections 4 and 5."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, field_validator
from pydantic.alias_generators import to_camel


class Schema(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, from_attributes=True)


class MessageOut(Schema):
    id: str
    actor: str
    type: Literal["message"] = "message"
    body: str
    data: dict[str, Any] | None
    created_at: datetime

    @field_validator("id", mode="before")
    @classmethod
    def key_as_text(cls, value: object) -> str:
        return str(value)


class HistoryOut(Schema):
    conversation_id: str
    messages: list[MessageOut]
    last_message_id: str | None
    has_more: bool


class Partial(Schema):
    type: Literal["partial"] = "partial"
    delta: str


class TurnEvent(Schema):
    conversation_id: str
    user_message_id: str
    reply_id: str


class Accepted(TurnEvent):
    type: Literal["accepted"] = "accepted"
    created_at: datetime


class Final(TurnEvent):
    type: Literal["final"] = "final"
    message: MessageOut


class Failed(TurnEvent):
    type: Literal["error"] = "error"
    code: str = "responder_failed"
    message: str = "The reply failed."
    retryable: bool = True
