"""Two workspaces by bulk SQL: conversations of a year, with drafts that wait, failures, closed ones, and readers.

Past messages are written with their own numbers and times, so the triggers that give them are off for the load.
"""

from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

AGENTS = 20
WORDS = 30_000
SENTENCES = 40_000
WAITING = 500
RARITIES = {"common": 0.3, "some": 1 / 300, "few": 1 / 1_000}
"""Of the messages hold the word "delivery", "parasol", "monogram". All hold "order"."""


@dataclass(frozen=True)
class Size:
    """Of 4 to 35 messages each, except for one long conversation that has all the rest."""

    conversations: int
    messages: int


def vocabulary() -> None:
    """Sentences that the messages of both workspaces are made of; some words are in most of them, most in few."""
    with connection.cursor() as cursor:
        cursor.execute(_SENTENCES, {"words": WORDS, "sentences": SENTENCES})


def fill(workspace: Any, account: Any, agents: list[Any], size: Size) -> None:
    """Conversations, messages, replies and reading marks of a workspace, in a single transaction."""
    parameters = {
        "workspace": workspace.pk,
        "account": account.pk,
        "agents": [agent.pk for agent in agents],
        "reader": agents[0].pk,
        "conversations": size.conversations,
        "messages": size.messages,
        "waiting": min(WAITING, size.conversations // 4),
        "sentences": SENTENCES,
        **RARITIES,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in (_CONVERSATIONS, _MESSAGES, _NUMBERS, _REPLIES, _FAILURES, _WAITING, _READINGS):
            cursor.execute(statement, parameters)


def tidy() -> None:
    """What PostgreSQL does by itself within minutes."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


_SENTENCES = """
CREATE UNLOGGED TABLE desk_sentence AS
SELECT number, string_agg(word, ' ') AS text
FROM generate_series(1, %(sentences)s) AS number,
LATERAL (
    SELECT translate(
        substr(md5(floor(power(random(), 4) * %(words)s + 0 * number)::int::text), 1, 5), '0123456789', 'ghijklmnop'
    ) AS word
    FROM generate_series(1, 6 + number %% 9)
) AS words
GROUP BY number
"""

# A third of a year's conversations are of the last month. Of ten, six are closed and three belong to somebody.
_CONVERSATIONS = """
INSERT INTO conversations_conversation
    (id, workspace_id, account_id, external_id, issued, customer, status, assignee_id, created_at)
SELECT gen_random_uuid(), %(workspace)s, %(account)s, 'customer-' || number, false,
       CASE WHEN number %% 40 = 0 THEN 'blocked' WHEN number %% 3 = 0 THEN 'approved' ELSE 'unreviewed' END,
       CASE WHEN number %% 10 < 6 THEN 'closed' ELSE 'open' END,
       CASE WHEN number %% 10 > 6 THEN (%(agents)s::uuid[])[1 + number / 10 %% array_length(%(agents)s::uuid[], 1)] END,
       now() - interval '365 days' * power(random(), 2) - interval '3 days'
FROM generate_series(1, %(conversations)s) AS number
"""

# Written in the order of time, so that a conversation's messages lie apart as they do in a used database.
_MESSAGES = """
INSERT INTO conversations_message
    (id, workspace_id, account_id, conversation_id, sequence, actor, body, data, created_at)
SELECT gen_random_uuid(), %(workspace)s, %(account)s, spread.id, spread.sequence,
       CASE spread.sequence %% 2 WHEN 1 THEN 'customer' ELSE 'assistant' END,
       first.text || '. ' || second.text || ' order A-' || row_number() OVER ()
           || CASE WHEN random() < %(common)s THEN ' delivery' ELSE '' END
           || CASE WHEN random() < %(some)s THEN ' parasol' ELSE '' END
           || CASE WHEN random() < %(few)s THEN ' monogram' ELSE '' END,
       CASE spread.sequence %% 2 WHEN 0 THEN '{"author": "responder"}'::jsonb END,
       spread.created_at
FROM (
    SELECT c.id, sequence, c.created_at + sequence * interval '3 days' / c.size AS created_at,
           1 + (random() * (%(sentences)s - 1))::int AS one, 1 + (random() * (%(sentences)s - 1))::int AS other
    FROM (
        SELECT id, created_at,
               CASE number WHEN 1 THEN %(messages)s - sum(size) OVER () + size ELSE size END::int AS size
        FROM (
            SELECT id, created_at, row_number() OVER (ORDER BY external_id) AS number,
                   4 + row_number() OVER (ORDER BY external_id) * 7 %% 32 AS size
            FROM conversations_conversation WHERE workspace_id = %(workspace)s
        ) AS numbered
    ) AS c, LATERAL generate_series(1, c.size) AS sequence
    ORDER BY 3
) AS spread
JOIN desk_sentence AS first ON first.number = spread.one
JOIN desk_sentence AS second ON second.number = spread.other
"""

_NUMBERS = """
UPDATE conversations_conversation c
SET last_sequence = m.sequence, last_message_at = m.created_at, last_actor = m.actor
FROM (
    SELECT DISTINCT ON (conversation_id) conversation_id, sequence, created_at, actor
    FROM conversations_message WHERE workspace_id = %(workspace)s ORDER BY conversation_id, sequence DESC
) AS m
WHERE m.conversation_id = c.id
"""

# Each message of a customer has a reply. One in a hundred failed, and the customer wrote again.
_REPLIES = """
INSERT INTO conversations_reply
    (id, workspace_id, conversation_id, customer_message_id, message_id, status, attempt, held, created_at, finished_at,
     delivered_at, text, data, error_code, error_message, error_retryable, edited, reason)
SELECT gen_random_uuid(), asked.workspace_id, asked.conversation_id, asked.id,
       CASE fate.status WHEN 'sent' THEN answer.id END, fate.status, 1, fate.status = 'awaiting_approval',
       asked.created_at, answer.created_at, answer.created_at, coalesce(answer.body, 'It is on its way.'), '{}',
       CASE fate.status WHEN 'failed' THEN 'responder_unavailable' ELSE '' END, '', true, false, ''
FROM conversations_message AS asked
LEFT JOIN conversations_message AS answer
    ON answer.conversation_id = asked.conversation_id AND answer.sequence = asked.sequence + 1,
LATERAL (SELECT CASE
    WHEN random() + 0 * asked.sequence < 0.01 THEN 'failed' WHEN answer.id IS NULL THEN 'by_hand' ELSE 'sent'
END AS status) AS fate
WHERE asked.workspace_id = %(workspace)s AND asked.actor = 'customer'
"""

_FAILURES = """
UPDATE conversations_conversation c SET reply_failed = true
FROM conversations_reply r JOIN conversations_message m ON m.id = r.customer_message_id
WHERE r.workspace_id = %(workspace)s AND r.status = 'failed' AND r.conversation_id = c.id
  AND m.sequence = c.last_sequence
"""

_WAITING = """
UPDATE conversations_reply r SET status = 'awaiting_approval', held = true
FROM (
    SELECT r.id FROM conversations_reply r JOIN conversations_conversation c ON c.id = r.conversation_id
    WHERE r.workspace_id = %(workspace)s AND r.status = 'by_hand' AND c.status = 'open'
    ORDER BY r.created_at DESC LIMIT %(waiting)s
) AS newest
WHERE newest.id = r.id
"""

# One agent has read four of five conversations.
_READINGS = """
INSERT INTO conversations_reading (id, workspace_id, conversation_id, user_id, sequence, created_at)
SELECT gen_random_uuid(), workspace_id, id, %(reader)s, last_sequence, now()
FROM conversations_conversation WHERE workspace_id = %(workspace)s AND random() < 0.8
"""
