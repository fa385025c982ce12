-- The words of a message, as the inbox finds it by them (docs/decisions/0008-inbox-search.md). The workspace is a word
-- too, so that a search reads its own workspace's part of the index and nobody else's.
--
-- What joins or surrounds words becomes a space first: PostgreSQL's parser would take `A-1042` for the number -1042,
-- `shop.example` for one word, and a typographic quote for a letter. A body beyond the limit is found by its beginning.
CREATE OR REPLACE FUNCTION message_words(p_workspace uuid, p_body text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN to_tsvector(
    'simple'::regconfig,
    'w' || replace(p_workspace::text, '-', '') || ' '
        || regexp_replace(left(p_body, 50000), '[-/.@_\u00a0-\u00bf\u2000-\u206f\u3000-\u303f]', ' ', 'g')
);
