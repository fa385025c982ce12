-- The articles of a workspace that share words with a question, best first.
--
-- Words are joined by OR and ranked by ts_rank(…, 1), which divides by the logarithm of the length: on whole
-- questions this finds the right article far more often than AND or ts_rank_cd (docs/decisions/0005).
--
-- What it costs is bounded in each article: the question is read once, not once for each article (MATERIALIZED), and
-- counts with its first 64 words; only the best ones' bodies are read. body: without comments where is_shown, else as
-- it was written, for whoever asks to take them out.
CREATE FUNCTION article_find_2(p_workspace uuid, p_question text, p_most integer)
RETURNS TABLE (id uuid, title text, body text, is_shown boolean, url text, score real)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    WITH languages AS (
        SELECT DISTINCT a.language FROM integrations_article a WHERE a.workspace_id = p_workspace
    ), queries AS MATERIALIZED (
        SELECT l.language, (
            SELECT string_agg(quote_literal(word.lexeme), ' | ')::tsquery
            FROM (
                SELECT w.lexeme FROM unnest(to_tsvector(article_config_1(l.language), left(p_question, 4000))) AS w
                ORDER BY w.positions[1] LIMIT 64
            ) AS word
        ) AS query
        FROM languages l
    ), best AS MATERIALIZED (
        SELECT a.id, ts_rank(a.search, q.query, 1) AS score
        FROM queries q
        JOIN integrations_article a ON a.language = q.language AND a.search @@ q.query
        WHERE a.workspace_id = p_workspace
        ORDER BY 2 DESC, 1
        LIMIT p_most
    )
    SELECT a.id, a.title::text,
        CASE WHEN article_is_shown(a.body, a.shown_of) THEN a.shown ELSE a.body END,
        article_is_shown(a.body, a.shown_of), a.url::text, best.score
    FROM best JOIN integrations_article a ON a.id = best.id AND a.workspace_id = p_workspace
    ORDER BY best.score DESC, a.id;
END
$$;

-- For servers of the version before, while they are replaced.
CREATE OR REPLACE FUNCTION article_find(p_workspace uuid, p_question text, p_most integer)
RETURNS TABLE (id uuid, title text, body text, url text, score real)
LANGUAGE sql STABLE AS $$
    SELECT f.id, f.title, f.body, f.url, f.score FROM article_find_2(p_workspace, p_question, p_most) f
$$;
