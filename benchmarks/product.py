"""Makes the product's tables and an account with one long conversation; prints the account's token as JSON."""

import json
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lumika.settings")


def main() -> None:
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    print(json.dumps({"token": set_up(os.environ["PROVIDER_URL"])}))


def set_up(provider_url: str) -> str:
    """An API account whose responder asks this provider; its token in clear text."""
    from benchmarks.workload import ALLOWED_DOMAINS, MODEL
    from integrations.models import IntegrationAccount, Responder
    from workspaces.models import Workspace

    workspace, _ = Workspace.objects.get_or_create(slug="bench", defaults={"name": "Bench"})
    responder = Responder.objects.create(
        workspace=workspace,
        kind=Responder.Kind.OPENAI_COMPATIBLE,
        name="Bench",
        base_url=provider_url,
        model=MODEL,
    )
    account, token = IntegrationAccount.objects.open(
        workspace=workspace,
        kind=IntegrationAccount.Kind.API,
        name="Bench",
        responder=responder,
        allowed_domains=ALLOWED_DOMAINS,
    )
    fill_long_conversation(account)
    return token


def fill_long_conversation(account) -> None:
    """The conversation that is polled; the database numbers its messages."""
    from benchmarks.workload import LONG_CONVERSATION, long_conversation
    from conversations.models import Conversation, Message

    tenant = {"workspace": account.workspace, "account": account}
    conversation = Conversation.objects.create(external_id=LONG_CONVERSATION, **tenant)
    Message.objects.bulk_create(
        Message(conversation=conversation, actor=actor, body=body, **tenant) for actor, body in long_conversation()
    )


if __name__ == "__main__":
    main()
