-- What may become of a reply in which state; conversations/models/reply_status.py says the same, and why.
CREATE FUNCTION reply_may_become(p_status text, p_next text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE p_status
    WHEN 'queued' THEN p_next IN ('generating', 'by_hand', 'superseded', 'canceled')
    WHEN 'generating' THEN p_next IN ('sent', 'awaiting_approval', 'superseded', 'failed', 'canceled')
    WHEN 'awaiting_approval' THEN p_next IN ('sent', 'rejected', 'superseded', 'canceled', 'queued')
    WHEN 'by_hand' THEN p_next IN ('sent', 'superseded')
    WHEN 'failed' THEN p_next = 'queued'
    ELSE false
END;

CREATE FUNCTION reply_refuse_status() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'A reply that is % never becomes %.', OLD.status, NEW.status
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE TRIGGER reply_status_follows
BEFORE UPDATE OF status ON conversations_reply
FOR EACH ROW
WHEN (OLD.status IS DISTINCT FROM NEW.status AND NOT reply_may_become(OLD.status, NEW.status))
EXECUTE FUNCTION reply_refuse_status();
