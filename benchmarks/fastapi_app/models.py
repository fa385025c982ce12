"""Accounts, tokens, conversations, messages, replies."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, String, Text, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    type_annotation_map = {int: BigInteger, datetime: DateTime(timezone=True), dict[str, Any]: JSONB}


class Account(Base):
    """Whose conversations these are, and from which web pages they may be held."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    allowed_domains: Mapped[list[str]] = mapped_column(JSONB, default=list)
    model: Mapped[str] = mapped_column(String(100))


class Token(Base):
    """What a caller shows; only its digest is kept."""

    __tablename__ = "token"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime | None]


class Conversation(Base):
    """One customer's thread, under the key that the caller chose."""

    __tablename__ = "conversation"
    __table_args__ = (UniqueConstraint("account_id", "external_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    external_id: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Message(Base):
    """What a customer or the assistant said."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("conversation_id", "client_message_id"),
        Index("message_feed", "conversation_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    actor: Mapped[str] = mapped_column(String(10))
    body: Mapped[str] = mapped_column(Text)
    data: Mapped[dict[str, Any] | None]
    client_message_id: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Reply(Base):
    """The answer to one customer message, from its start to the message that it became."""

    __tablename__ = "reply"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), unique=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"), unique=True)
    status: Mapped[str] = mapped_column(String(10), default="generating")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[datetime | None]

    message: Mapped[Message | None] = relationship(foreign_keys=message_id)
