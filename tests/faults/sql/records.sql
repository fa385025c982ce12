-- What the harness writes down in its own database: every message that it sent, and every change of a reply's state.

CREATE TABLE faults_send (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    external_id text NOT NULL,
    body text NOT NULL UNIQUE  -- the harness never says the same twice, so that every message has one send
);

CREATE TABLE faults_transition (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    backend integer NOT NULL DEFAULT pg_backend_pid(),
    reply_id uuid NOT NULL,
    old_status text NOT NULL,
    new_status text NOT NULL,
    old_attempt integer NOT NULL,
    new_attempt integer NOT NULL,
    has_new_text boolean NOT NULL,
    has_new_message boolean NOT NULL
);

CREATE FUNCTION faults_record() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO faults_transition
        (reply_id, old_status, new_status, old_attempt, new_attempt, has_new_text, has_new_message)
    VALUES (NEW.id, OLD.status, NEW.status, OLD.attempt, NEW.attempt, OLD.text IS DISTINCT FROM NEW.text,
            OLD.message_id IS DISTINCT FROM NEW.message_id);
    RETURN NEW;
END
$$;

CREATE TRIGGER faults_record AFTER UPDATE ON conversations_reply
FOR EACH ROW WHEN (OLD.status <> NEW.status OR OLD.attempt <> NEW.attempt OR OLD.message_id IS DISTINCT FROM
    NEW.message_id OR OLD.status <> 'generating' AND OLD.text <> NEW.text)
EXECUTE FUNCTION faults_record();
