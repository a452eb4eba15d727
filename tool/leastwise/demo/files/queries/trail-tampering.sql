-- title: Somebody changed what CloudTrail records
-- why: An intruder who stops or narrows a trail is no longer seen; and what was not logged must not count as unused.
-- severity: critical
-- schedule: daily
-- empty: no call stopped, deleted or changed a trail or an event data store; none was refused either

SELECT
  eventtime,
  recipientaccountid AS account,
  awsregion,
  eventname,
  COALESCE(
    json_extract_scalar(requestparameters, '$.name'),
    json_extract_scalar(requestparameters, '$.trailName'),
    json_extract_scalar(requestparameters, '$.eventDataStore'),
    json_extract_scalar(requestparameters, '$.channel')
  ) AS what,
  COALESCE(useridentity.sessioncontext.sessionissuer.arn, useridentity.arn) AS who,
  COALESCE(errorcode, 'done') AS outcome
FROM cloudtrail
WHERE eventtime >= {{from}} AND eventtime < {{to}}
  AND eventsource = 'cloudtrail.amazonaws.com'
  AND eventname IN (
    'StopLogging', 'DeleteTrail', 'UpdateTrail', 'PutEventSelectors', 'PutInsightSelectors',
    'DeleteEventDataStore', 'UpdateEventDataStore', 'StopEventDataStoreIngestion', 'DisableFederation',
    'PutEventConfiguration', 'DeleteChannel', 'UpdateChannel', 'DeregisterOrganizationDelegatedAdmin'
  )
  -- CloudTrail itself copies an organization's trail into new accounts.
  AND COALESCE(useridentity.invokedby, '') <> 'cloudtrail.amazonaws.com'
  AND COALESCE(eventtype, '') <> 'AwsServiceEvent'
ORDER BY eventtime DESC, eventname
