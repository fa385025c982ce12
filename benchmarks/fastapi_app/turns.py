"""One turn in the database: its start, and its end."""

from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from benchmarks.rules import CONTEXT_MESSAGES, ApiError

from .database import sessions
from .models import Account, Conversation, Message, Reply


@dataclass
class Turn:
    """A committed customer message and what is known of its reply."""

    conversation: Conversation
    customer_message: Message
    reply: Reply
    context: list[dict[str, str]]

    @property
    def ids(self) -> dict[str, str]:
        return {
            "conversation_id": self.conversation.external_id,
            "user_message_id": str(self.customer_message.id),
            "reply_id": str(self.reply.id),
        }


async def accept(session: AsyncSession, account: Account, external_id: str, text: str, key: str | None) -> Turn:
    """Stores a customer's message and opens its reply; a key used before finds the turn of then."""
    conversation = await _conversation(session, account, external_id)
    message = await _message_of_key(session, conversation, key) if key else None
    if message is not None:
        if message.body != text:
            raise ApiError(422, "key_reused", "This clientMessageId belongs to another text.")
        return Turn(conversation, message, await _finished_reply(session, message), [])
    message = Message(conversation_id=conversation.id, actor="customer", body=text, client_message_id=key)
    session.add(message)
    await session.flush()
    reply = Reply(customer_message_id=message.id, message=None)
    session.add(reply)
    await session.flush()
    context = await _context(session, conversation)
    await session.commit()
    return Turn(conversation, message, reply, context)


async def finish(turn: Turn, text: str) -> Message:
    """Stores the assistant's message and closes the reply."""
    async with sessions.begin() as session:
        message = Message(
            conversation_id=turn.conversation.id, actor="assistant", body=text, data={"author": "responder"}
        )
        session.add(message)
        await session.flush()
        sent = {"status": "sent", "message_id": message.id, "finished_at": func.now()}
        await session.execute(update(Reply).where(Reply.id == turn.reply.id).values(sent))
    return message


async def fail(turn: Turn) -> None:
    """Closes a reply that could not be made."""
    async with sessions.begin() as session:
        failed = {"status": "failed", "finished_at": func.now()}
        await session.execute(update(Reply).where(Reply.id == turn.reply.id).values(failed))


async def _conversation(session: AsyncSession, account: Account, external_id: str) -> Conversation:
    of_caller = select(Conversation).filter_by(account_id=account.id, external_id=external_id)
    if (found := await session.scalar(of_caller)) is not None:
        return found
    values = {"account_id": account.id, "external_id": external_id}
    await session.execute(insert(Conversation).values(values).on_conflict_do_nothing())
    return (await session.scalars(of_caller)).one()


async def _message_of_key(session: AsyncSession, conversation: Conversation, key: str) -> Message | None:
    return await session.scalar(select(Message).filter_by(conversation_id=conversation.id, client_message_id=key))


async def _finished_reply(session: AsyncSession, message: Message) -> Reply:
    with_message = select(Reply).options(joinedload(Reply.message))
    reply = (await session.scalars(with_message.where(Reply.customer_message_id == message.id))).one()
    if reply.message is None:
        raise ApiError(409, "reply_unfinished", "The reply to this message is not finished.")
    return reply


async def _context(session: AsyncSession, conversation: Conversation) -> list[dict[str, str]]:
    of_conversation = select(Message.actor, Message.body).where(Message.conversation_id == conversation.id)
    newest = (await session.execute(of_conversation.order_by(Message.id.desc()).limit(CONTEXT_MESSAGES))).all()
    return [
        {"role": "user" if actor == "customer" else "assistant", "content": body} for actor, body in reversed(newest)
    ]
