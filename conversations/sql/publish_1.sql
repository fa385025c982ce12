-- A message gets its number and its time when it is published, under the row lock of its conversation: commit order
-- is sequence order, and no writer can forget it. The conversation says which tenant the message belongs to.
CREATE OR REPLACE FUNCTION message_publish() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE conversations_conversation
    SET last_sequence = last_sequence + 1, last_message_at = clock_timestamp(), last_actor = NEW.actor,
        reply_failed = false
    WHERE id = NEW.conversation_id
    RETURNING last_sequence, last_message_at, account_id, workspace_id
    INTO NEW.sequence, NEW.created_at, NEW.account_id, NEW.workspace_id;
    RETURN NEW;
END
$$;

CREATE OR REPLACE TRIGGER message_publish BEFORE INSERT ON conversations_message
FOR EACH ROW EXECUTE FUNCTION message_publish();

CREATE OR REPLACE FUNCTION message_is_final() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'A published message never changes.' USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE OR REPLACE TRIGGER message_is_final
BEFORE UPDATE OF id, workspace_id, account_id, conversation_id, sequence, actor, type, body, data, created_at,
    client_message_id
ON conversations_message
FOR EACH ROW EXECUTE FUNCTION message_is_final();
