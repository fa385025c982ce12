-- What must hold whatever was killed meanwhile, once all is quiet. One row for every breach: which rule, and what.

SELECT 'lost' AS kind, 'a message that was sent is stored' AS rule, s.external_id || ': ' || s.body AS what
FROM faults_send s
WHERE NOT EXISTS (SELECT 1 FROM conversations_message m WHERE m.actor = 'customer' AND m.body = s.body)

UNION ALL
SELECT 'twice', 'a message is stored once', m.body || ' × ' || count(*)
FROM conversations_message m WHERE m.actor = 'customer'
GROUP BY m.body HAVING count(*) > 1

UNION ALL
SELECT 'broken', 'a message stands in the conversation that it was sent to', s.body
FROM faults_send s
JOIN conversations_message m ON m.actor = 'customer' AND m.body = s.body
JOIN conversations_conversation c ON c.id = m.conversation_id
WHERE c.external_id <> s.external_id

UNION ALL
SELECT 'broken', 'every customer message was sent by somebody', m.body
FROM conversations_message m
WHERE m.actor = 'customer' AND NOT EXISTS (SELECT 1 FROM faults_send s WHERE s.body = m.body)

UNION ALL
SELECT 'lost', 'a customer message has a reply', m.body
FROM conversations_message m
WHERE m.actor = 'customer' AND NOT EXISTS (SELECT 1 FROM conversations_reply r WHERE r.customer_message_id = m.id)

UNION ALL
SELECT 'lost', 'a reply comes to an end', r.id || ' ' || r.status
FROM conversations_reply r WHERE r.status IN ('queued', 'generating')

UNION ALL
SELECT 'lost', 'a reply that was sent has its message, word for word', r.id::text
FROM conversations_reply r LEFT JOIN conversations_message m ON m.id = r.message_id
WHERE r.status = 'sent' AND (m.id IS NULL OR m.body <> r.text OR m.conversation_id <> r.conversation_id)

UNION ALL
SELECT 'twice', 'an answer belongs to one reply', m.id || ' × ' || count(r.id)
FROM conversations_message m LEFT JOIN conversations_reply r ON r.message_id = m.id AND r.status = 'sent'
WHERE m.actor = 'assistant'
GROUP BY m.id HAVING count(r.id) <> 1

UNION ALL
SELECT 'broken', 'the numbers of a conversation have no gap', c.external_id
FROM conversations_conversation c LEFT JOIN conversations_message m ON m.conversation_id = c.id
GROUP BY c.id
HAVING c.last_sequence <> count(m.id) OR count(DISTINCT m.sequence) <> count(m.id)
    OR coalesce(min(m.sequence), 1) <> 1 OR coalesce(max(m.sequence), 0) <> count(m.id)

UNION ALL
SELECT 'broken', 'the numbers follow the time', m.id::text
FROM (
    SELECT id, created_at, lag(created_at) OVER (PARTITION BY conversation_id ORDER BY sequence) AS before
    FROM conversations_message
) m
WHERE m.created_at < m.before

UNION ALL
SELECT 'broken', 'answers come in the order of the messages', later.body
FROM conversations_reply a
JOIN conversations_reply b ON b.conversation_id = a.conversation_id AND a.status = 'sent' AND b.status = 'sent'
JOIN conversations_message earlier ON earlier.id = a.customer_message_id
JOIN conversations_message later ON later.id = b.customer_message_id AND later.sequence > earlier.sequence
JOIN conversations_message answer_a ON answer_a.id = a.message_id
JOIN conversations_message answer_b ON answer_b.id = b.message_id
WHERE answer_b.sequence < answer_a.sequence

UNION ALL
SELECT 'broken', 'what has ended does not change', t.reply_id || ' ' || t.old_status || ' → ' || t.new_status
FROM faults_transition t
WHERE t.old_status IN ('sent', 'rejected', 'superseded', 'canceled', 'failed')

UNION ALL
SELECT 'broken', 'states follow the map', t.reply_id || ' ' || t.old_status || ' → ' || t.new_status
FROM faults_transition t
WHERE t.old_status <> t.new_status AND (t.old_status, t.new_status) NOT IN (
    ('queued', 'generating'), ('queued', 'superseded'), ('queued', 'by_hand'), ('queued', 'canceled'),
    ('generating', 'sent'), ('generating', 'awaiting_approval'), ('generating', 'failed'),
    ('generating', 'canceled'), ('generating', 'superseded'),
    ('awaiting_approval', 'sent'), ('awaiting_approval', 'rejected'), ('awaiting_approval', 'superseded'),
    ('by_hand', 'sent'), ('by_hand', 'superseded'))
  AND t.old_status NOT IN ('sent', 'rejected', 'superseded', 'canceled', 'failed')

UNION ALL
SELECT 'broken', 'attempts only go up', t.reply_id || ' ' || t.old_attempt || ' → ' || t.new_attempt
FROM faults_transition t WHERE t.new_attempt NOT IN (t.old_attempt, t.old_attempt + 1)
