-- Who tried to blind us? Calls that switch off logs and detectors, and the keys they were signed with.
SELECT DISTINCT event_time, event_name, error_code, user_identity_arn, user_identity_access_key_id, source_ip_address
FROM cloudtrail
WHERE event_name IN ('StopLogging', 'DeleteTrail', 'PutEventSelectors', 'UpdateDetector', 'DeleteDetector',
                     'DeleteFlowLogs', 'StopConfigurationRecorder', 'DeleteLogGroup')
ORDER BY event_time
