"""Many rows at once, by SQL."""

from django.db import connection, transaction

from integrations.models import IntegrationAccount

CONVERSATIONS = 500

_MESSAGES = """
WITH conversation AS (
    INSERT INTO conversations_conversation
        (id, workspace_id, account_id, external_id, issued, customer, status, created_at, last_message_at)
    SELECT gen_random_uuid(), %(workspace)s, %(account)s, 'bulk-' || number, false, 'unreviewed', 'open', now(), now()
    FROM generate_series(0, %(conversations)s - 1) AS number
    RETURNING id, external_id
), message AS (
    INSERT INTO conversations_message
        (id, workspace_id, account_id, conversation_id, sequence, actor, body, created_at)
    SELECT gen_random_uuid(), %(workspace)s, %(account)s, conversation.id, number, 'customer', 'A question.',
           now() - %(days)s * interval '1 day' * number / %(count)s
    FROM generate_series(0, %(count)s - 1) AS number
    JOIN conversation ON conversation.external_id = 'bulk-' || number %% %(conversations)s
    RETURNING id, conversation_id, created_at
)
INSERT INTO conversations_reply
    (id, workspace_id, conversation_id, customer_message_id, message_id, status, attempt, held, created_at, finished_at,
     text, data, error_code, error_message, error_retryable, edited, reason)
SELECT gen_random_uuid(), %(workspace)s, conversation_id, id, id, 'sent', 1, false, created_at,
       created_at + interval '3 seconds', repeat('An answer. ', 50), '{}', '', '', false, false, ''
FROM message
"""


_WAITING = """
WITH made AS (
    INSERT INTO conversations_conversation
        (id, workspace_id, account_id, external_id, issued, customer, status, created_at)
    SELECT gen_random_uuid(), %(workspace)s, %(account)s, 'waiting-' || n, false, 'unreviewed', 'open', now()
    FROM generate_series(1, %(count)s) n RETURNING id
), asked AS (
    INSERT INTO conversations_message (id, workspace_id, account_id, conversation_id, sequence, actor, body, created_at)
    SELECT gen_random_uuid(), %(workspace)s, %(account)s, made.id, 1, 'customer', 'Hello?', now() FROM made
    RETURNING id, conversation_id, created_at
)
INSERT INTO conversations_reply
    (id, workspace_id, conversation_id, customer_message_id, status, attempt, held, created_at, text, data, error_code,
     error_message, error_retryable, edited, reason)
SELECT gen_random_uuid(), %(workspace)s, conversation_id, id, 'queued', 0, false, created_at, '', '{}', '', '', false,
    false, ''
FROM asked
"""


def waiting_replies(account: IntegrationAccount, *, count: int) -> None:
    """So many customers who wait for a reply, each in a conversation of their own."""
    parameters = {"workspace": account.workspace_id, "account": account.pk, "count": count}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(_WAITING, parameters)
        cursor.execute(
            "UPDATE conversations_conversation SET last_sequence = 1 WHERE account_id = %(account)s", parameters
        )


def answered_messages(account: IntegrationAccount, *, count: int, days: int) -> None:
    """So many past messages over the last so many days, each answered after three seconds: no trigger numbers them."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        try:
            parameters = {
                "workspace": account.workspace_id,
                "account": account.pk,
                "count": count,
                "days": days,
                "conversations": CONVERSATIONS,
            }
            cursor.execute(_MESSAGES, parameters)
        finally:
            cursor.execute("SET LOCAL session_replication_role = origin")
        # Autovacuum would count rows that are not committed as none, and the planner would believe it.
        cursor.execute("ANALYZE conversations_conversation, conversations_message, conversations_reply")
