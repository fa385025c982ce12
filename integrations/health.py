"""How an account stands, at a glance: what is wrong with it, worst first, and what to do."""

from typing import NamedTuple

from integrations.models import IntegrationAccount


class Sign(NamedTuple):
    """``tone`` is one of good, warning, danger or empty."""

    tone: str
    label: str
    advice: str = ""


def signs(account: IntegrationAccount) -> list[Sign]:
    """Of an account that was read ``with_signs_of_life``. Never empty."""
    if account.is_retired:
        return [Sign("", "Retired", "Its tokens are refused. Conversations stay in the inbox.")]
    found = _troubles(account)
    if found:
        return found
    if account.last_request_at is None:
        return [Sign("accent", "No request yet", "Send a first message with its token.")]
    return [Sign("good", "Good")]


def _troubles(account: IntegrationAccount) -> list[Sign]:
    found = []
    if account.gets_unsigned_ids:
        found.append(Sign("danger", "Unsigned ids from pages", _about_unsigned_ids(account.unsigned_ids_origin)))
    responder = account.responder
    if responder is not None and responder.last_error_code:
        found.append(Sign("danger", "Responder failed", responder.last_error_message))
    if responder is None:
        found.append(Sign("warning", "No responder", "People answer by hand until one is chosen."))
    if count := account.refused_origin_count:
        label = "1 refused origin" if count == 1 else f"{count} refused origins"
        found.append(Sign("warning", label, "Look under Domains whether they should be allowed."))
    return found


def _about_unsigned_ids(origin: str) -> str:
    pages = f"Pages of {origin}" if origin else "Pages"
    return (
        f"{pages} send conversation ids of your own without a signature. Whoever opens such a page can read its token, "
        "and with it the conversation of everybody whose id can be guessed. Let the pages send no conversationId and "
        "keep the one that “accepted” names, as the samples under Connect do; or sign the ids on your server, and "
        "switch on “Require signed conversation ids”. This notice ends then, or 7 days after the last such request."
    )
