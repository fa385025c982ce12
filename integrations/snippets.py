"""Ready-to-run samples for an account: the real address, and the token once it was revealed."""

from typing import NamedTuple

from django.template.loader import render_to_string

from integrations import signatures, tokens
from integrations.models import IntegrationAccount

CONVERSATION_ID = "customer-42"
QUESTION = "How do I approve a reply?"
MASK = "••••••••"


class Snippet(NamedTuple):
    """One sample: ``name`` is its anchor, too."""

    name: str
    title: str
    about: str
    code: str


_SERVER = [
    ("curl", "curl", "Paste it into a terminal and watch the reply stream in."),
    ("python", "Python", "The standard library only, so it runs wherever Python does."),
]
_PAGE = [
    ("javascript", "JavaScript", "For your own page. A cut, a reload, or a press of Send again sends nothing twice."),
    ("html", "HTML", "A whole page to start from: save it, serve it from an allowed domain, and open it."),
]


def snippets(account: IntegrationAccount, *, url: str, token: str | None) -> list[Snippet]:
    """The samples that work for this account, the likeliest first. Without a token, secrets are masked."""
    is_widget = account.kind == IntegrationAccount.Kind.WIDGET
    wanted = [*_PAGE, *_SERVER] if is_widget else [*_SERVER, *_PAGE]
    if is_widget and account.allowed_domains:
        wanted = _PAGE  # a server is refused
    values = {  # samples for pages name an id only with its signature: whoever opens a page reads what stands in it
        "url": url,
        "token": token or f"{tokens.PREFIXES[account.kind]}{MASK}",
        "question": QUESTION,
        "conversation_id": "" if is_widget and not account.require_signature else CONVERSATION_ID,
        "signature": _signature(account, is_masked=token is None),
    }
    return [
        Snippet(name, title, about, render_to_string(f"integrations/snippets/{name}.txt", values).strip())
        for name, title, about in wanted
    ]


def _signature(account: IntegrationAccount, *, is_masked: bool) -> str:
    if not account.require_signature:
        return ""
    return MASK if is_masked else signatures.sign(account.reveal_identity_secret(), CONVERSATION_ID)
