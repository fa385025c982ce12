"""Makes the tables and an account with one long conversation; prints the account's token as JSON."""

import asyncio
import json
import os

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.rules import digest_of
from benchmarks.workload import ALLOWED_DOMAINS, LONG_CONVERSATION, MODEL, long_conversation

from .database import engine, sessions
from .models import Account, Base, Conversation, Message, Token


async def main() -> None:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    token = f"bench_{os.urandom(20).hex()}"
    async with sessions.begin() as session:
        account = await session.scalar(select(Account)) or await make_account(session)
        session.add(Token(account_id=account.id, digest=digest_of(token)))
    await engine.dispose()
    print(json.dumps({"token": token}))


async def make_account(session: AsyncSession) -> Account:
    """The account, with the long conversation that is polled."""
    account = Account(name="bench", model=MODEL, allowed_domains=ALLOWED_DOMAINS)
    session.add(account)
    await session.flush()
    conversation = Conversation(account_id=account.id, external_id=LONG_CONVERSATION)
    session.add(conversation)
    await session.flush()
    for actor, body in long_conversation():
        session.add(Message(conversation_id=conversation.id, actor=actor, body=body))
    return account


if __name__ == "__main__":
    asyncio.run(main())
