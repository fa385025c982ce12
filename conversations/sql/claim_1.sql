-- Starts the next queued reply of a conversation, if none is being generated, and returns it.
-- The caller holds the row lock of the conversation.
--
-- Of a customer whose replies are held, only the newest message gets a draft: it answers the earlier ones too.
-- A draft that an agent asked for is held in any case.
CREATE OR REPLACE FUNCTION conversation_claim(p_conversation uuid, p_lease_seconds double precision)
RETURNS TABLE (reply_id uuid, attempt integer)
LANGUAGE plpgsql AS $$
DECLARE
    v_held boolean;
    v_by_machine boolean;
    v_next uuid;
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM conversations_reply r WHERE r.conversation_id = p_conversation AND r.status = 'queued'
    ) OR EXISTS (
        SELECT 1 FROM conversations_reply r WHERE r.conversation_id = p_conversation AND r.status = 'generating'
    ) THEN
        RETURN;
    END IF;

    SELECT a.response_mode = 'manual' AND c.customer <> 'approved',
           a.responder_id IS NOT NULL AND c.customer <> 'blocked'
    INTO v_held, v_by_machine
    FROM conversations_conversation c JOIN integrations_integrationaccount a ON a.id = c.account_id
    WHERE c.id = p_conversation;

    IF NOT v_by_machine THEN
        UPDATE conversations_reply r SET status = 'by_hand'
        WHERE r.conversation_id = p_conversation AND r.status = 'queued';
        RETURN;
    END IF;

    IF v_held THEN
        SELECT r.id INTO v_next FROM conversations_reply r
        WHERE r.conversation_id = p_conversation AND r.status = 'queued'
        ORDER BY r.created_at DESC, r.id DESC LIMIT 1;
        UPDATE conversations_reply r SET status = 'superseded', finished_at = clock_timestamp()
        WHERE r.conversation_id = p_conversation AND r.status = 'queued' AND r.id <> v_next;
    ELSE
        SELECT r.id INTO v_next FROM conversations_reply r
        WHERE r.conversation_id = p_conversation AND r.status = 'queued'
        ORDER BY r.created_at, r.id LIMIT 1;
    END IF;

    RETURN QUERY
    UPDATE conversations_reply r
    SET status = 'generating', attempt = r.attempt + 1, held = v_held OR r.for_review, text = '',
        lease_expires_at = clock_timestamp() + make_interval(secs => p_lease_seconds)
    WHERE r.id = v_next
    RETURNING r.id, r.attempt;
END
$$;
