-- The words of a message have their version in their name, message_words_1, since an index uses them. This is for
-- servers of the version before, while they are replaced; the planner sees through it, so they use the index too.
CREATE FUNCTION message_words(p_workspace uuid, p_body text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN message_words_1(p_workspace, p_body);
