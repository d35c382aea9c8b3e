-- Whose password was guessed? Addresses with failed console sign-ins and then one that worked, without MFA.
-- (AWS delivers some records twice, so events are counted by their ids.)
SELECT source_ip_address,
       count(DISTINCT event_id) FILTER (WHERE error_message IS NOT NULL) AS failed,
       count(DISTINCT event_id) FILTER (WHERE error_message IS NULL) AS worked,
       max(json_extract_scalar(additional_event_data, '$.MFAUsed')) AS mfa_used,
       min(event_time) AS first_try,
       max(event_time) FILTER (WHERE error_message IS NULL) AS got_in,
       max(user_identity_arn) AS as_whom
FROM cloudtrail
WHERE event_name = 'ConsoleLogin'
GROUP BY source_ip_address
HAVING count(DISTINCT event_id) FILTER (WHERE error_message IS NOT NULL) >= 3
   AND count(DISTINCT event_id) FILTER (WHERE error_message IS NULL) >= 1
ORDER BY failed DESC
