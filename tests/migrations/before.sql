-- A database as the last migrations before the first ones of today left it, with one row or more of everything that
-- conversations are made of: written by pg_dump, without comments and settings of the session.
SET check_function_bodies = false;

CREATE FUNCTION public.article_config(language text) RETURNS regconfig
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT CASE language
        WHEN 'english' THEN 'pg_catalog.english'::regconfig
        WHEN 'german' THEN 'pg_catalog.german'::regconfig
        WHEN 'french' THEN 'pg_catalog.french'::regconfig
        WHEN 'spanish' THEN 'pg_catalog.spanish'::regconfig
        WHEN 'italian' THEN 'pg_catalog.italian'::regconfig
        WHEN 'portuguese' THEN 'pg_catalog.portuguese'::regconfig
        WHEN 'dutch' THEN 'pg_catalog.dutch'::regconfig
        ELSE 'pg_catalog.simple'::regconfig
    END
$$;

CREATE FUNCTION public.article_find(p_workspace uuid, p_question text, p_most integer) RETURNS TABLE(id uuid, title text, body text, url text, score real)
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM integrations_article a WHERE a.workspace_id = p_workspace) THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH languages AS (
        SELECT DISTINCT a.language FROM integrations_article a WHERE a.workspace_id = p_workspace
    ), queries AS (
        SELECT l.language, (
            SELECT string_agg(quote_literal(word.lexeme), ' | ')::tsquery
            FROM unnest(to_tsvector(article_config(l.language), left(p_question, 4000))) AS word
        ) AS query
        FROM languages l
    )
    SELECT a.id, a.title::text, a.body, a.url::text, ts_rank(a.search, q.query, 1)
    FROM queries q
    JOIN integrations_article a ON a.language = q.language AND a.search @@ q.query
    WHERE a.workspace_id = p_workspace
    ORDER BY ts_rank(a.search, q.query, 1) DESC, a.id
    LIMIT p_most;
END
$$;

CREATE FUNCTION public.article_vector(language text, title text, body text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT setweight(to_tsvector(article_config(language), title), 'A')
        || to_tsvector(article_config(language), body)
$$;

CREATE FUNCTION public.audit_is_append_only() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
            BEGIN
                RAISE EXCEPTION 'An audit entry never changes.' USING ERRCODE = 'integrity_constraint_violation';
            END
            $$;

CREATE FUNCTION public.conversation_accept(p_workspace uuid, p_account uuid, p_external_id text, p_known boolean, p_text text, p_key text, p_delivered uuid[], p_by_machine boolean, p_manual boolean, p_lease_seconds double precision, p_conversation uuid, p_message uuid, p_reply uuid, p_claim boolean DEFAULT true) RETURNS TABLE(outcome text, conversation_id uuid, external_id text, message_id uuid, created_at timestamp with time zone, reply_id uuid, status text, attempt integer, held boolean)
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.conversation_claim(p_conversation uuid, p_lease_seconds double precision) RETURNS TABLE(reply_id uuid, attempt integer)
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.message_is_final() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'A published message never changes.' USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE FUNCTION public.message_publish() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.message_words(p_workspace uuid, p_body text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN to_tsvector('simple'::regconfig, ((('w'::text || replace((p_workspace)::text, '-'::text, ''::text)) || ' '::text) || regexp_replace("left"(p_body, 50000), '[-/.@_\u00a0-\u00bf\u2000-\u206f\u3000-\u303f]'::text, ' '::text, 'g'::text)));

CREATE FUNCTION public.reply_context(p_reply uuid, p_messages integer, p_articles integer) RETURNS TABLE(kind text, instructions text, base_url text, model text, api_key bytea, temperature double precision, max_tokens integer, has_failed boolean, reply_held boolean, last_attempt integer, instruction text, previous_draft text, turns text, articles text)
    LANGUAGE plpgsql
    AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH asked AS (
        SELECT r.workspace_id, r.conversation_id, r.held, r.last_attempt, r.instruction, r.for_review, m.sequence, m.id
        FROM conversations_reply r JOIN conversations_message m ON m.id = r.customer_message_id
        WHERE r.id = p_reply
    ), thread AS (
        SELECT m.actor, m.body, m.id = asked.id AS is_last, m.sequence
        FROM asked JOIN conversations_message m ON m.conversation_id = asked.conversation_id
        WHERE m.actor = 'assistant' OR m.sequence <= asked.sequence
        ORDER BY m.id = asked.id DESC, m.sequence DESC LIMIT p_messages
    ), question AS (
        SELECT string_agg(body, E'\n' ORDER BY sequence) AS text FROM thread
        WHERE actor = 'customer' AND sequence > (
            SELECT coalesce(max(t.sequence), 0) FROM thread t, asked
            WHERE t.actor = 'assistant' AND t.sequence < asked.sequence
        )
    )
    SELECT s.kind::text, s.instructions, s.base_url::text, s.model::text, s.api_key, s.temperature, s.max_tokens,
        s.last_error_code <> '',
        asked.held, asked.last_attempt, asked.instruction,
        CASE WHEN asked.for_review THEN (
            SELECT d.text FROM conversations_earlierdraft d WHERE d.reply_id = p_reply ORDER BY d.created_at DESC LIMIT 1
        ) END,
        (SELECT json_agg(json_build_object('role', actor, 'text', body) ORDER BY is_last, sequence) FROM thread)::text,
        (SELECT json_agg(f) FROM article_find(
            asked.workspace_id, (SELECT concat_ws(E'\n', q.text, nullif(asked.instruction, '')) FROM question q), p_articles
        ) f)::text
    FROM asked
    JOIN conversations_conversation c ON c.id = asked.conversation_id
    JOIN integrations_integrationaccount a ON a.id = c.account_id
    JOIN integrations_responder s ON s.id = a.responder_id;
END
$$;

CREATE FUNCTION public.reply_failure() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.reply_finish(p_conversation uuid, p_reply uuid, p_attempt integer, p_text text, p_data jsonb, p_message uuid, p_error_code text, p_error_message text, p_error_retryable boolean, p_lease_seconds double precision) RETURNS TABLE(outcome text, published_at timestamp with time zone, next_reply uuid, next_attempt integer)
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.reply_is_final() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'A reply that is % never becomes %.', OLD.status, NEW.status
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE FUNCTION public.reply_release(p_reply uuid, p_message uuid) RETURNS text
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.reply_stop(p_reply uuid) RETURNS text
    LANGUAGE plpgsql
    AS $$
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

CREATE TABLE public.account_emailaddress (
    id integer NOT NULL,
    email character varying(254) NOT NULL,
    verified boolean NOT NULL,
    "primary" boolean NOT NULL,
    user_id uuid NOT NULL
);

ALTER TABLE public.account_emailaddress ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.account_emailaddress_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.account_emailconfirmation (
    id integer NOT NULL,
    created timestamp with time zone NOT NULL,
    sent timestamp with time zone,
    key character varying(64) NOT NULL,
    email_address_id integer NOT NULL
);

ALTER TABLE public.account_emailconfirmation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.account_emailconfirmation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.auth_group (
    id integer NOT NULL,
    name character varying(150) NOT NULL
);

ALTER TABLE public.auth_group ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_group_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.auth_group_permissions (
    id bigint NOT NULL,
    group_id integer NOT NULL,
    permission_id integer NOT NULL
);

ALTER TABLE public.auth_group_permissions ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_group_permissions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.auth_permission (
    id integer NOT NULL,
    name character varying(255) NOT NULL,
    content_type_id integer NOT NULL,
    codename character varying(100) NOT NULL
);

ALTER TABLE public.auth_permission ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_permission_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.conversations_conversation (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    external_id character varying(200) NOT NULL,
    issued boolean NOT NULL,
    last_sequence bigint DEFAULT 0 NOT NULL,
    customer character varying(10) NOT NULL,
    status character varying(10) NOT NULL,
    last_message_at timestamp with time zone,
    account_id uuid NOT NULL,
    assignee_id uuid,
    workspace_id uuid NOT NULL,
    last_actor character varying(10) DEFAULT ''::character varying NOT NULL,
    reply_failed boolean DEFAULT false NOT NULL,
    CONSTRAINT conversation_customer_known CHECK (((customer)::text = ANY ((ARRAY['unreviewed'::character varying, 'approved'::character varying, 'blocked'::character varying])::text[]))),
    CONSTRAINT conversation_status_known CHECK (((status)::text = ANY ((ARRAY['open'::character varying, 'closed'::character varying])::text[])))
);

CREATE TABLE public.conversations_deskpreferences (
    user_id uuid NOT NULL,
    single_keys boolean NOT NULL,
    sound boolean NOT NULL,
    browser_notifications boolean NOT NULL
);

CREATE TABLE public.conversations_earlierdraft (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    text text NOT NULL,
    data jsonb NOT NULL,
    instruction text NOT NULL,
    asked_by_id uuid,
    reply_id uuid NOT NULL,
    workspace_id uuid NOT NULL
);

CREATE TABLE public.conversations_message (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    sequence bigint DEFAULT 0 NOT NULL,
    actor character varying(10) NOT NULL,
    type character varying(20) DEFAULT 'message'::character varying NOT NULL,
    body text NOT NULL,
    data jsonb,
    client_message_id character varying(64),
    account_id uuid NOT NULL,
    author_id uuid,
    conversation_id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    CONSTRAINT message_actor_known CHECK (((actor)::text = ANY ((ARRAY['customer'::character varying, 'assistant'::character varying])::text[]))),
    CONSTRAINT message_body_not_empty CHECK ((NOT (body = ''::text)))
);

CREATE TABLE public.conversations_note (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    body text NOT NULL,
    author_id uuid,
    conversation_id uuid NOT NULL,
    workspace_id uuid NOT NULL
);

CREATE TABLE public.conversations_reading (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    sequence bigint NOT NULL,
    conversation_id uuid NOT NULL,
    user_id uuid NOT NULL,
    workspace_id uuid NOT NULL
);

CREATE TABLE public.conversations_reply (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    status character varying(20) NOT NULL,
    attempt integer NOT NULL,
    lease_expires_at timestamp with time zone,
    held boolean NOT NULL,
    text text NOT NULL,
    data jsonb NOT NULL,
    error_code character varying(60) NOT NULL,
    error_message text NOT NULL,
    error_retryable boolean NOT NULL,
    delivered_at timestamp with time zone,
    decided_at timestamp with time zone,
    edited boolean NOT NULL,
    reason text NOT NULL,
    finished_at timestamp with time zone,
    conversation_id uuid NOT NULL,
    customer_message_id uuid NOT NULL,
    decided_by_id uuid,
    message_id uuid,
    workspace_id uuid NOT NULL,
    decision character varying(20) DEFAULT ''::character varying NOT NULL,
    for_review boolean DEFAULT false NOT NULL,
    instruction text DEFAULT ''::text NOT NULL,
    last_attempt integer DEFAULT 3 NOT NULL,
    outgoing text DEFAULT ''::text NOT NULL,
    release_at timestamp with time zone,
    stop_requested boolean DEFAULT false NOT NULL,
    CONSTRAINT conversations_reply_attempt_check CHECK ((attempt >= 0)),
    CONSTRAINT conversations_reply_last_attempt_check CHECK ((last_attempt >= 0)),
    CONSTRAINT reply_decision_has_release CHECK ((((decision)::text = ''::text) OR (release_at IS NOT NULL))),
    CONSTRAINT reply_decision_known CHECK (((decision)::text = ANY ((ARRAY[''::character varying, 'send'::character varying, 'send_and_trust'::character varying, 'reject'::character varying])::text[]))),
    CONSTRAINT reply_generating_has_lease CHECK (((NOT ((status)::text = 'generating'::text)) OR (lease_expires_at IS NOT NULL))),
    CONSTRAINT reply_sent_has_message CHECK (((NOT ((status)::text = 'sent'::text)) OR (message_id IS NOT NULL))),
    CONSTRAINT reply_status_known CHECK (((status)::text = ANY ((ARRAY['queued'::character varying, 'generating'::character varying, 'awaiting_approval'::character varying, 'by_hand'::character varying, 'sent'::character varying, 'rejected'::character varying, 'superseded'::character varying, 'failed'::character varying, 'canceled'::character varying])::text[])))
);

CREATE TABLE public.conversations_savedreply (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    name character varying(60) NOT NULL,
    body text NOT NULL,
    workspace_id uuid NOT NULL
);

CREATE TABLE public.conversations_viewing (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    conversation_id uuid NOT NULL,
    user_id uuid NOT NULL,
    workspace_id uuid NOT NULL
);

CREATE TABLE public.django_admin_log (
    id integer NOT NULL,
    action_time timestamp with time zone NOT NULL,
    object_id text,
    object_repr character varying(200) NOT NULL,
    action_flag smallint NOT NULL,
    change_message text NOT NULL,
    content_type_id integer,
    user_id uuid NOT NULL,
    CONSTRAINT django_admin_log_action_flag_check CHECK ((action_flag >= 0))
);

ALTER TABLE public.django_admin_log ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_admin_log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.django_content_type (
    id integer NOT NULL,
    app_label character varying(100) NOT NULL,
    model character varying(100) NOT NULL
);

ALTER TABLE public.django_content_type ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_content_type_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.django_migrations (
    id bigint NOT NULL,
    app character varying(255) NOT NULL,
    name character varying(255) NOT NULL,
    applied timestamp with time zone NOT NULL
);

ALTER TABLE public.django_migrations ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_migrations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.django_session (
    session_key character varying(40) NOT NULL,
    session_data text NOT NULL,
    expire_date timestamp with time zone NOT NULL
);

CREATE TABLE public.integrations_article (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    title character varying(200) NOT NULL,
    body text NOT NULL,
    url character varying(500) NOT NULL,
    language character varying(12) NOT NULL,
    search tsvector GENERATED ALWAYS AS (public.article_vector((language)::text, (title)::text, body)) STORED,
    updated_at timestamp with time zone NOT NULL,
    workspace_id uuid NOT NULL
);

CREATE TABLE public.integrations_integrationaccount (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    kind character varying(10) NOT NULL,
    name character varying(100) NOT NULL,
    response_mode character varying(10) NOT NULL,
    allowed_domains character varying(300)[] NOT NULL,
    identity_secret bytea NOT NULL,
    require_signature boolean NOT NULL,
    status character varying(10) NOT NULL,
    widget_settings jsonb NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    workspace_id uuid NOT NULL,
    responder_id uuid,
    CONSTRAINT account_kind_known CHECK (((kind)::text = ANY ((ARRAY['api'::character varying, 'widget'::character varying])::text[]))),
    CONSTRAINT account_mode_known CHECK (((response_mode)::text = ANY ((ARRAY['auto'::character varying, 'manual'::character varying])::text[]))),
    CONSTRAINT account_status_known CHECK (((status)::text = ANY ((ARRAY['active'::character varying, 'retired'::character varying])::text[])))
);

CREATE TABLE public.integrations_integrationtoken (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    digest bytea NOT NULL,
    ciphertext bytea NOT NULL,
    last4 character varying(4) NOT NULL,
    expires_at timestamp with time zone,
    last_used_at timestamp with time zone,
    account_id uuid NOT NULL,
    workspace_id uuid NOT NULL
);

CREATE TABLE public.integrations_refusedorigin (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    origin character varying(300) NOT NULL,
    count integer NOT NULL,
    last_at timestamp with time zone NOT NULL,
    account_id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    CONSTRAINT integrations_refusedorigin_count_check CHECK ((count >= 0))
);

CREATE TABLE public.integrations_requestrecord (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    endpoint character varying(20) NOT NULL,
    status smallint NOT NULL,
    code character varying(60) NOT NULL,
    origin character varying(300) NOT NULL,
    duration_ms integer NOT NULL,
    request_id character varying(40) NOT NULL,
    account_id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    CONSTRAINT integrations_requestrecord_duration_ms_check CHECK ((duration_ms >= 0)),
    CONSTRAINT integrations_requestrecord_status_check CHECK ((status >= 0))
);

CREATE TABLE public.integrations_responder (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    kind character varying(20) NOT NULL,
    name character varying(100) NOT NULL,
    instructions text NOT NULL,
    base_url character varying(200) NOT NULL,
    model character varying(200) NOT NULL,
    api_key bytea NOT NULL,
    temperature double precision,
    max_tokens integer,
    last_error_code character varying(60) NOT NULL,
    last_error_message text NOT NULL,
    last_error_at timestamp with time zone,
    updated_at timestamp with time zone NOT NULL,
    workspace_id uuid NOT NULL,
    CONSTRAINT integrations_responder_max_tokens_check CHECK ((max_tokens >= 0)),
    CONSTRAINT responder_address_where_needed CHECK ((((kind)::text = 'knowledge'::text) OR (NOT ((base_url)::text = ''::text))))
);

CREATE TABLE public.lumika_cache (
    cache_key character varying(255) NOT NULL,
    value text NOT NULL,
    expires timestamp with time zone NOT NULL
);

CREATE TABLE public.mfa_authenticator (
    id bigint NOT NULL,
    type character varying(20) NOT NULL,
    data jsonb NOT NULL,
    user_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone
);

ALTER TABLE public.mfa_authenticator ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.mfa_authenticator_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.workspaces_auditentry (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    action character varying(60) NOT NULL,
    target_kind character varying(40) NOT NULL,
    target_id uuid NOT NULL,
    target_label character varying(200) NOT NULL,
    detail jsonb NOT NULL,
    ip inet,
    actor_id uuid,
    workspace_id uuid NOT NULL
);

CREATE TABLE public.workspaces_invitation (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    email character varying(254) NOT NULL,
    role character varying(10) NOT NULL,
    digest bytea NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    accepted_at timestamp with time zone,
    invited_by_id uuid,
    workspace_id uuid NOT NULL,
    CONSTRAINT invitation_role_known CHECK (((role)::text = ANY ((ARRAY['owner'::character varying, 'admin'::character varying, 'agent'::character varying])::text[])))
);

CREATE TABLE public.workspaces_membership (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    role character varying(10) NOT NULL,
    user_id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    CONSTRAINT membership_role_known CHECK (((role)::text = ANY ((ARRAY['owner'::character varying, 'admin'::character varying, 'agent'::character varying])::text[])))
);

CREATE TABLE public.workspaces_user (
    password character varying(128) NOT NULL,
    last_login timestamp with time zone,
    is_superuser boolean NOT NULL,
    id uuid NOT NULL,
    email character varying(254) NOT NULL,
    name character varying(100) NOT NULL,
    is_staff boolean NOT NULL,
    is_active boolean NOT NULL,
    date_joined timestamp with time zone NOT NULL,
    CONSTRAINT user_email_lower_case CHECK (((email)::text = lower((email)::text)))
);

CREATE TABLE public.workspaces_user_groups (
    id bigint NOT NULL,
    user_id uuid NOT NULL,
    group_id integer NOT NULL
);

ALTER TABLE public.workspaces_user_groups ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.workspaces_user_groups_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.workspaces_user_user_permissions (
    id bigint NOT NULL,
    user_id uuid NOT NULL,
    permission_id integer NOT NULL
);

ALTER TABLE public.workspaces_user_user_permissions ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.workspaces_user_user_permissions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.workspaces_workspace (
    id uuid NOT NULL,
    name character varying(100) NOT NULL,
    slug character varying(60) NOT NULL,
    created_at timestamp with time zone NOT NULL
);

INSERT INTO public.conversations_conversation VALUES
	('01a21bfb-27ef-72c8-b49f-228bf8ec5ca0', '2026-11-27 07:49:34.319814+00', 'customer-0', false, 2, 'unreviewed', 'open', '2026-11-27 07:49:34.340213+00', '01a21bfb-27e5-7510-97d4-55dc014e8fbf', NULL, '01a21bfb-279b-742b-8371-ab8576516e02', 'assistant', false),
	('01a21bfb-2833-7484-9d10-f44d65c635f8', '2026-11-27 07:49:34.388247+00', 'customer-1', false, 1, 'unreviewed', 'open', '2026-11-27 07:49:34.39361+00', '01a21bfb-27e5-7510-97d4-55dc014e8fbf', NULL, '01a21bfb-279b-742b-8371-ab8576516e02', 'customer', false),
	('01a21bfb-2864-779d-aa0f-aeb3c638a6d2', '2026-11-27 07:49:34.436238+00', 'customer-2', false, 1, 'unreviewed', 'open', '2026-11-27 07:49:34.439735+00', '01a21bfb-27e5-7510-97d4-55dc014e8fbf', NULL, '01a21bfb-279b-742b-8371-ab8576516e02', 'customer', false),
	('01a21bfb-287b-70c0-a51e-bfdaf031b48b', '2026-11-27 07:49:34.459572+00', 'customer-3', false, 1, 'unreviewed', 'open', '2026-11-27 07:49:34.465126+00', '01a21bfb-27e5-7510-97d4-55dc014e8fbf', NULL, '01a21bfb-279b-742b-8371-ab8576516e02', 'customer', true),
	('01a21bfb-28af-7629-9607-4c82d004e6f9', '2026-11-27 07:49:34.511683+00', 'customer-4', false, 1, 'unreviewed', 'open', '2026-11-27 07:49:34.520583+00', '01a21bfb-27e5-7510-97d4-55dc014e8fbf', NULL, '01a21bfb-279b-742b-8371-ab8576516e02', 'customer', false);

INSERT INTO public.conversations_message VALUES
	('01a21bfb-27f7-73b6-ba7f-e3e50f73e670', '2026-11-27 07:49:34.328784+00', 1, 'customer', 'message', 'How long does delivery take? (0)', NULL, NULL, '01a21bfb-27e5-7510-97d4-55dc014e8fbf', NULL, '01a21bfb-27ef-72c8-b49f-228bf8ec5ca0', '01a21bfb-279b-742b-8371-ab8576516e02'),
	('01a21bfb-2803-72c2-9dc9-b3c354b76664', '2026-11-27 07:49:34.340213+00', 2, 'assistant', 'message', 'Three days.', '{"author": "responder"}', NULL, '01a21bfb-27e5-7510-97d4-55dc014e8fbf', NULL, '01a21bfb-27ef-72c8-b49f-228bf8ec5ca0', '01a21bfb-279b-742b-8371-ab8576516e02'),
	('01a21bfb-2838-7325-951f-ef89d7b82941', '2026-11-27 07:49:34.39361+00', 1, 'customer', 'message', 'How long does delivery take? (1)', NULL, 'key-00000001', '01a21bfb-27e5-7510-97d4-55dc014e8fbf', NULL, '01a21bfb-2833-7484-9d10-f44d65c635f8', '01a21bfb-279b-742b-8371-ab8576516e02'),
	('01a21bfb-2867-7783-a615-c4ddf1fc00f1', '2026-11-27 07:49:34.439735+00', 1, 'customer', 'message', 'How long does delivery take? (2)', NULL, NULL, '01a21bfb-27e5-7510-97d4-55dc014e8fbf', NULL, '01a21bfb-2864-779d-aa0f-aeb3c638a6d2', '01a21bfb-279b-742b-8371-ab8576516e02'),
	('01a21bfb-2880-732a-a208-9635009d59b7', '2026-11-27 07:49:34.465126+00', 1, 'customer', 'message', 'How long does delivery take? (3)', NULL, 'key-00000003', '01a21bfb-27e5-7510-97d4-55dc014e8fbf', NULL, '01a21bfb-287b-70c0-a51e-bfdaf031b48b', '01a21bfb-279b-742b-8371-ab8576516e02'),
	('01a21bfb-28b7-735e-b4e8-153cdaf954d3', '2026-11-27 07:49:34.520583+00', 1, 'customer', 'message', 'How long does delivery take? (4)', NULL, NULL, '01a21bfb-27e5-7510-97d4-55dc014e8fbf', NULL, '01a21bfb-28af-7629-9607-4c82d004e6f9', '01a21bfb-279b-742b-8371-ab8576516e02');

INSERT INTO public.conversations_note VALUES
	('01a21bfb-281c-70c6-9335-1b4e009d61af', '2026-11-27 07:49:34.365437+00', 'Watch this one.', '01a21bfb-27a9-7213-8bbb-fed5a4339075', '01a21bfb-27ef-72c8-b49f-228bf8ec5ca0', '01a21bfb-279b-742b-8371-ab8576516e02'),
	('01a21bfb-284f-75d4-9ace-5a1194615e52', '2026-11-27 07:49:34.415705+00', 'Watch this one.', '01a21bfb-27a9-7213-8bbb-fed5a4339075', '01a21bfb-2833-7484-9d10-f44d65c635f8', '01a21bfb-279b-742b-8371-ab8576516e02'),
	('01a21bfb-2874-7599-952e-3b97100e873e', '2026-11-27 07:49:34.452544+00', 'Watch this one.', '01a21bfb-27a9-7213-8bbb-fed5a4339075', '01a21bfb-2864-779d-aa0f-aeb3c638a6d2', '01a21bfb-279b-742b-8371-ab8576516e02'),
	('01a21bfb-2899-7410-9970-892fe22d44c0', '2026-11-27 07:49:34.489709+00', 'Watch this one.', '01a21bfb-27a9-7213-8bbb-fed5a4339075', '01a21bfb-287b-70c0-a51e-bfdaf031b48b', '01a21bfb-279b-742b-8371-ab8576516e02'),
	('01a21bfb-28c8-757f-a1fe-a0ca578c8890', '2026-11-27 07:49:34.536819+00', 'Watch this one.', '01a21bfb-27a9-7213-8bbb-fed5a4339075', '01a21bfb-28af-7629-9607-4c82d004e6f9', '01a21bfb-279b-742b-8371-ab8576516e02');

INSERT INTO public.conversations_reply VALUES
	('01a21bfb-280b-746a-84c8-503ba18fc07f', '2026-11-27 07:49:34.3477+00', 'sent', 1, NULL, false, 'Three days.', '{}', '', '', false, NULL, NULL, false, '', NULL, '01a21bfb-27ef-72c8-b49f-228bf8ec5ca0', '01a21bfb-27f7-73b6-ba7f-e3e50f73e670', NULL, '01a21bfb-2803-72c2-9dc9-b3c354b76664', '01a21bfb-279b-742b-8371-ab8576516e02', '', false, '', 3, '', NULL, false),
	('01a21bfb-2843-74e6-b17c-6d94f7432f21', '2026-11-27 07:49:34.403539+00', 'awaiting_approval', 1, NULL, true, 'Three days.', '{}', '', '', false, NULL, NULL, false, '', NULL, '01a21bfb-2833-7484-9d10-f44d65c635f8', '01a21bfb-2838-7325-951f-ef89d7b82941', NULL, NULL, '01a21bfb-279b-742b-8371-ab8576516e02', '', false, '', 3, '', NULL, false),
	('01a21bfb-286a-7475-9c06-4db2cb8587f5', '2026-11-27 07:49:34.44325+00', 'queued', 1, NULL, false, '', '{}', '', '', false, NULL, NULL, false, '', NULL, '01a21bfb-2864-779d-aa0f-aeb3c638a6d2', '01a21bfb-2867-7783-a615-c4ddf1fc00f1', NULL, NULL, '01a21bfb-279b-742b-8371-ab8576516e02', '', false, '', 3, '', NULL, false),
	('01a21bfb-2887-7395-839e-9f06fbac4f36', '2026-11-27 07:49:34.471716+00', 'failed', 1, NULL, false, '', '{}', 'responder_unavailable', '', false, NULL, NULL, false, '', NULL, '01a21bfb-287b-70c0-a51e-bfdaf031b48b', '01a21bfb-2880-732a-a208-9635009d59b7', NULL, NULL, '01a21bfb-279b-742b-8371-ab8576516e02', '', false, '', 3, '', NULL, false),
	('01a21bfb-28bb-734d-b6f6-394f893ebc1c', '2026-11-27 07:49:34.523793+00', 'by_hand', 1, NULL, false, '', '{}', '', '', false, NULL, NULL, false, '', NULL, '01a21bfb-28af-7629-9607-4c82d004e6f9', '01a21bfb-28b7-735e-b4e8-153cdaf954d3', NULL, NULL, '01a21bfb-279b-742b-8371-ab8576516e02', '', false, '', 3, '', NULL, false);

INSERT INTO public.conversations_savedreply VALUES
	('01a21bfb-28dc-769c-b38e-c31d90990c2b', '2026-11-27 07:49:34.556309+00', 'Hello', 'Hello!', '01a21bfb-279b-742b-8371-ab8576516e02');

INSERT INTO public.django_migrations VALUES
	(1, 'contenttypes', '0001_initial', '2026-11-27 07:49:24.980448+00'),
	(2, 'contenttypes', '0002_remove_content_type_name', '2026-11-27 07:49:25.092847+00'),
	(3, 'auth', '0001_initial', '2026-11-27 07:49:25.318896+00'),
	(4, 'auth', '0002_alter_permission_name_max_length', '2026-11-27 07:49:25.363155+00'),
	(5, 'auth', '0003_alter_user_email_max_length', '2026-11-27 07:49:25.381971+00'),
	(6, 'auth', '0004_alter_user_username_opts', '2026-11-27 07:49:25.444537+00'),
	(7, 'auth', '0005_alter_user_last_login_null', '2026-11-27 07:49:25.495051+00'),
	(8, 'auth', '0006_require_contenttypes_0002', '2026-11-27 07:49:25.515651+00'),
	(9, 'auth', '0007_alter_validators_add_error_messages', '2026-11-27 07:49:25.58175+00'),
	(10, 'auth', '0008_alter_user_username_max_length', '2026-11-27 07:49:25.621429+00'),
	(11, 'auth', '0009_alter_user_last_name_max_length', '2026-11-27 07:49:25.666178+00'),
	(12, 'auth', '0010_alter_group_name_max_length', '2026-11-27 07:49:25.699349+00'),
	(13, 'auth', '0011_update_proxy_permissions', '2026-11-27 07:49:25.726854+00'),
	(14, 'auth', '0012_alter_user_first_name_max_length', '2026-11-27 07:49:25.73609+00'),
	(15, 'workspaces', '0001_initial', '2026-11-27 07:49:26.154284+00'),
	(16, 'account', '0001_initial', '2026-11-27 07:49:26.250136+00'),
	(17, 'account', '0002_email_max_length', '2026-11-27 07:49:26.302616+00'),
	(18, 'account', '0003_alter_emailaddress_create_unique_verified_email', '2026-11-27 07:49:26.363614+00'),
	(19, 'account', '0004_alter_emailaddress_drop_unique_email', '2026-11-27 07:49:26.404664+00'),
	(20, 'account', '0005_emailaddress_idx_upper_email', '2026-11-27 07:49:26.46276+00'),
	(21, 'account', '0006_emailaddress_lower', '2026-11-27 07:49:26.501974+00'),
	(22, 'account', '0007_emailaddress_idx_email', '2026-11-27 07:49:26.623653+00'),
	(23, 'account', '0008_emailaddress_unique_primary_email_fixup', '2026-11-27 07:49:26.66843+00'),
	(24, 'account', '0009_emailaddress_unique_primary_email', '2026-11-27 07:49:26.709209+00'),
	(25, 'admin', '0001_initial', '2026-11-27 07:49:26.771067+00'),
	(26, 'admin', '0002_logentry_remove_auto_add', '2026-11-27 07:49:26.795357+00'),
	(27, 'admin', '0003_logentry_add_action_flag_choices', '2026-11-27 07:49:26.821859+00'),
	(28, 'workspaces', '0002_audit_and_cache', '2026-11-27 07:49:26.851092+00'),
	(29, 'workspaces', '0003_audit_of_target', '2026-11-27 07:49:26.895924+00'),
	(30, 'integrations', '0001_initial', '2026-11-27 07:49:28.075444+00'),
	(31, 'integrations', '0002_tenancy_and_search', '2026-11-27 07:49:28.151153+00'),
	(32, 'conversations', '0001_initial', '2026-11-27 07:49:29.699378+00'),
	(33, 'conversations', '0002_rules', '2026-11-27 07:49:29.741315+00'),
	(34, 'conversations', '0003_desk', '2026-11-27 07:49:32.623457+00'),
	(35, 'conversations', '0004_inbox', '2026-11-27 07:49:33.225364+00'),
	(36, 'mfa', '0001_initial', '2026-11-27 07:49:33.323131+00'),
	(37, 'mfa', '0002_authenticator_timestamps', '2026-11-27 07:49:33.411167+00'),
	(38, 'mfa', '0003_authenticator_type_uniq', '2026-11-27 07:49:33.623118+00'),
	(39, 'sessions', '0001_initial', '2026-11-27 07:49:33.662781+00');

INSERT INTO public.integrations_article VALUES
	('01a21bfb-27d3-7470-8a9d-ac767826753b', '2026-11-27 07:49:34.291681+00', 'Delivery', 'We deliver within three days.', '', 'english', DEFAULT, '2026-11-27 07:49:34.291713+00', '01a21bfb-279b-742b-8371-ab8576516e02');

INSERT INTO public.integrations_integrationaccount VALUES
	('01a21bfb-27e5-7510-97d4-55dc014e8fbf', '2026-11-27 07:49:34.310202+00', 'api', 'Shop', 'manual', '{}', '\x2d', false, 'active', '{}', '2026-11-27 07:49:34.31026+00', '01a21bfb-279b-742b-8371-ab8576516e02', '01a21bfb-27c7-77c1-b596-c39ce2b9899d');

INSERT INTO public.integrations_responder VALUES
	('01a21bfb-27c7-77c1-b596-c39ce2b9899d', '2026-11-27 07:49:34.280399+00', 'knowledge', 'Knowledge', '', '', '', '\x', NULL, NULL, '', '', NULL, '2026-11-27 07:49:34.280475+00', '01a21bfb-279b-742b-8371-ab8576516e02');

INSERT INTO public.workspaces_auditentry VALUES
	('01a21bfb-2823-7775-85ee-70a3e4ef9912', '2026-11-27 07:49:34.371751+00', 'note.leave', 'note', '01a21bfb-281c-70c6-9335-1b4e009d61af', 'note on 01a21bfb-27ef-72c8-b49f-228bf8ec5ca0', '{}', NULL, '01a21bfb-27a9-7213-8bbb-fed5a4339075', '01a21bfb-279b-742b-8371-ab8576516e02'),
	('01a21bfb-2853-75aa-a6f1-f583f87246d9', '2026-11-27 07:49:34.419184+00', 'note.leave', 'note', '01a21bfb-284f-75d4-9ace-5a1194615e52', 'note on 01a21bfb-2833-7484-9d10-f44d65c635f8', '{}', NULL, '01a21bfb-27a9-7213-8bbb-fed5a4339075', '01a21bfb-279b-742b-8371-ab8576516e02'),
	('01a21bfb-2876-707d-ac3f-6f34731db22f', '2026-11-27 07:49:34.454143+00', 'note.leave', 'note', '01a21bfb-2874-7599-952e-3b97100e873e', 'note on 01a21bfb-2864-779d-aa0f-aeb3c638a6d2', '{}', NULL, '01a21bfb-27a9-7213-8bbb-fed5a4339075', '01a21bfb-279b-742b-8371-ab8576516e02'),
	('01a21bfb-289f-756e-acdf-1a6bd3b563aa', '2026-11-27 07:49:34.496145+00', 'note.leave', 'note', '01a21bfb-2899-7410-9970-892fe22d44c0', 'note on 01a21bfb-287b-70c0-a51e-bfdaf031b48b', '{}', NULL, '01a21bfb-27a9-7213-8bbb-fed5a4339075', '01a21bfb-279b-742b-8371-ab8576516e02'),
	('01a21bfb-28cf-74cb-93dc-7b787b662533', '2026-11-27 07:49:34.543256+00', 'note.leave', 'note', '01a21bfb-28c8-757f-a1fe-a0ca578c8890', 'note on 01a21bfb-28af-7629-9607-4c82d004e6f9', '{}', NULL, '01a21bfb-27a9-7213-8bbb-fed5a4339075', '01a21bfb-279b-742b-8371-ab8576516e02');

INSERT INTO public.workspaces_membership VALUES
	('01a21bfb-27b7-758d-af49-ec6b5ed0e917', '2026-11-27 07:49:34.264066+00', 'owner', '01a21bfb-27a3-7107-8ccd-5af0777b7ee3', '01a21bfb-279b-742b-8371-ab8576516e02'),
	('01a21bfb-27bd-72ef-b34d-9222bc36c85a', '2026-11-27 07:49:34.270095+00', 'agent', '01a21bfb-27a9-7213-8bbb-fed5a4339075', '01a21bfb-279b-742b-8371-ab8576516e02');

INSERT INTO public.workspaces_user VALUES
	('', NULL, false, '01a21bfb-27a3-7107-8ccd-5af0777b7ee3', 'person-0@example.com', 'Olga', false, true, '2026-11-27 07:49:34.244543+00'),
	('', NULL, false, '01a21bfb-27a9-7213-8bbb-fed5a4339075', 'person-1@example.com', 'Mina', false, true, '2026-11-27 07:49:34.249336+00');

INSERT INTO public.workspaces_workspace VALUES
	('01a21bfb-279b-742b-8371-ab8576516e02', 'Home', 'home', '2026-11-27 07:49:34.235407+00');

SELECT pg_catalog.setval('public.account_emailaddress_id_seq', 1, false);

SELECT pg_catalog.setval('public.account_emailconfirmation_id_seq', 1, false);

SELECT pg_catalog.setval('public.auth_group_id_seq', 1, false);

SELECT pg_catalog.setval('public.auth_group_permissions_id_seq', 1, false);

SELECT pg_catalog.setval('public.auth_permission_id_seq', 112, true);

SELECT pg_catalog.setval('public.django_admin_log_id_seq', 1, false);

SELECT pg_catalog.setval('public.django_content_type_id_seq', 28, true);

SELECT pg_catalog.setval('public.django_migrations_id_seq', 39, true);

SELECT pg_catalog.setval('public.mfa_authenticator_id_seq', 1, false);

SELECT pg_catalog.setval('public.workspaces_user_groups_id_seq', 1, false);

SELECT pg_catalog.setval('public.workspaces_user_user_permissions_id_seq', 1, false);

ALTER TABLE ONLY public.account_emailaddress
    ADD CONSTRAINT account_emailaddress_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.account_emailaddress
    ADD CONSTRAINT account_emailaddress_user_id_email_987c8728_uniq UNIQUE (user_id, email);

ALTER TABLE ONLY public.account_emailconfirmation
    ADD CONSTRAINT account_emailconfirmation_key_key UNIQUE (key);

ALTER TABLE ONLY public.account_emailconfirmation
    ADD CONSTRAINT account_emailconfirmation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.auth_group
    ADD CONSTRAINT auth_group_name_key UNIQUE (name);

ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_group_id_permission_id_0cd325b0_uniq UNIQUE (group_id, permission_id);

ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.auth_group
    ADD CONSTRAINT auth_group_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_content_type_id_codename_01ab375a_uniq UNIQUE (content_type_id, codename);

ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.conversations_conversation
    ADD CONSTRAINT conversation_id_in_workspace UNIQUE (id, workspace_id);

ALTER TABLE ONLY public.conversations_conversation
    ADD CONSTRAINT conversations_conversation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.conversations_deskpreferences
    ADD CONSTRAINT conversations_deskpreferences_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.conversations_earlierdraft
    ADD CONSTRAINT conversations_earlierdraft_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.conversations_message
    ADD CONSTRAINT conversations_message_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.conversations_note
    ADD CONSTRAINT conversations_note_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.conversations_reading
    ADD CONSTRAINT conversations_reading_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.conversations_reply
    ADD CONSTRAINT conversations_reply_customer_message_id_key UNIQUE (customer_message_id);

ALTER TABLE ONLY public.conversations_reply
    ADD CONSTRAINT conversations_reply_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.conversations_savedreply
    ADD CONSTRAINT conversations_savedreply_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.conversations_viewing
    ADD CONSTRAINT conversations_viewing_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.django_admin_log
    ADD CONSTRAINT django_admin_log_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.django_content_type
    ADD CONSTRAINT django_content_type_app_label_model_76bd3d3b_uniq UNIQUE (app_label, model);

ALTER TABLE ONLY public.django_content_type
    ADD CONSTRAINT django_content_type_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.django_migrations
    ADD CONSTRAINT django_migrations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.django_session
    ADD CONSTRAINT django_session_pkey PRIMARY KEY (session_key);

ALTER TABLE ONLY public.integrations_integrationaccount
    ADD CONSTRAINT integrationaccount_id_in_workspace UNIQUE (id, workspace_id);

ALTER TABLE ONLY public.integrations_article
    ADD CONSTRAINT integrations_article_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.integrations_integrationaccount
    ADD CONSTRAINT integrations_integrationaccount_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.integrations_integrationtoken
    ADD CONSTRAINT integrations_integrationtoken_digest_key UNIQUE (digest);

ALTER TABLE ONLY public.integrations_integrationtoken
    ADD CONSTRAINT integrations_integrationtoken_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.integrations_refusedorigin
    ADD CONSTRAINT integrations_refusedorigin_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.integrations_requestrecord
    ADD CONSTRAINT integrations_requestrecord_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.integrations_responder
    ADD CONSTRAINT integrations_responder_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.lumika_cache
    ADD CONSTRAINT lumika_cache_pkey PRIMARY KEY (cache_key);

ALTER TABLE ONLY public.workspaces_membership
    ADD CONSTRAINT membership_once_per_workspace UNIQUE (workspace_id, user_id);

ALTER TABLE ONLY public.conversations_message
    ADD CONSTRAINT message_id_in_conversation UNIQUE (id, conversation_id);

ALTER TABLE ONLY public.conversations_message
    ADD CONSTRAINT message_sequence_once UNIQUE (conversation_id, sequence);

ALTER TABLE ONLY public.mfa_authenticator
    ADD CONSTRAINT mfa_authenticator_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.conversations_reading
    ADD CONSTRAINT reading_once_per_person UNIQUE (conversation_id, user_id);

ALTER TABLE ONLY public.integrations_refusedorigin
    ADD CONSTRAINT refused_origin_once_per_account UNIQUE (account_id, origin);

ALTER TABLE ONLY public.conversations_reply
    ADD CONSTRAINT reply_id_in_workspace UNIQUE (id, workspace_id);

ALTER TABLE ONLY public.integrations_responder
    ADD CONSTRAINT responder_id_in_workspace UNIQUE (id, workspace_id);

ALTER TABLE ONLY public.conversations_savedreply
    ADD CONSTRAINT saved_reply_name_once UNIQUE (workspace_id, name);

ALTER TABLE ONLY public.conversations_viewing
    ADD CONSTRAINT viewing_once_per_person UNIQUE (conversation_id, user_id);

ALTER TABLE ONLY public.workspaces_auditentry
    ADD CONSTRAINT workspaces_auditentry_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.workspaces_invitation
    ADD CONSTRAINT workspaces_invitation_digest_key UNIQUE (digest);

ALTER TABLE ONLY public.workspaces_invitation
    ADD CONSTRAINT workspaces_invitation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.workspaces_membership
    ADD CONSTRAINT workspaces_membership_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.workspaces_user
    ADD CONSTRAINT workspaces_user_email_key UNIQUE (email);

ALTER TABLE ONLY public.workspaces_user_groups
    ADD CONSTRAINT workspaces_user_groups_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.workspaces_user_groups
    ADD CONSTRAINT workspaces_user_groups_user_id_group_id_0b58b092_uniq UNIQUE (user_id, group_id);

ALTER TABLE ONLY public.workspaces_user
    ADD CONSTRAINT workspaces_user_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.workspaces_user_user_permissions
    ADD CONSTRAINT workspaces_user_user_per_user_id_permission_id_09b3821a_uniq UNIQUE (user_id, permission_id);

ALTER TABLE ONLY public.workspaces_user_user_permissions
    ADD CONSTRAINT workspaces_user_user_permissions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.workspaces_workspace
    ADD CONSTRAINT workspaces_workspace_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.workspaces_workspace
    ADD CONSTRAINT workspaces_workspace_slug_key UNIQUE (slug);

CREATE INDEX account_emailaddress_email_03be32b2 ON public.account_emailaddress USING btree (email);

CREATE INDEX account_emailaddress_email_03be32b2_like ON public.account_emailaddress USING btree (email varchar_pattern_ops);

CREATE INDEX account_emailaddress_user_id_2c513194 ON public.account_emailaddress USING btree (user_id);

CREATE INDEX account_emailconfirmation_email_address_id_5b7f8c58 ON public.account_emailconfirmation USING btree (email_address_id);

CREATE INDEX account_emailconfirmation_key_f43612bd_like ON public.account_emailconfirmation USING btree (key varchar_pattern_ops);

CREATE INDEX article_search ON public.integrations_article USING gin (search);

CREATE INDEX audit_newest_first ON public.workspaces_auditentry USING btree (workspace_id, created_at DESC);

CREATE INDEX audit_of_target ON public.workspaces_auditentry USING btree (target_id, created_at);

CREATE INDEX auth_group_name_a6ea08ec_like ON public.auth_group USING btree (name varchar_pattern_ops);

CREATE INDEX auth_group_permissions_group_id_b120cbf9 ON public.auth_group_permissions USING btree (group_id);

CREATE INDEX auth_group_permissions_permission_id_84c5c92e ON public.auth_group_permissions USING btree (permission_id);

CREATE INDEX auth_permission_content_type_id_2f476e4b ON public.auth_permission USING btree (content_type_id);

CREATE INDEX conversation_assigned ON public.conversations_conversation USING btree (assignee_id, workspace_id, status, last_message_at DESC, id DESC) WHERE (assignee_id IS NOT NULL);

CREATE INDEX conversation_closed ON public.conversations_conversation USING btree (workspace_id, last_message_at DESC, id DESC) WHERE ((status)::text = 'closed'::text);

CREATE INDEX conversation_failed ON public.conversations_conversation USING btree (workspace_id, last_message_at DESC, id DESC) WHERE (reply_failed AND ((status)::text = 'open'::text));

CREATE INDEX conversation_newest_first ON public.conversations_conversation USING btree (workspace_id, last_message_at DESC, id DESC);

CREATE UNIQUE INDEX conversation_once_per_account ON public.conversations_conversation USING btree (account_id, external_id varchar_pattern_ops);

CREATE INDEX conversation_unanswered ON public.conversations_conversation USING btree (workspace_id, last_message_at DESC, id DESC) WHERE (((last_actor)::text = 'customer'::text) AND ((status)::text = 'open'::text));

CREATE INDEX conversations_earlierdraft_asked_by_id_3075e5cb ON public.conversations_earlierdraft USING btree (asked_by_id);

CREATE INDEX conversations_earlierdraft_reply_id_b22313d3 ON public.conversations_earlierdraft USING btree (reply_id);

CREATE INDEX conversations_earlierdraft_workspace_id_909764c5 ON public.conversations_earlierdraft USING btree (workspace_id);

CREATE INDEX conversations_note_author_id_53566395 ON public.conversations_note USING btree (author_id);

CREATE INDEX conversations_note_conversation_id_a486ed4c ON public.conversations_note USING btree (conversation_id);

CREATE INDEX conversations_note_workspace_id_96398e18 ON public.conversations_note USING btree (workspace_id);

CREATE INDEX conversations_reading_conversation_id_2c8d903d ON public.conversations_reading USING btree (conversation_id);

CREATE INDEX conversations_reading_user_id_76e8f389 ON public.conversations_reading USING btree (user_id);

CREATE INDEX conversations_reading_workspace_id_7606dd62 ON public.conversations_reading USING btree (workspace_id);

CREATE INDEX conversations_reply_conversation_id_3b5f2aa4 ON public.conversations_reply USING btree (conversation_id);

CREATE INDEX conversations_savedreply_workspace_id_acf696c8 ON public.conversations_savedreply USING btree (workspace_id);

CREATE INDEX conversations_viewing_conversation_id_bcb15b88 ON public.conversations_viewing USING btree (conversation_id);

CREATE INDEX conversations_viewing_user_id_fd3c97b1 ON public.conversations_viewing USING btree (user_id);

CREATE INDEX conversations_viewing_workspace_id_75a6689f ON public.conversations_viewing USING btree (workspace_id);

CREATE INDEX django_admin_log_content_type_id_c4bce8eb ON public.django_admin_log USING btree (content_type_id);

CREATE INDEX django_admin_log_user_id_c564eba6 ON public.django_admin_log USING btree (user_id);

CREATE INDEX django_session_expire_date_a5c62663 ON public.django_session USING btree (expire_date);

CREATE INDEX django_session_session_key_c0390e0f_like ON public.django_session USING btree (session_key varchar_pattern_ops);

CREATE INDEX integrations_article_workspace_id_bc135336 ON public.integrations_article USING btree (workspace_id);

CREATE INDEX integrations_integrationaccount_responder_id_9345878f ON public.integrations_integrationaccount USING btree (responder_id);

CREATE INDEX integrations_integrationaccount_workspace_id_8f32226a ON public.integrations_integrationaccount USING btree (workspace_id);

CREATE INDEX integrations_integrationtoken_account_id_10330000 ON public.integrations_integrationtoken USING btree (account_id);

CREATE INDEX integrations_integrationtoken_workspace_id_a77f6a89 ON public.integrations_integrationtoken USING btree (workspace_id);

CREATE INDEX integrations_refusedorigin_account_id_d95393ca ON public.integrations_refusedorigin USING btree (account_id);

CREATE INDEX integrations_refusedorigin_workspace_id_97b1f207 ON public.integrations_refusedorigin USING btree (workspace_id);

CREATE INDEX integrations_responder_workspace_id_042761d9 ON public.integrations_responder USING btree (workspace_id);

CREATE UNIQUE INDEX invitation_once_open_per_address ON public.workspaces_invitation USING btree (workspace_id, lower((email)::text)) WHERE (accepted_at IS NULL);

CREATE INDEX lumika_cache_expires ON public.lumika_cache USING btree (expires);

CREATE INDEX message_by_agent ON public.conversations_message USING btree (author_id) WHERE (author_id IS NOT NULL);

CREATE INDEX message_by_word ON public.conversations_message USING gin (public.message_words(workspace_id, body));

CREATE UNIQUE INDEX message_key_once_per_account ON public.conversations_message USING btree (account_id, client_message_id) WHERE (client_message_id IS NOT NULL);

CREATE INDEX mfa_authenticator_user_id_0c3a50c0 ON public.mfa_authenticator USING btree (user_id);

CREATE INDEX reply_approval_queue ON public.conversations_reply USING btree (workspace_id, created_at) WHERE ((status)::text = 'awaiting_approval'::text);

CREATE INDEX reply_failures ON public.conversations_reply USING btree (workspace_id, created_at) WHERE ((status)::text = 'failed'::text);

CREATE INDEX reply_leases ON public.conversations_reply USING btree (lease_expires_at) WHERE ((status)::text = 'generating'::text);

CREATE INDEX reply_newest ON public.conversations_reply USING btree (workspace_id, created_at);

CREATE UNIQUE INDEX reply_one_generating_per_conversation ON public.conversations_reply USING btree (conversation_id) WHERE ((status)::text = 'generating'::text);

CREATE INDEX reply_queue ON public.conversations_reply USING btree (created_at) WHERE ((status)::text = 'queued'::text);

CREATE INDEX reply_releases ON public.conversations_reply USING btree (release_at) WHERE ((release_at IS NOT NULL) AND ((status)::text = 'awaiting_approval'::text));

CREATE INDEX request_age ON public.integrations_requestrecord USING btree (created_at);

CREATE INDEX request_newest_first ON public.integrations_requestrecord USING btree (account_id, created_at DESC);

CREATE UNIQUE INDEX unique_authenticator_type ON public.mfa_authenticator USING btree (user_id, type) WHERE ((type)::text = ANY ((ARRAY['totp'::character varying, 'recovery_codes'::character varying])::text[]));

CREATE UNIQUE INDEX unique_primary_email ON public.account_emailaddress USING btree (user_id, "primary") WHERE "primary";

CREATE UNIQUE INDEX unique_verified_email ON public.account_emailaddress USING btree (email) WHERE verified;

CREATE INDEX workspaces_auditentry_actor_id_90ff42d0 ON public.workspaces_auditentry USING btree (actor_id);

CREATE INDEX workspaces_auditentry_workspace_id_f85fa331 ON public.workspaces_auditentry USING btree (workspace_id);

CREATE INDEX workspaces_invitation_invited_by_id_e6ce80bf ON public.workspaces_invitation USING btree (invited_by_id);

CREATE INDEX workspaces_invitation_workspace_id_5f5d7eee ON public.workspaces_invitation USING btree (workspace_id);

CREATE INDEX workspaces_membership_user_id_96a9ee37 ON public.workspaces_membership USING btree (user_id);

CREATE INDEX workspaces_membership_workspace_id_03c7ef39 ON public.workspaces_membership USING btree (workspace_id);

CREATE INDEX workspaces_user_email_b817d139_like ON public.workspaces_user USING btree (email varchar_pattern_ops);

CREATE INDEX workspaces_user_groups_group_id_b23d60db ON public.workspaces_user_groups USING btree (group_id);

CREATE INDEX workspaces_user_groups_user_id_4ba6664c ON public.workspaces_user_groups USING btree (user_id);

CREATE INDEX workspaces_user_user_permissions_permission_id_838e521f ON public.workspaces_user_user_permissions USING btree (permission_id);

CREATE INDEX workspaces_user_user_permissions_user_id_b1cea117 ON public.workspaces_user_user_permissions USING btree (user_id);

CREATE INDEX workspaces_workspace_slug_c37054a2_like ON public.workspaces_workspace USING btree (slug varchar_pattern_ops);

CREATE TRIGGER audit_is_append_only BEFORE UPDATE ON public.workspaces_auditentry FOR EACH ROW EXECUTE FUNCTION public.audit_is_append_only();

CREATE TRIGGER message_is_final BEFORE UPDATE OF id, workspace_id, account_id, conversation_id, sequence, actor, type, body, data, created_at, client_message_id ON public.conversations_message FOR EACH ROW EXECUTE FUNCTION public.message_is_final();

CREATE TRIGGER message_publish BEFORE INSERT ON public.conversations_message FOR EACH ROW EXECUTE FUNCTION public.message_publish();

CREATE TRIGGER reply_failure AFTER INSERT OR UPDATE OF status ON public.conversations_reply FOR EACH ROW WHEN (((new.status)::text = 'failed'::text)) EXECUTE FUNCTION public.reply_failure();

CREATE TRIGGER reply_failure_over AFTER UPDATE OF status ON public.conversations_reply FOR EACH ROW WHEN ((((old.status)::text = 'failed'::text) AND ((new.status)::text <> 'failed'::text))) EXECUTE FUNCTION public.reply_failure();

CREATE TRIGGER reply_is_final BEFORE UPDATE OF status ON public.conversations_reply FOR EACH ROW WHEN (((((old.status)::text = ANY ((ARRAY['sent'::character varying, 'rejected'::character varying, 'superseded'::character varying, 'canceled'::character varying])::text[])) AND ((new.status)::text <> (old.status)::text)) OR (((old.status)::text = 'failed'::text) AND ((new.status)::text <> ALL ((ARRAY['failed'::character varying, 'queued'::character varying, 'superseded'::character varying])::text[]))))) EXECUTE FUNCTION public.reply_is_final();

ALTER TABLE ONLY public.account_emailaddress
    ADD CONSTRAINT account_emailaddress_user_id_2c513194_fk_workspaces_user_id FOREIGN KEY (user_id) REFERENCES public.workspaces_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.account_emailconfirmation
    ADD CONSTRAINT account_emailconfirm_email_address_id_5b7f8c58_fk_account_e FOREIGN KEY (email_address_id) REFERENCES public.account_emailaddress(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissio_permission_id_84c5c92e_fk_auth_perm FOREIGN KEY (permission_id) REFERENCES public.auth_permission(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_group_id_b120cbf9_fk_auth_group_id FOREIGN KEY (group_id) REFERENCES public.auth_group(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_content_type_id_2f476e4b_fk_django_co FOREIGN KEY (content_type_id) REFERENCES public.django_content_type(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.conversations_conversation
    ADD CONSTRAINT conversations_conver_assignee_id_e845f644_fk_workspace FOREIGN KEY (assignee_id) REFERENCES public.workspaces_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.conversations_conversation
    ADD CONSTRAINT conversations_conversation_account_id_same_workspace FOREIGN KEY (account_id, workspace_id) REFERENCES public.integrations_integrationaccount(id, workspace_id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.conversations_deskpreferences
    ADD CONSTRAINT conversations_deskpr_user_id_49e152bd_fk_workspace FOREIGN KEY (user_id) REFERENCES public.workspaces_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.conversations_earlierdraft
    ADD CONSTRAINT conversations_earlie_asked_by_id_3075e5cb_fk_workspace FOREIGN KEY (asked_by_id) REFERENCES public.workspaces_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.conversations_earlierdraft
    ADD CONSTRAINT conversations_earlie_workspace_id_909764c5_fk_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces_workspace(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.conversations_earlierdraft
    ADD CONSTRAINT conversations_earlierdraft_reply_id_same_workspace FOREIGN KEY (reply_id, workspace_id) REFERENCES public.conversations_reply(id, workspace_id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.conversations_message
    ADD CONSTRAINT conversations_message_author_id_3d2a10d9_fk_workspaces_user_id FOREIGN KEY (author_id) REFERENCES public.workspaces_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.conversations_message
    ADD CONSTRAINT conversations_message_conversation_id_same_workspace FOREIGN KEY (conversation_id, workspace_id) REFERENCES public.conversations_conversation(id, workspace_id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.conversations_note
    ADD CONSTRAINT conversations_note_author_id_53566395_fk_workspaces_user_id FOREIGN KEY (author_id) REFERENCES public.workspaces_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.conversations_note
    ADD CONSTRAINT conversations_note_conversation_id_same_workspace FOREIGN KEY (conversation_id, workspace_id) REFERENCES public.conversations_conversation(id, workspace_id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.conversations_note
    ADD CONSTRAINT conversations_note_workspace_id_96398e18_fk_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces_workspace(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.conversations_reading
    ADD CONSTRAINT conversations_readin_workspace_id_7606dd62_fk_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces_workspace(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.conversations_reading
    ADD CONSTRAINT conversations_reading_conversation_id_same_workspace FOREIGN KEY (conversation_id, workspace_id) REFERENCES public.conversations_conversation(id, workspace_id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.conversations_reading
    ADD CONSTRAINT conversations_reading_user_id_76e8f389_fk_workspaces_user_id FOREIGN KEY (user_id) REFERENCES public.workspaces_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.conversations_reply
    ADD CONSTRAINT conversations_reply_conversation_id_same_workspace FOREIGN KEY (conversation_id, workspace_id) REFERENCES public.conversations_conversation(id, workspace_id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.conversations_reply
    ADD CONSTRAINT conversations_reply_customer_message_id_same_conversation FOREIGN KEY (customer_message_id, conversation_id) REFERENCES public.conversations_message(id, conversation_id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.conversations_reply
    ADD CONSTRAINT conversations_reply_decided_by_id_a5b7affa_fk_workspace FOREIGN KEY (decided_by_id) REFERENCES public.workspaces_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.conversations_reply
    ADD CONSTRAINT conversations_reply_message_id_same_conversation FOREIGN KEY (message_id, conversation_id) REFERENCES public.conversations_message(id, conversation_id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.conversations_savedreply
    ADD CONSTRAINT conversations_savedr_workspace_id_acf696c8_fk_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces_workspace(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.conversations_viewing
    ADD CONSTRAINT conversations_viewin_workspace_id_75a6689f_fk_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces_workspace(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.conversations_viewing
    ADD CONSTRAINT conversations_viewing_conversation_id_same_workspace FOREIGN KEY (conversation_id, workspace_id) REFERENCES public.conversations_conversation(id, workspace_id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.conversations_viewing
    ADD CONSTRAINT conversations_viewing_user_id_fd3c97b1_fk_workspaces_user_id FOREIGN KEY (user_id) REFERENCES public.workspaces_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.django_admin_log
    ADD CONSTRAINT django_admin_log_content_type_id_c4bce8eb_fk_django_co FOREIGN KEY (content_type_id) REFERENCES public.django_content_type(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.django_admin_log
    ADD CONSTRAINT django_admin_log_user_id_c564eba6_fk_workspaces_user_id FOREIGN KEY (user_id) REFERENCES public.workspaces_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.integrations_article
    ADD CONSTRAINT integrations_article_workspace_id_bc135336_fk_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces_workspace(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.integrations_integrationtoken
    ADD CONSTRAINT integrations_integra_account_id_10330000_fk_integrati FOREIGN KEY (account_id) REFERENCES public.integrations_integrationaccount(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.integrations_integrationaccount
    ADD CONSTRAINT integrations_integra_responder_id_9345878f_fk_integrati FOREIGN KEY (responder_id) REFERENCES public.integrations_responder(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.integrations_integrationaccount
    ADD CONSTRAINT integrations_integra_workspace_id_8f32226a_fk_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces_workspace(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.integrations_integrationtoken
    ADD CONSTRAINT integrations_integra_workspace_id_a77f6a89_fk_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces_workspace(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.integrations_integrationaccount
    ADD CONSTRAINT integrations_integrationaccount_responder_id_same_workspace FOREIGN KEY (responder_id, workspace_id) REFERENCES public.integrations_responder(id, workspace_id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.integrations_integrationtoken
    ADD CONSTRAINT integrations_integrationtoken_account_id_same_workspace FOREIGN KEY (account_id, workspace_id) REFERENCES public.integrations_integrationaccount(id, workspace_id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.integrations_refusedorigin
    ADD CONSTRAINT integrations_refused_account_id_d95393ca_fk_integrati FOREIGN KEY (account_id) REFERENCES public.integrations_integrationaccount(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.integrations_refusedorigin
    ADD CONSTRAINT integrations_refused_workspace_id_97b1f207_fk_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces_workspace(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.integrations_refusedorigin
    ADD CONSTRAINT integrations_refusedorigin_account_id_same_workspace FOREIGN KEY (account_id, workspace_id) REFERENCES public.integrations_integrationaccount(id, workspace_id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.integrations_requestrecord
    ADD CONSTRAINT integrations_requestrecord_account_id_same_workspace FOREIGN KEY (account_id, workspace_id) REFERENCES public.integrations_integrationaccount(id, workspace_id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.integrations_responder
    ADD CONSTRAINT integrations_respond_workspace_id_042761d9_fk_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces_workspace(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.mfa_authenticator
    ADD CONSTRAINT mfa_authenticator_user_id_0c3a50c0_fk_workspaces_user_id FOREIGN KEY (user_id) REFERENCES public.workspaces_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.workspaces_auditentry
    ADD CONSTRAINT workspaces_auditentr_workspace_id_f85fa331_fk_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces_workspace(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.workspaces_invitation
    ADD CONSTRAINT workspaces_invitatio_invited_by_id_e6ce80bf_fk_workspace FOREIGN KEY (invited_by_id) REFERENCES public.workspaces_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.workspaces_invitation
    ADD CONSTRAINT workspaces_invitatio_workspace_id_5f5d7eee_fk_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces_workspace(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.workspaces_membership
    ADD CONSTRAINT workspaces_membershi_workspace_id_03c7ef39_fk_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces_workspace(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.workspaces_membership
    ADD CONSTRAINT workspaces_membership_user_id_96a9ee37_fk_workspaces_user_id FOREIGN KEY (user_id) REFERENCES public.workspaces_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.workspaces_user_groups
    ADD CONSTRAINT workspaces_user_groups_group_id_b23d60db_fk_auth_group_id FOREIGN KEY (group_id) REFERENCES public.auth_group(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.workspaces_user_groups
    ADD CONSTRAINT workspaces_user_groups_user_id_4ba6664c_fk_workspaces_user_id FOREIGN KEY (user_id) REFERENCES public.workspaces_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.workspaces_user_user_permissions
    ADD CONSTRAINT workspaces_user_user_permission_id_838e521f_fk_auth_perm FOREIGN KEY (permission_id) REFERENCES public.auth_permission(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.workspaces_user_user_permissions
    ADD CONSTRAINT workspaces_user_user_user_id_b1cea117_fk_workspace FOREIGN KEY (user_id) REFERENCES public.workspaces_user(id) DEFERRABLE INITIALLY DEFERRED;

