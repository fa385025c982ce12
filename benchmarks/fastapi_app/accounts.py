"""Who is calling: the account of the token, and the origin."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Header, Query, Response
from sqlalchemy import or_, select

from benchmarks.rules import ApiError, check_origin, digest_of

from .database import SessionOfRequest
from .models import Account, Token


async def account_of_request(
    session: SessionOfRequest,
    response: Response,
    integration_token: Annotated[str | None, Query(alias="integrationToken")] = None,
    authorization: Annotated[str, Header()] = "",
    origin: Annotated[str | None, Header()] = None,
) -> Account:
    """The account of the token in the query or in the header, if the origin is one of its allowed domains."""
    digest = digest_of(integration_token or authorization.removeprefix("Bearer "))
    alive = or_(Token.expires_at.is_(None), Token.expires_at > datetime.now(UTC))
    account = await session.scalar(select(Account).join(Token).where(Token.digest == digest, alive))
    if account is None:
        raise ApiError(401, "invalid_token", "This token is unknown or has expired.")
    check_origin(origin, account.allowed_domains)
    response.headers["Vary"] = "Origin"
    if origin:
        response.headers["Access-Control-Allow-Origin"] = origin
    return account


AccountOfRequest = Annotated[Account, Depends(account_of_request)]
