-- All that the responder of a reply may know: its settings, the thread, and the articles that match the question.
-- No row when the account has no responder any more, or when p_reply is null.
--
-- The thread ends with the message to be answered: replies to earlier messages stand before it, later messages of the
-- customer are left out. The search takes all that the customer wrote since the last answer, and what an agent asked
-- for when they asked for another draft.
DROP FUNCTION IF EXISTS reply_context;
CREATE FUNCTION reply_context(p_reply uuid, p_messages integer, p_articles integer)
RETURNS TABLE (
    kind text, instructions text, base_url text, model text, api_key bytea, temperature double precision,
    max_tokens integer, has_failed boolean, reply_held boolean, last_attempt integer, instruction text,
    previous_draft text, turns text, articles text
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
    ), question AS (
        SELECT string_agg(body, E'\n' ORDER BY sequence) AS text FROM thread
        WHERE actor = 'customer' AND sequence > (
            SELECT coalesce(max(t.sequence), 0) FROM thread t, asked
            WHERE t.actor = 'assistant' AND t.sequence < asked.sequence
        )
    )
    SELECT s.kind::text, s.instructions, s.base_url::text, s.model::text, s.api_key, s.temperature, s.max_tokens,
        s.last_error_code <> '',
        asked.held, asked.last_attempt, asked.instruction,
        CASE WHEN asked.for_review THEN (
            SELECT d.text FROM conversations_earlierdraft d WHERE d.reply_id = p_reply ORDER BY d.created_at DESC LIMIT 1
        ) END,
        (SELECT json_agg(json_build_object('role', actor, 'text', body) ORDER BY is_last, sequence) FROM thread)::text,
        (SELECT json_agg(f) FROM article_find(
            asked.workspace_id, (SELECT concat_ws(E'\n', q.text, nullif(asked.instruction, '')) FROM question q), p_articles
        ) f)::text
    FROM asked
    JOIN conversations_conversation c ON c.id = asked.conversation_id
    JOIN integrations_integrationaccount a ON a.id = c.account_id
    JOIN integrations_responder s ON s.id = a.responder_id;
END
$$;
