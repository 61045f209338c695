-- The ten headline metrics in one DuckDB script: facts as temporary tables, then one SELECT.
-- Parameters ({data}) are filled in by duckdb_ten.py; opinion_of and sensitive_hits come from there too.

-- The order of the contract (sent_at, seq, file order) as one number.
CREATE TEMP VIEW messages AS
SELECT m.*, epoch_us(sent_at) AS t,
       (epoch_us(sent_at)::HUGEINT << 64) | ((coalesce(seq, 8388607)::BIGINT << 40) | (file_index::BIGINT << 30) | file_row_number) AS k
FROM read_parquet('{data}/messages/*.parquet') m;

-- The same message_id twice in one session is one message, the first.
CREATE TEMP TABLE repeated AS
SELECT hash(session_id, message_id) AS h FROM messages WHERE message_id IS NOT NULL GROUP BY h HAVING count(*) > 1;

CREATE TEMP TABLE dropped AS
SELECT k FROM messages SEMI JOIN repeated ON h = hash(session_id, message_id)
WHERE message_id IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY session_id, message_id ORDER BY k) > 1;

CREATE TEMP TABLE m AS
SELECT session_id, k, t, who, coalesce(sender_id, 'unknown') AS sender, script_id IS NOT NULL AS scripted,
       CASE WHEN who = 'customer' THEN {opinion} ELSE false END AS opinion, CASE WHEN who = 'agent' THEN text END AS text
FROM (
    SELECT *, CASE WHEN event IS NOT NULL THEN lower(event) WHEN automatic THEN 'system' ELSE lower(role) END AS who
    FROM messages WHERE NOT coalesce(private, false)
) ANTI JOIN dropped USING (k);

CREATE TEMP TABLE spoken AS
SELECT session_id,
       min(t) AS first_t, max(t) AS last_t,
       max(k) FILTER (who = 'closed') >> 64 AS closed_t,
       min(k) FILTER (who = 'handoff') AS handoff_k,
       min(k) FILTER (who = 'agent') AS first_agent, max(t) FILTER (who = 'agent') AS last_agent_t,
       min(sender) FILTER (who = 'agent') <> max(sender) FILTER (who = 'agent') AS several,
       bool_or(who = 'bot') AS bot,
       min(t) FILTER (opinion) AS opinion_t
FROM m GROUP BY session_id;

CREATE TEMP TABLE s AS
SELECT session_id, epoch_us(handed_off_at) AS told_t, handoff_k, first_agent, several, bot, opinion_t, closed_by,
       coalesce(epoch_us(opened_at), first_t) AS opened_t,
       greatest(coalesce(epoch_us(closed_at), closed_t, last_t), last_agent_t) AS ended_t,
       first_agent IS NOT NULL AS human,
       handed_off_at IS NOT NULL OR handoff_k IS NOT NULL OR first_agent IS NOT NULL AS handed_off
FROM (SELECT session_id, opened_at, handed_off_at, closed_at, lower(closed_by) AS closed_by
      FROM read_parquet('{data}/sessions/*.parquet')) FULL JOIN spoken USING (session_id)
WHERE coalesce(epoch_us(opened_at), first_t) IS NOT NULL;

-- Where the human phase starts: a time, or the place of a message.
CREATE TEMP TABLE implicit AS
SELECT session_id, first(first_agent) AS first_agent, max(k) FILTER (who = 'bot' AND k < first_agent) AS last_bot
FROM m JOIN (SELECT session_id, first_agent FROM s WHERE human AND told_t IS NULL AND handoff_k IS NULL) USING (session_id)
GROUP BY session_id;

CREATE TEMP TABLE from_message AS
SELECT session_id, coalesce(min(k) FILTER (who = 'customer' AND k > last_bot AND k < first_agent), any_value(first_agent)) AS h_k
FROM m JOIN (FROM implicit WHERE last_bot IS NOT NULL) USING (session_id) GROUP BY session_id;

CREATE TEMP TABLE phase AS
SELECT session_id, row_number() OVER () AS i, told_t IS NOT NULL OR handoff_k IS NOT NULL AS explicit,
       CASE WHEN told_t IS NULL THEN coalesce(handoff_k, h_k) END AS h_k,
       coalesce(told_t, (handoff_k >> 64)::BIGINT, (h_k >> 64)::BIGINT, opened_t) AS h_t
FROM s LEFT JOIN from_message USING (session_id) WHERE human;

-- A turn is what lies between two agent messages.
CREATE TEMP TABLE turns AS
SELECT i, max(t) FILTER (agent) AS answered_t, min(t) FILTER (NOT agent) AS asked_t,
       CASE WHEN n = 0 AND any_value(explicit) THEN any_value(h_t) ELSE asked_t END AS begin_t
FROM (
    SELECT i, t, who = 'agent' AS agent, explicit, h_t,
           sum((who = 'agent')::INT) OVER (PARTITION BY i ORDER BY k) - (who = 'agent')::INT AS n
    FROM m JOIN phase USING (session_id)
    WHERE who IN ('customer', 'agent') AND CASE WHEN h_k IS NULL THEN t >= h_t ELSE k >= h_k END
) GROUP BY i, n HAVING answered_t IS NOT NULL AND begin_t IS NOT NULL;

-- Services, and how many of an agent's are open at once.
CREATE TEMP TABLE services AS
SELECT session_id, sender, min(t) AS begin_t, CASE WHEN max(next_t) FILTER (last) IS NULL THEN any_value(ended_t) ELSE max(next_t) FILTER (last) END AS end_t
FROM (
    SELECT session_id, sender, t, ended_t, lead(t) OVER o AS next_t,
           row_number() OVER (PARTITION BY session_id, sender ORDER BY k DESC) = 1 AS last
    FROM m JOIN s USING (session_id) WHERE who = 'agent' AND several WINDOW o AS (PARTITION BY session_id ORDER BY k)
) GROUP BY session_id, sender
UNION ALL
SELECT session_id, any_value(sender), min(t), any_value(ended_t)
FROM m JOIN s USING (session_id) WHERE who = 'agent' AND NOT several GROUP BY session_id;

CREATE TEMP TABLE peaks AS
SELECT sender, max(n) AS peak FROM (
    SELECT sender, sum(d) OVER (PARTITION BY sender ORDER BY t, d ROWS UNBOUNDED PRECEDING) AS n FROM (
        SELECT sender, begin_t AS t, 1 AS d FROM services
        UNION ALL SELECT sender, greatest(end_t, begin_t + 1000000), -1 FROM services
    )
) GROUP BY sender;

-- Hotspots: what the rules say at the end of the period.
CREATE TEMP TABLE period AS
SELECT min(day) AS first_day, max(day) AS last_day,
       timezone('Asia/Shanghai', first_day::TIMESTAMP) AS starts, timezone('Asia/Shanghai', last_day::TIMESTAMP + INTERVAL 1 DAY) AS ends
FROM (SELECT timezone('Asia/Shanghai', to_timestamp(opened_t / 1e6))::DATE AS day FROM s);

CREATE TEMP TABLE needing AS
WITH recent AS (
    SELECT hotspot_id, count(*) FILTER (clicked) AS clicks, count(outcome) AS n,
           count(*) FILTER (outcome IN ('adopted', 'resolved')) / count(outcome) AS p
    FROM read_parquet('{data}/recommendations/*.parquet'), period
    WHERE timezone('Asia/Shanghai', shown_at)::DATE BETWEEN last_day - 29 AND last_day GROUP BY hotspot_id
), judged AS (
    SELECT *, CASE WHEN repaired_at < starts THEN repaired_at END AS earlier,
           earlier >= ends - INTERVAL 30 DAY AS anew,
           knowledge_updated_at > greatest(published_at, earlier) AND knowledge_updated_at < ends AS stale,
           (earlier IS NULL OR flagged_at > earlier) AND flagged_at < ends AS told,
           coalesce(clicks, 0) < 10 AND NOT coalesce(anew, false) AS low_clicks,
           n >= 20 AND NOT coalesce(anew, false)
             AND (p + 1.959963984540054^2 / (2 * n) + 1.959963984540054 * sqrt(p * (1 - p) / n + 1.959963984540054^2 / (4 * n * n)))
                 / (1 + 1.959963984540054^2 / n) < 0.5 AS low_adoption
    FROM read_parquet('{data}/hotspots.parquet') LEFT JOIN recent USING (hotspot_id), period
)
SELECT repaired_at >= starts AND repaired_at < ends
         AND (low_clicks OR low_adoption
              OR repaired_at >= least(CASE WHEN told THEN flagged_at END, CASE WHEN stale THEN knowledge_updated_at END)) AS repaired
FROM judged WHERE told OR stale OR low_clicks OR low_adoption;

-- Texts are searched once each.
CREATE TEMP TABLE hits AS
SELECT sum(n * sensitive_hits(text)) AS n FROM (SELECT text, count(*) AS n FROM m WHERE text IS NOT NULL GROUP BY text);

SELECT
    (SELECT count(*) FROM m WHERE who = 'agent' AND scripted) / h AS script_usage_rate,
    (SELECT count(*) FILTER (bot AND NOT handed_off) / nullif(count(*) FILTER (bot OR handed_off), 0) FROM s) AS robot_interception_rate,
    (SELECT count(*) FILTER (repaired) / nullif(count(*), 0) FROM needing) AS hotspot_repair_rate,
    (SELECT count(*) FILTER (lower(outcome) IN ('adopted', 'resolved')) FROM read_parquet('{data}/recommendations/*.parquet')) / h
        AS hotspot_adoption_rate,
    (SELECT count(*) FILTER (epoch_us(raised) <= opinion_t + 1800000000) / nullif(count(*), 0)
     FROM s LEFT JOIN (SELECT session_id, min(raised_at) AS raised FROM read_parquet('{data}/alerts/*.parquet') GROUP BY 1)
     USING (session_id) WHERE opinion_t IS NOT NULL) AS opinion_alert_timeliness,
    (SELECT n FROM hits) / h AS sensitive_word_rate,
    (SELECT count(*) FILTER (closed_by = 'agent') / nullif(count(closed_by), 0) FROM s WHERE human) AS agent_closed_rate,
    (SELECT sum((answered_t - begin_t) // 1000) / nullif(count(*), 0) / 1000 FROM turns) AS reply_interval,
    (SELECT avg(peak) FROM peaks) AS peak_concurrency,
    (SELECT count(asked_t) FROM turns) / h AS interactions_per_session
FROM (SELECT nullif(count(*), 0) AS h FROM s WHERE human);
