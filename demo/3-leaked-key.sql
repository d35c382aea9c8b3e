-- What else was done with the key that stopped the trail, from where, and what was refused?
SELECT user_identity_access_key_id AS access_key, source_ip_address, event_source, event_name,
       count(DISTINCT event_id) AS calls,
       count(DISTINCT event_id) FILTER (WHERE error_code IS NOT NULL) AS refused,
       min(event_time) AS first_seen, max(event_time) AS last_seen
FROM cloudtrail
WHERE user_identity_access_key_id IN (SELECT user_identity_access_key_id FROM cloudtrail WHERE event_name = 'StopLogging')
GROUP BY 1, 2, 3, 4
ORDER BY first_seen
