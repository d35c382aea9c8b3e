-- Whose keys were used where the trail was stopped? All they did, so that their usual place shows.
WITH places AS (
    SELECT source_ip_address FROM cloudtrail
    WHERE event_name = 'StopLogging' AND error_code IS NULL
), keys AS (
    SELECT user_identity_access_key_id FROM cloudtrail
    WHERE source_ip_address IN (SELECT source_ip_address FROM places)
)
SELECT user_identity_user_name AS who, source_ip_address AS address, event_name,
       count(DISTINCT event_id) AS calls,
       count(DISTINCT event_id) FILTER (WHERE error_code IS NOT NULL) AS refused,
       min(event_time) AS first_seen
FROM cloudtrail
WHERE user_identity_access_key_id IN (SELECT user_identity_access_key_id FROM keys)
GROUP BY 1, 2, 3
ORDER BY first_seen
