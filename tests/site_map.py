"""Every route of the site, and objects to fill in its parameters."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, URLPattern, get_resolver, reverse

from conversations.models import Message, Reply, SavedReply
from integrations.models import RefusedOrigin, Responder
from tests.factories import (
    AccountFactory,
    ArticleFactory,
    ConversationFactory,
    MembershipFactory,
    ResponderFactory,
    UserFactory,
)
from workspaces.inviting import invite
from workspaces.models import Role, Workspace
from workspaces.verbs import Actor

KIND_OF_OBJECT = re.compile(r"([\w-]+)/<(?:\w+:)?pk>")


@dataclass(frozen=True)
class Route:
    name: str
    """With its namespace; empty when it has none."""
    pattern: str
    parameters: tuple[str, ...]

    @property
    def belongs_to_a_workspace(self) -> bool:
        return "slug" in self.parameters

    def url(self, objects: Mapping[str, Any]) -> str:
        """The address with these objects. One that is meant for one route only goes by ``route name/parameter``;
        a ``pk`` goes by the word before it: ``members/pk``."""
        kind = KIND_OF_OBJECT.search(self.pattern)
        values = {}
        for parameter in self.parameters:
            usual = f"{kind[1]}/pk" if parameter == "pk" and kind else parameter
            special = f"{self.name}/{parameter}"
            values[parameter] = objects[special if special in objects else usual]
        try:
            return reverse(self.name, kwargs=values)
        except NoReverseMatch as error:
            raise AssertionError(f"tests/site_map.py lacks an object for {self.pattern}: {error}") from None


def routes() -> list[Route]:
    return list(_walk(get_resolver().url_patterns, "", ""))


def furnish(workspace: Workspace) -> dict[str, Any]:
    """Puts one of everything into a workspace; returns it by the names that routes call it."""
    responder = ResponderFactory(workspace=workspace, name="Shipping desk")
    webhook = ResponderFactory(
        workspace=workspace, name="Our backend", kind=Responder.Kind.WEBHOOK, base_url="http://127.0.0.1:9/v1"
    )
    account = AccountFactory(workspace=workspace, responder=responder, name="Shop", response_mode="manual")
    account.issue_token()
    origin = RefusedOrigin.objects.create(workspace=workspace, account=account, origin="https://shop.example", count=3)
    article = ArticleFactory(workspace=workspace, title="Parcels", body="# Parcels\n\nThey take **two** days.")
    conversation = ConversationFactory(account=account, external_id=f"customer-of-{workspace.slug}")
    message = Message.objects.create(
        conversation=conversation, actor=Message.Actor.CUSTOMER, body="Where is my parcel? It was due on Monday."
    )
    reply = Reply.objects.create(
        workspace=workspace,
        conversation=conversation,
        customer_message=message,
        status=Reply.Status.AWAITING_APPROVAL,
        held=True,
        attempt=1,
        text="It is on its way.",
    )
    saved_reply = SavedReply.objects.create(
        workspace=workspace, name="Parcel on its way", body="Parcels take two days.\n{{ agent_name }}"
    )
    membership = MembershipFactory(workspace=workspace, role=Role.AGENT, user=UserFactory(name="Kim"))
    by = Actor(workspace.memberships.get(role=Role.OWNER).user)
    invitation, key = invite(workspace=workspace, email=f"new@{workspace.slug}.example", role=Role.AGENT, by=by)
    return {
        "slug": workspace.slug,
        "account_id": account.pk,
        "token_id": account.tokens.order_by("created_at").first().pk,
        "origin_id": origin.pk,
        "responder_id": responder.pk,
        "integrations:new-signing-secret/responder_id": webhook.pk,
        "article_id": article.pk,
        "conversation_id": conversation.pk,
        "message_id": message.pk,
        "reply_id": reply.pk,
        "saved_reply_id": saved_reply.pk,
        "members/pk": membership.pk,
        "invitations/pk": invitation.pk,
        "key": key,
        "kind": Responder.Kind.KNOWLEDGE.value,
        "page_slug": "quick-start",
    }


def _walk(patterns: list[Any], path: str, namespace: str) -> Iterator[Route]:
    for entry in patterns:
        pattern = path + str(entry.pattern)
        if isinstance(entry, URLPattern):
            name = f"{namespace}{entry.name}" if entry.name else ""
            yield Route(name=name, pattern=pattern, parameters=tuple(re.findall(r"<(?:\w+:)?(\w+)>", pattern)))
        else:
            yield from _walk(
                entry.url_patterns, pattern, namespace + (f"{entry.namespace}:" if entry.namespace else "")
            )
