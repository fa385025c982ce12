"""The demo workspace: one owner, three integration accounts, saved replies, and articles that describe the product."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from conversations.models import SavedReply
from integrations.models import Article, IntegrationAccount, Responder
from lumika.kept_secrets import kept_demo_password
from workspaces.models import Membership, Role, User, Workspace
from workspaces.sign_in.addresses import vouch_for

EMAIL = "demo@lumika.example"
SLUG = "demo"
ARTICLES = Path(__file__).parent / "articles"
ACCOUNTS = [
    ("Demo API, auto replies", "api", "auto"),
    ("Demo API, manual approval", "api", "manual"),
    ("Demo website widget", "widget", "auto"),
]
SAVED_REPLIES = {
    "Greeting": "Hello, this is {{ agent_name }} from {{ workspace_name }}. How can I help?",
    "Looking into it": "Thank you, I am looking into it. Your reference is {{ conversation_id }}.",
    "Solved?": "Did this solve it? If not, write back here, and I will take another look.",
}


@transaction.atomic
def refresh() -> dict[str, Any]:
    """Makes what is missing of the demo, leaves the rest as it is, and describes it (the shape of `demo --json`)."""
    password = kept_demo_password(settings.LUMIKA_DATA_DIR)
    workspace, _ = Workspace.objects.get_or_create(slug=SLUG, defaults={"name": "Demo"})
    owner = User.objects.filter(email=EMAIL).first() or User.objects.create_user(EMAIL, name="Demo")
    if not owner.check_password(password):
        owner.set_password(password)
        owner.save(update_fields=["password"])
    vouch_for(owner)
    Membership.objects.get_or_create(workspace=workspace, user=owner, defaults={"role": Role.OWNER})
    responder, _ = Responder.objects.get_or_create(workspace=workspace, name="Knowledge base")
    _refresh_articles(workspace)
    for name, body in SAVED_REPLIES.items():
        SavedReply.objects.get_or_create(workspace=workspace, name=name, defaults={"body": body})
    accounts = [_account(workspace, responder, *row) for row in ACCOUNTS]
    return {
        "dashboard": f"{settings.PUBLIC_URL}/w/{workspace.slug}/",
        "email": EMAIL,
        "password": password,
        "workspace": workspace.slug,
        "accounts": accounts,
    }


def _refresh_articles(workspace: Workspace) -> None:
    known = set(Article.objects.filter(workspace=workspace).values_list("title", flat=True))
    for path in sorted(ARTICLES.glob("*.md")):
        heading, _, body = path.read_text().partition("\n")
        title = heading.removeprefix("# ").strip()
        if title not in known:
            Article.objects.create(workspace=workspace, title=title, body=body.strip())


def _account(workspace: Workspace, responder: Responder, name: str, kind: str, mode: str) -> dict[str, Any]:
    account = IntegrationAccount.objects.filter(workspace=workspace, name=name, status="active").first()
    if account is None:
        account, _ = IntegrationAccount.objects.open(
            workspace=workspace, kind=kind, name=name, responder=responder, response_mode=mode
        )
    token = account.tokens.working().order_by("-created_at").first()
    return {
        "id": str(account.pk),
        "name": account.name,
        "kind": account.kind,
        "mode": account.response_mode,
        "token": token.reveal() if token else account.issue_token(),
        "identity_secret": account.reveal_identity_secret(),
    }
