-- All that the responder of a reply may know, except for articles: its settings and the thread. Articles are looked for
-- afterwards, outside of the statement that takes a message and of the lock that it holds.
-- No row when the account has no responder any more, or when p_reply is null.
--
-- The thread ends with the message to be answered: replies to earlier messages stand before it, later messages of the
-- customer are left out. has_articles: whether a search could find anything.
CREATE FUNCTION reply_context_2(p_reply uuid, p_messages integer)
RETURNS TABLE (
    kind text, instructions text, base_url text, model text, api_key bytea, temperature double precision,
    max_tokens integer, has_failed boolean, reply_held boolean, last_attempt integer, instruction text,
    previous_draft text, turns text, has_articles boolean, workspace_id uuid
)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH asked AS (
        SELECT r.workspace_id, r.conversation_id, r.held, r.last_attempt, r.instruction, r.for_review, m.sequence, m.id
        FROM conversations_reply r JOIN conversations_message m ON m.id = r.customer_message_id
        WHERE r.id = p_reply
    ), thread AS (
        SELECT m.actor, m.body, m.id = asked.id AS is_last, m.sequence
        FROM asked JOIN conversations_message m ON m.conversation_id = asked.conversation_id
        WHERE m.actor = 'assistant' OR m.sequence <= asked.sequence
        ORDER BY m.id = asked.id DESC, m.sequence DESC LIMIT p_messages
    )
    SELECT s.kind::text, s.instructions, s.base_url::text, s.model::text, s.api_key, s.temperature, s.max_tokens,
        s.last_error_code <> '',
        asked.held, asked.last_attempt, asked.instruction,
        CASE WHEN asked.for_review THEN (
            SELECT d.text FROM conversations_earlierdraft d WHERE d.reply_id = p_reply ORDER BY d.created_at DESC LIMIT 1
        ) END,
        (SELECT json_agg(json_build_object('role', actor, 'text', body) ORDER BY is_last, sequence) FROM thread)::text,
        EXISTS (SELECT 1 FROM integrations_article k WHERE k.workspace_id = asked.workspace_id),
        asked.workspace_id
    FROM asked
    JOIN conversations_conversation c ON c.id = asked.conversation_id
    JOIN integrations_integrationaccount a ON a.id = c.account_id
    JOIN integrations_responder s ON s.id = a.responder_id;
END
$$;
