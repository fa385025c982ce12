"""Makes the product's tables and two accounts in the database of DATABASE_URL; prints their tokens as JSON."""

import json
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lumika.settings")


def main() -> None:
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    print(json.dumps(_accounts()))


def _accounts() -> dict[str, str]:
    """By response mode, the token of an API account whose responder asks the harness's provider."""
    from integrations.models import IntegrationAccount, Responder
    from workspaces.models import Workspace

    workspace = Workspace.objects.create(slug="faults", name="Faults")
    responder = Responder.objects.create(
        workspace=workspace,
        kind=Responder.Kind.OPENAI_COMPATIBLE,
        name="Scripted",
        base_url="http://127.0.0.1:1/v1",
        model="double",
    )
    tokens = {}
    for mode in ("auto", "manual"):
        _, tokens[mode] = IntegrationAccount.objects.open(
            workspace=workspace, kind="api", name=mode, responder=responder, response_mode=mode
        )
    return tokens


if __name__ == "__main__":
    main()
