-- Full-text search over articles: one vector per article, of what readers see of it.
--
-- What they do not see, comments, is taken out in Python (integrations/comments.py). The rest stands in `shown`, and
-- `shown_of` tells which body it is of: a body that was written past the model, such as by a server of the version
-- before, is searched as it stands until it is saved again. Where a body has no comments, both are empty. What is left
-- of `<!--` stands in code, where readers see it; PostgreSQL's parser alone would take it for a tag, and pass it over.
CREATE FUNCTION article_is_shown(body text, shown_of text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN shown_of <> '' AND shown_of = encode(sha256(convert_to(body, 'UTF8')), 'hex');

CREATE FUNCTION article_vector_2(language text, title text, body text, shown text, shown_of text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN setweight(
    to_tsvector(article_config_1(language), regexp_replace(title, '<!--.*?(--!?>|$)', ' ', 'g')), 'A'
) || to_tsvector(
    article_config_1(language),
    CASE WHEN article_is_shown(body, shown_of) THEN replace(shown, '<!--', ' ') ELSE body END
);
