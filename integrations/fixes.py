"""What to do about a refused request: one sentence for each error code of the public API (docs/api.md, section 7)."""

from typing import NamedTuple


class Fix(NamedTuple):
    """What the team can do. ``page`` is where: the name of one of the account's pages, or nothing."""

    sentence: str
    page: str = ""


FIXES = {
    "invalid_token": Fix("The token has expired. Use a current one, or rotate to get one.", "tokens"),
    "integration_retired": Fix("This account was retired. Use a token of another account."),
    "origin_not_allowed": Fix("Allow this origin under Allowed domains.", "domains"),
    "invalid_signature": Fix(
        "Sign the conversationId on your server with this account's identity secret, or use an id that Lumika issued.",
        "account",
    ),
    "missing_parameter": Fix("Send textContent to the stream, and conversationId to the history."),
    "repeated_parameter": Fix("Send each parameter once."),
    "invalid_parameter": Fix(
        "A parameter has the wrong form, or holds what an unset variable leaves, such as “undefined”. "
        "The answer's message says which and why."
    ),
    "invalid_limit": Fix("Send a whole number from 1 as limit, or leave it out."),
    "unknown_event": Fix("The event id belongs to another conversation. Send the message without Last-Event-ID."),
    "unknown_cursor": Fix("The message id belongs to another conversation. Read the history from its start again."),
    "text_too_long": Fix("A message has at most 4,000 characters. Split it."),
    "key_reused": Fix("Make a new clientMessageId for each message; keep it only to repeat the same one."),
    "unknown_reply": Fix("The replyId belongs to another conversation. Take both from the accepted event."),
    "invalid_body": Fix("Send the parameters as a form or as a JSON object, in UTF-8."),
    "unsupported_media_type": Fix("Send the body as a form or as JSON, and say so in Content-Type."),
    "body_too_large": Fix("Send the parameters alone: a body has at most 65,536 bytes."),
    "body_timeout": Fix("The body did not arrive within 10 seconds. Send it again."),
    "rate_limited": Fix("Wait for the seconds of Retry-After before the next request."),
    "internal_error": Fix("An error of the server. Its log has the cause under the request id."),
    "unavailable": Fix("The database could not be reached. Repeat after the seconds of Retry-After."),
}
SERVER_AT_A_WIDGET = Fix(
    "The request named no origin. A Website Widget with allowed domains answers pages only: use an API account."
)
UNKNOWN = Fix("The answer's message says what to do.")


def fix_for(*, code: str, origin: str) -> Fix | None:
    """What to do about a recorded request; None when nothing was wrong with it."""
    if not code:
        return None
    if code == "origin_not_allowed" and not origin:
        return SERVER_AT_A_WIDGET
    return FIXES.get(code, UNKNOWN)
