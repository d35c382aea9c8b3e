-- Whose keys were used where the trail was stopped? All their calls, so that their usual work and address show, too.
WITH keys AS (
    SELECT user_identity_access_key_id AS access_key
    FROM cloudtrail
    WHERE source_ip_address IN (
        SELECT source_ip_address FROM cloudtrail WHERE event_name = 'StopLogging' AND error_code IS NULL
    )
)
SELECT user_identity_user_name AS who, source_ip_address AS address, event_name,
       count(DISTINCT event_id) AS calls,
       count(DISTINCT event_id) FILTER (WHERE error_code IS NOT NULL) AS refused,
       min(event_time) AS first_seen
FROM cloudtrail
WHERE user_identity_access_key_id IN (SELECT access_key FROM keys)
GROUP BY 1, 2, 3
ORDER BY first_seen
