"""Who may call: the token, the origin, and the right to a conversation (docs/api.md, sections 1 to 3)."""

import asyncio
import logging

from django.conf import settings
from django.http import HttpRequest

from conversations import store
from conversations.api.errors import ApiError, invalid
from conversations.making.request_log import Call
from conversations.making.runner import runner
from conversations.making.sending import Send
from conversations.store import Account
from integrations import origins, signatures, tokens
from workspaces import secrets

logger = logging.getLogger("lumika.gate")

SECRET_KEY_LENGTH = 22

_counting: set[asyncio.Task[None]] = set()


def token_digest(request: HttpRequest) -> bytes:
    """What the request's token is looked up by. Raises ApiError before any database work."""
    query_tokens = request.GET.getlist("integrationToken")
    try:
        token = tokens.extract(request.META.get("HTTP_AUTHORIZATION"), query_tokens)
    except tokens.AmbiguousToken as error:
        raise ApiError(400, error.code, str(error), param="integrationToken") from None
    except tokens.InvalidToken as error:
        raise _unauthorized(error.code, str(error)) from None
    return tokens.digest(token)


def caller(request: HttpRequest) -> origins.Caller:
    meta = request.META
    return origins.caller(
        origin=meta.get("HTTP_ORIGIN"),
        referer=meta.get("HTTP_REFERER"),
        sec_fetch_site=meta.get("HTTP_SEC_FETCH_SITE"),
        own_origin=settings.PUBLIC_URL,
    )


def admit(account: Account | None, call: Call) -> Account:
    """The account, if its token works and lets this caller in. Raises ApiError: 401 or 403."""
    call.account = account
    if account is None or not account.token_works:
        raise _unauthorized(
            "invalid_token", "This integration token is unknown, expired or revoked. Use a current one."
        )
    if account.status != "active":
        message = "This integration was retired. Create a new one and use its token."
        raise _unauthorized("integration_retired", message)
    if not origins.admits(call.who, account.allowed_domains, kind=account.kind):
        raise _refused(account, call.who)
    return account


async def check_conversation(account: Account, conversation_id: str | None, signature: str | None) -> None:
    """Whether the caller may speak in this conversation. Raises ApiError 403 ``invalid_signature``.

    A conversation without an id yet is the server's to name, and needs no signature unless the account demands one.
    """
    if signature is not None:
        secret = secrets.decrypt(account.identity_secret)
        if conversation_id is None or not signatures.verify(secret, conversation_id, signature):
            raise _unsigned("conversationSignature does not fit this conversationId and the identity secret.")
        return
    if account.require_signature:
        raise _unsigned("This integration takes only signed conversation ids. Send conversationSignature.")
    if account.kind == "widget" and conversation_id is not None:
        is_issued = signatures.is_issued_form(conversation_id) and await store.is_issued(account.id, conversation_id)
        if not is_issued:
            raise _unsigned("A Website Widget takes conversation ids that the server issued, or signed ones.")


def check_key(account: Account, send: Send) -> None:
    """At a Website Widget a key alone leads to its conversation, so it has to be as hard to guess as an issued id."""
    if account.kind != "widget" or send.conversation_id is not None or send.key is None:
        return
    if len(send.key) < SECRET_KEY_LENGTH:
        message = (
            f"At a Website Widget, a clientMessageId without a conversationId has at least {SECRET_KEY_LENGTH} "
            "characters, since it leads to the conversation. Make a random one for each message; a UUID is fine."
        )
        raise invalid("clientMessageId", message)


def note_unsigned_id(call: Call, conversation_id: str | None, signature: str | None) -> None:
    """Remembers that a page named a conversation by an id that nobody vouched for: whoever opens that page has the
    token, and reads other customers by theirs. The account's pages say so."""
    if signature is not None or conversation_id is None or not call.who.is_browser:
        return
    if call.account is not None and not signatures.is_issued_form(conversation_id):
        runner().bookkeeping.note_unsigned_id(call.account.id, str(call.who.origin or ""))


def _unauthorized(code: str, message: str) -> ApiError:
    return ApiError(401, code, message, param="integrationToken", headers={"WWW-Authenticate": "Bearer"})


def _unsigned(message: str) -> ApiError:
    return ApiError(403, "invalid_signature", message, param="conversationSignature")


def _refused(account: Account, who: origins.Caller) -> ApiError:
    if not who.is_browser:
        message = "This Website Widget answers only on its allowed domains; the request names no origin."
        return ApiError(403, "origin_not_allowed", message)
    if who.origin is None:
        message = "The request's origin is opaque or unreadable, and this integration lists allowed domains."
        return ApiError(403, "origin_not_allowed", message)
    task = asyncio.ensure_future(_count(account, str(who.origin)))
    _counting.add(task)
    task.add_done_callback(_counting.discard)
    message = (
        f"Requests from {who.origin} are not allowed for this integration. "
        f"Add {who.origin.entry} under Allowed domains."
    )
    return ApiError(403, "origin_not_allowed", message)


async def _count(account: Account, origin: str) -> None:
    try:
        await store.count_refused(account, origin[:300])
    except Exception:
        logger.warning("a refused origin could not be counted", exc_info=True)
