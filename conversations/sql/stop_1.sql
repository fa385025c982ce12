-- Stops a reply: one that nobody works on yet is canceled at once, a worker is told to end with what it has.
--
-- Returns the status that the reply has afterwards ('generating' while its worker has not noticed yet).
CREATE OR REPLACE FUNCTION reply_stop(p_reply uuid) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_status text;
BEGIN
    PERFORM 1 FROM conversations_conversation c
    WHERE c.id = (SELECT r.conversation_id FROM conversations_reply r WHERE r.id = p_reply) FOR NO KEY UPDATE;
    UPDATE conversations_reply r
    SET stop_requested = true,
        status = CASE r.status WHEN 'generating' THEN r.status ELSE 'canceled' END,
        finished_at = CASE r.status WHEN 'generating' THEN NULL ELSE clock_timestamp() END
    WHERE r.id = p_reply AND r.status IN ('queued', 'generating', 'awaiting_approval')
    RETURNING r.status INTO v_status;
    RETURN coalesce(v_status, (SELECT r.status FROM conversations_reply r WHERE r.id = p_reply));
END
$$;
