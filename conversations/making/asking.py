"""What a responder is asked."""

from collections.abc import AsyncIterator

from conversations.store import Context
from integrations.responders import responder_for
from integrations.responders.base import ArticleHit, Delta, Done, ReplyRequest, Reset, ResponderSettings
from workspaces import secrets


def ask(context: Context, articles: list[ArticleHit]) -> AsyncIterator[Delta | Reset | Done]:
    """The reply of the account's responder, piece by piece. Raises ResponderError."""
    return responder_for(context.kind).stream(_request(context, articles))


def _request(context: Context, articles: list[ArticleHit]) -> ReplyRequest:
    stored = ResponderSettings(
        kind=context.kind,
        instructions=context.instructions,
        base_url=context.base_url,
        model=context.model,
        api_key=secrets.decrypt(context.api_key) if context.api_key else "",
        temperature=context.temperature,
        max_tokens=context.max_tokens,
    )
    return ReplyRequest(
        settings=stored,
        turns=context.turns,
        articles=articles,
        conversation_id=context.external_id,
        workspace_id=str(context.workspace_id),
        instruction=context.instruction,
        previous_draft=context.previous_draft or "",
    )
