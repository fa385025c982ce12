-- Takes a customer's message exactly once (docs/api.md, "Exactly once") and, when no earlier reply of the
-- conversation is active, claims its reply for the caller. One statement, so one round trip and one transaction.
--
-- p_conversation, p_message, p_reply: ids for what has to be made. p_known: the caller named the conversation.
-- p_claim: the caller has room to write a reply; without it the reply waits for whoever has.
-- p_delivered: replies whose delivery the caller knows of but has not written yet.
-- outcome: created | attached | key_reused.
DROP FUNCTION IF EXISTS conversation_accept;
CREATE FUNCTION conversation_accept(
    p_workspace uuid, p_account uuid, p_external_id text, p_known boolean, p_text text, p_key text,
    p_delivered uuid[], p_by_machine boolean, p_manual boolean, p_lease_seconds double precision,
    p_conversation uuid, p_message uuid, p_reply uuid, p_claim boolean DEFAULT true
)
RETURNS TABLE (
    outcome text, conversation_id uuid, external_id text, message_id uuid, created_at timestamptz,
    reply_id uuid, status text, attempt integer, held boolean
)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    v_conversation conversations_conversation%ROWTYPE;
    v_message conversations_message%ROWTYPE;
    v_status text := 'by_hand';
    v_held boolean := false;
BEGIN
    IF p_key IS NOT NULL THEN
        PERFORM pg_advisory_xact_lock(hashtextextended(p_account::text || p_key, 0));
        SELECT m.* INTO v_message FROM conversations_message m
        WHERE m.account_id = p_account AND m.client_message_id = p_key;
        IF FOUND THEN
            SELECT c.* INTO v_conversation FROM conversations_conversation c WHERE c.id = v_message.conversation_id;
            RETURN QUERY
            SELECT CASE WHEN v_message.body = p_text AND (NOT p_known OR v_conversation.external_id = p_external_id)
                        THEN 'attached' ELSE 'key_reused' END,
                   v_conversation.id, v_conversation.external_id::text, v_message.id, v_message.created_at,
                   r.id, r.status::text, r.attempt, r.held
            FROM conversations_reply r WHERE r.customer_message_id = v_message.id;
            RETURN;
        END IF;
    END IF;

    SELECT c.* INTO v_conversation FROM conversations_conversation c
    WHERE c.account_id = p_account AND c.external_id = p_external_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        INSERT INTO conversations_conversation
            (id, workspace_id, account_id, external_id, issued, customer, status, created_at)
        VALUES (p_conversation, p_workspace, p_account, p_external_id, NOT p_known, 'unreviewed', 'open',
                clock_timestamp())
        ON CONFLICT (account_id, external_id) DO NOTHING;
        SELECT c.* INTO v_conversation FROM conversations_conversation c
        WHERE c.account_id = p_account AND c.external_id = p_external_id FOR NO KEY UPDATE;
    END IF;

    -- Without a key: the same text again, right behind itself or behind its own undelivered reply, is a reconnect.
    IF p_known AND p_key IS NULL AND v_conversation.last_sequence > 0 THEN
        RETURN QUERY
        SELECT 'attached', v_conversation.id, v_conversation.external_id::text, m.id, m.created_at,
               r.id, r.status::text, r.attempt, r.held
        FROM (
            SELECT * FROM conversations_message n
            WHERE n.conversation_id = v_conversation.id AND n.actor = 'customer'
            ORDER BY n.sequence DESC LIMIT 1
        ) m
        JOIN conversations_reply r ON r.customer_message_id = m.id
        LEFT JOIN conversations_message answer ON answer.id = r.message_id
        WHERE m.body = p_text
          AND v_conversation.last_sequence IN (m.sequence, answer.sequence)
          AND (
              r.status IN ('queued', 'generating', 'awaiting_approval', 'by_hand')
              OR r.delivered_at IS NULL AND r.id <> ALL (p_delivered)
                 AND (r.message_id IS NOT NULL OR r.status IN ('failed', 'canceled'))
          );
        IF FOUND THEN
            RETURN;
        END IF;
    END IF;

    UPDATE conversations_reply r SET status = 'superseded', finished_at = clock_timestamp()
    WHERE r.conversation_id = v_conversation.id AND r.status = 'awaiting_approval';
    IF v_conversation.status = 'closed' THEN
        UPDATE conversations_conversation c SET status = 'open' WHERE c.id = v_conversation.id;
    END IF;

    IF p_by_machine AND v_conversation.customer <> 'blocked' THEN
        v_status := CASE WHEN NOT p_claim OR EXISTS (
            SELECT 1 FROM conversations_reply r
            WHERE r.conversation_id = v_conversation.id AND r.status IN ('queued', 'generating')
        ) THEN 'queued' ELSE 'generating' END;
        v_held := p_manual AND v_conversation.customer <> 'approved';
    END IF;

    INSERT INTO conversations_message (id, conversation_id, actor, body, client_message_id)
    VALUES (p_message, v_conversation.id, 'customer', p_text, p_key)
    RETURNING * INTO v_message;
    INSERT INTO conversations_reply
        (id, workspace_id, conversation_id, customer_message_id, status, attempt, held, lease_expires_at, created_at,
         text, data, error_code, error_message, error_retryable, edited, reason)
    VALUES (
        p_reply, p_workspace, v_conversation.id, p_message, v_status,
        CASE v_status WHEN 'generating' THEN 1 ELSE 0 END, v_held,
        CASE v_status WHEN 'generating' THEN clock_timestamp() + make_interval(secs => p_lease_seconds) END,
        v_message.created_at, '', '{}', '', '', false, false, ''
    );
    RETURN QUERY SELECT 'created', v_conversation.id, v_conversation.external_id::text, p_message,
        v_message.created_at, p_reply, v_status, CASE v_status WHEN 'generating' THEN 1 ELSE 0 END, v_held;
END
$$;
