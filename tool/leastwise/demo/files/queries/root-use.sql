-- title: The root user was used
-- why: The root user passes every policy. Few tasks need it, and none of them comes up by surprise.
-- severity: critical
-- schedule: daily
-- empty: nobody used, or tried to use, the root user of an account that this source records

-- What AWS does on behalf of an account by itself (invokedBy, AwsServiceEvent) also carries root's name: left out,
-- as in the CIS AWS Foundations Benchmark ("Ensure usage of the root account is monitored").
SELECT
  eventtime,
  recipientaccountid AS account,
  awsregion,
  eventsource,
  eventname,
  COALESCE(errorcode, json_extract_scalar(responseelements, '$.ConsoleLogin'), '') AS outcome,
  json_extract_scalar(additionaleventdata, '$.MFAUsed') AS mfa_used,
  sourceipaddress
FROM cloudtrail
WHERE eventtime >= {{from}} AND eventtime < {{to}}
  AND useridentity.type = 'Root'
  AND COALESCE(useridentity.invokedby, '') = ''
  AND COALESCE(eventtype, '') <> 'AwsServiceEvent'
ORDER BY eventtime DESC, eventname
