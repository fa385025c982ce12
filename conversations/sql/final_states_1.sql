-- What a customer may have been told stays true: a reply that was sent, rejected, superseded or canceled never goes on.
-- A failed one goes on only where an agent asks for another try.
CREATE OR REPLACE FUNCTION reply_is_final() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'A reply that is % never becomes %.', OLD.status, NEW.status
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE OR REPLACE TRIGGER reply_is_final
BEFORE UPDATE OF status ON conversations_reply
FOR EACH ROW
WHEN (
    OLD.status IN ('sent', 'rejected', 'superseded', 'canceled') AND NEW.status <> OLD.status
    OR OLD.status = 'failed' AND NEW.status NOT IN ('failed', 'queued', 'superseded')
)
EXECUTE FUNCTION reply_is_final();
