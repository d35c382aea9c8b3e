-- Who tried to blind us, who was refused, and who gave us our sight back?
SELECT DISTINCT event_time, event_name, error_code AS refused,
       regexp_replace(user_identity_arn, '^.*/', '') AS who, source_ip_address AS address
FROM cloudtrail
WHERE event_name IN (
    'StopLogging', 'StartLogging', 'DeleteTrail', 'PutEventSelectors', 'UpdateDetector',
    'DeleteDetector', 'DeleteFlowLogs', 'StopConfigurationRecorder', 'DeleteLogGroup'
)
ORDER BY event_time
