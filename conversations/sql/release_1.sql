-- Carries out what an agent decided about a draft, once the hold in which it could be undone is over.
--
-- Whoever comes first does it; every other caller, and every other outcome meanwhile, changes nothing.
-- outcome: sent | rejected, or null when there was nothing to carry out.
CREATE OR REPLACE FUNCTION reply_release(p_reply uuid, p_message uuid) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_reply conversations_reply%ROWTYPE;
    v_data jsonb := '{"author": "responder_approved"}';
BEGIN
    PERFORM 1 FROM conversations_conversation c
    WHERE c.id = (SELECT r.conversation_id FROM conversations_reply r WHERE r.id = p_reply) FOR NO KEY UPDATE;
    SELECT r.* INTO v_reply FROM conversations_reply r
    WHERE r.id = p_reply AND r.status = 'awaiting_approval' AND r.decision <> '' AND r.release_at <= clock_timestamp()
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;

    IF v_reply.decision = 'reject' THEN
        UPDATE conversations_reply r SET status = 'rejected', finished_at = clock_timestamp() WHERE r.id = p_reply;
        RETURN 'rejected';
    END IF;

    IF v_reply.data ? 'sources' THEN
        v_data := v_data || jsonb_build_object('sources', v_reply.data -> 'sources');
    END IF;
    INSERT INTO conversations_message (id, conversation_id, actor, body, data, author_id)
    VALUES (p_message, v_reply.conversation_id, 'assistant', v_reply.outgoing, v_data, v_reply.decided_by_id);
    UPDATE conversations_reply r
    SET status = 'sent', message_id = p_message, finished_at = clock_timestamp(), edited = r.outgoing <> r.text
    WHERE r.id = p_reply;
    UPDATE conversations_reply r SET status = 'superseded', message_id = p_message, finished_at = clock_timestamp()
    WHERE r.conversation_id = v_reply.conversation_id AND r.status = 'by_hand';
    IF v_reply.decision = 'send_and_trust' THEN
        UPDATE conversations_conversation c SET customer = 'approved'
        WHERE c.id = v_reply.conversation_id AND c.customer = 'unreviewed';
    END IF;
    RETURN 'sent';
END
$$;
