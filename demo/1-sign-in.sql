-- Whose password was guessed? Three or more failed sign-ins, and after them one without MFA.
-- (AWS delivers some records twice, so events are counted by their ids.)
WITH tries AS (
    SELECT user_identity_user_name AS who, source_ip_address AS address, event_id, event_time,
           error_message IS NULL AS worked,
           json_extract_scalar(additional_event_data, '$.MFAUsed') AS mfa
    FROM cloudtrail
    WHERE event_name = 'ConsoleLogin'
)
SELECT inside.who, inside.address, count(DISTINCT failed.event_id) AS failed,
       min(failed.event_time) AS first_try, inside.event_time AS got_in
FROM tries AS inside
JOIN tries AS failed
  ON failed.who = inside.who AND failed.address = inside.address
 AND failed.event_time < inside.event_time AND NOT failed.worked
WHERE inside.worked AND inside.mfa = 'No'
GROUP BY inside.who, inside.address, inside.event_time
HAVING count(DISTINCT failed.event_id) >= 3
ORDER BY got_in
