"""The engine and the session of a request."""

import os
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

url = make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+asyncpg")
engine = create_async_engine(url, pool_size=20, max_overflow=0)
sessions = async_sessionmaker(engine, expire_on_commit=False)


async def session_of_request() -> AsyncIterator[AsyncSession]:
    async with sessions() as session:
        yield session


# `scope="function"`: the connection goes back to the pool when the endpoint returns, not when its stream ends.
SessionOfRequest = Annotated[AsyncSession, Depends(session_of_request, scope="function")]
