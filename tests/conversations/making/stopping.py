"""Stopping replies as a client does."""

from typing import Any
from urllib.parse import quote

from conversations.models import Reply
from tests.ground.raw_http import Answer, exchange


def cancel(server: str, token: str, *, reply: Reply | str, conversation: str = "customer-42") -> Answer:
    reply_id = reply if isinstance(reply, str) else str(reply.pk)
    query = f"integrationToken={token}&conversationId={quote(conversation)}&replyId={reply_id}"
    return exchange(server, f"/conversation/cancel?{query}", method="POST", headers=[("Content-Length", "0")])


def canceled(server: str, token: str, **which: Any) -> str:
    """What the reply is after it was asked to stop."""
    answer = cancel(server, token, **which)
    assert answer.status == 200, answer.body
    assert set(answer.json) == {"conversationId", "replyId", "status"}
    return answer.json["status"]
