-- Whose password was guessed? Three or more failed sign-ins to the console, and after them one without a second factor.
-- (AWS delivers some records twice, so events are counted by their ids.)
WITH tries AS (
    SELECT user_identity_user_name AS who, source_ip_address, event_id, event_time,
           error_message IS NULL AS worked,
           json_extract_scalar(additional_event_data, '$.MFAUsed') AS mfa
    FROM cloudtrail
    WHERE event_name = 'ConsoleLogin'
)
SELECT inside.who, inside.source_ip_address AS address, count(DISTINCT failed.event_id) AS failed,
       min(failed.event_time) AS first_try, max(failed.event_time) AS last_try, inside.event_time AS got_in
FROM tries AS inside
JOIN tries AS failed
  ON failed.who = inside.who AND failed.source_ip_address = inside.source_ip_address
 AND failed.event_time < inside.event_time AND NOT failed.worked
WHERE inside.worked AND inside.mfa = 'No'
GROUP BY inside.who, inside.source_ip_address, inside.event_time
HAVING count(DISTINCT failed.event_id) >= 3
ORDER BY got_in
