-- The articles of a workspace that share words with a question, best first.
--
-- Words are joined by OR and ranked by ts_rank(…, 1), which divides by the logarithm of the length: on whole
-- questions this finds the right article far more often than AND or ts_rank_cd (docs/decisions/).
CREATE FUNCTION article_find(p_workspace uuid, p_question text, p_most integer)
RETURNS TABLE (id uuid, title text, body text, url text, score real)
LANGUAGE plpgsql STABLE AS $$
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
