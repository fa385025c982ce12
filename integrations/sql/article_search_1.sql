-- Full-text search over articles: one vector per article, one search function for responders and pages alike.

CREATE FUNCTION article_config(language text) RETURNS regconfig
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
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

CREATE FUNCTION article_vector(language text, title text, body text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT setweight(to_tsvector(article_config(language), title), 'A')
        || to_tsvector(article_config(language), body)
$$;
