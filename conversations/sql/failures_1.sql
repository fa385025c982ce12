-- A conversation knows whether the reply to its newest message failed: agents find such conversations without a look
-- at every failure there ever was. Publishing a message takes the mark away (publish.sql), as does another try.
-- Whoever changes a reply's status holds the row lock of its conversation.
CREATE OR REPLACE FUNCTION reply_failure() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE conversations_conversation c
    SET reply_failed = NEW.status = 'failed' AND NEW.customer_message_id = (
        SELECT m.id FROM conversations_message m
        WHERE m.conversation_id = c.id AND m.actor = 'customer' ORDER BY m.sequence DESC LIMIT 1
    )
    WHERE c.id = NEW.conversation_id;
    RETURN NULL;
END
$$;

CREATE OR REPLACE TRIGGER reply_failure
AFTER INSERT OR UPDATE OF status ON conversations_reply
FOR EACH ROW WHEN (NEW.status = 'failed') EXECUTE FUNCTION reply_failure();

CREATE OR REPLACE TRIGGER reply_failure_over
AFTER UPDATE OF status ON conversations_reply
FOR EACH ROW WHEN (OLD.status = 'failed' AND NEW.status <> 'failed') EXECUTE FUNCTION reply_failure();
