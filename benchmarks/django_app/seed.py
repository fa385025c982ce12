"""Makes the tables and an account with one long conversation; prints the account's token as JSON."""

import json
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.django_app.settings")


def main() -> None:
    django.setup()
    from django.core.management import call_command

    from benchmarks.rules import digest_of
    from benchmarks.workload import ALLOWED_DOMAINS, LONG_CONVERSATION, MODEL, long_conversation

    from .models import Account, Conversation, Message, Token

    call_command("migrate", run_syncdb=True, verbosity=0)
    token = f"bench_{os.urandom(20).hex()}"
    account, created = Account.objects.get_or_create(name="bench", model=MODEL, allowed_domains=ALLOWED_DOMAINS)
    Token.objects.create(account=account, digest=digest_of(token))
    if created:
        conversation = Conversation.objects.create(account=account, external_id=LONG_CONVERSATION)
        Message.objects.bulk_create(
            Message(conversation=conversation, actor=actor, body=body) for actor, body in long_conversation()
        )
    print(json.dumps({"token": token}))


if __name__ == "__main__":
    main()
