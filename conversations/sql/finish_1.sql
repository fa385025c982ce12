-- Ends the attempt of the worker that holds the lease, and starts the conversation's next reply for the same worker.
--
-- p_error_code empty: the text is whole, and is published, or held as a draft when a person has to approve it.
-- p_error_code 'canceled': somebody stopped the worker. What there is of the text is the reply, unless it is held.
-- A held reply that was stopped is never a draft, also when its text was whole before the worker heard of it.
-- outcome: sent | awaiting_approval | superseded | canceled | failed, or fenced: somebody else owns the reply now,
-- and nothing was changed.
CREATE OR REPLACE FUNCTION reply_finish(
    p_conversation uuid, p_reply uuid, p_attempt integer, p_text text, p_data jsonb, p_message uuid,
    p_error_code text, p_error_message text, p_error_retryable boolean, p_lease_seconds double precision
)
RETURNS TABLE (outcome text, published_at timestamptz, next_reply uuid, next_attempt integer)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    v_customer text;
    v_held boolean;
    v_for_review boolean;
    v_stopped boolean;
    v_data jsonb := p_data;
    v_outcome text;
    v_published_at timestamptz;
    v_next uuid;
    v_next_attempt integer;
BEGIN
    SELECT c.customer INTO v_customer
    FROM conversations_conversation c WHERE c.id = p_conversation FOR NO KEY UPDATE;
    SELECT r.held, r.for_review, r.stop_requested INTO v_held, v_for_review, v_stopped FROM conversations_reply r
    WHERE r.id = p_reply AND r.attempt = p_attempt AND r.status = 'generating' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN QUERY SELECT 'fenced', NULL::timestamptz, NULL::uuid, NULL::integer;
        RETURN;
    END IF;

    IF v_customer = 'approved' AND NOT v_for_review THEN
        v_held := false;
    END IF;
    IF p_error_code = 'canceled' THEN
        v_outcome := CASE WHEN v_held OR v_customer = 'blocked' OR trim(p_text) = '' THEN 'canceled' ELSE 'sent' END;
        v_data := p_data || '{"stopped": true}';
    ELSIF p_error_code <> '' THEN
        v_outcome := 'failed';
    ELSIF v_customer = 'blocked' OR v_held AND v_stopped THEN
        v_outcome := 'canceled';
    ELSIF NOT v_held THEN
        v_outcome := 'sent';
    ELSIF EXISTS (
        SELECT 1 FROM conversations_reply r WHERE r.conversation_id = p_conversation AND r.status = 'queued'
    ) THEN
        v_outcome := 'superseded';
    ELSE
        v_outcome := 'awaiting_approval';
    END IF;

    IF v_outcome = 'sent' THEN
        INSERT INTO conversations_message (id, conversation_id, actor, body, data)
        VALUES (p_message, p_conversation, 'assistant', p_text, v_data)
        RETURNING created_at INTO v_published_at;
    END IF;
    UPDATE conversations_reply r
    SET status = v_outcome, text = p_text, data = v_data, lease_expires_at = NULL,
        held = r.held AND v_outcome <> 'sent',
        message_id = CASE v_outcome WHEN 'sent' THEN p_message END,
        error_code = CASE v_outcome WHEN 'failed' THEN p_error_code ELSE '' END,
        error_message = p_error_message, error_retryable = p_error_retryable,
        finished_at = CASE v_outcome WHEN 'awaiting_approval' THEN NULL ELSE clock_timestamp() END
    WHERE r.id = p_reply;

    SELECT n.reply_id, n.attempt INTO v_next, v_next_attempt
    FROM conversation_claim(p_conversation, p_lease_seconds) n;
    RETURN QUERY SELECT v_outcome, v_published_at, v_next, v_next_attempt;
END
$$;
