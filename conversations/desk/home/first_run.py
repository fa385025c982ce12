"""What a new workspace still has to do until customers get answers. Each step ticks itself."""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef

from conversations.models import Conversation
from integrations.models import IntegrationAccount, Responder
from workspaces.models import AuditEntry, Workspace


@dataclass(frozen=True)
class Step:
    title: str
    text: str
    done: bool
    action: str = ""
    """What the link to ``url_name`` says; empty when no page helps."""
    url_name: str = ""
    admins_only: bool = True


@dataclass(frozen=True)
class Checklist:
    steps: list[Step]

    @property
    def done_count(self) -> int:
        return sum(step.done for step in self.steps)

    @property
    def is_done(self) -> bool:
        return self.done_count == len(self.steps)

    @property
    def next_step(self) -> Step | None:
        return next((step for step in self.steps if not step.done), None)

    @property
    def customers_get_answers(self) -> bool:
        """What is left can wait: the list need not stand in the way."""
        return all(step.done for step in self.steps[:3])


def checklist(workspace: Workspace) -> Checklist:
    """The steps of this workspace, read in one query.

    Approving is a step only where drafts are made: with a manual account, or once somebody approved one.
    """
    of_workspace = {"workspace": OuterRef("pk")}
    accounts = IntegrationAccount.objects.filter(**of_workspace, status=IntegrationAccount.Status.ACTIVE)
    manual = accounts.filter(response_mode=IntegrationAccount.ResponseMode.MANUAL)
    approvals = AuditEntry.objects.filter(**of_workspace, action="reply.approve")
    found = (
        Workspace.objects.filter(pk=workspace.pk)
        .annotate(
            has_responder=Exists(Responder.objects.filter(**of_workspace)),
            has_account=Exists(accounts),
            has_conversation=Exists(Conversation.objects.filter(**of_workspace)),
            has_manual_account=Exists(manual),
            has_approval=Exists(approvals),
            member_count=Count("memberships"),
        )
        .values()
        .get()
    )
    steps = [
        Step(
            "Create a responder",
            "It writes the replies: from your articles, or with a model.",
            found["has_responder"],
            "Create a responder",
            "integrations:responders",
        ),
        Step(
            "Create an integration account",
            "It gives your site or backend the token to send messages with.",
            found["has_account"],
            "Create an account",
            "integrations:accounts",
        ),
        Step(
            "Send the first message",
            "Try it from the account's page, or paste its curl line into a shell.",
            found["has_conversation"],
            "Open the accounts",
            "integrations:accounts",
        ),
    ]
    if found["has_manual_account"] or found["has_approval"]:
        text = "Accounts with manual approval hold replies until an agent approves them."
        steps.append(Step("Approve the first reply", text, found["has_approval"]))
    text = "Agents decide on drafts and answer customers; admins set up integrations."
    steps.append(Step("Invite a teammate", text, found["member_count"] > 1, "Invite somebody", "workspaces:members"))
    return Checklist(steps)
