-- title: An access key was made
-- why: A long-lived key works from anywhere until somebody deletes it. One made for another user is how intruders stay.
-- severity: high
-- schedule: daily
-- empty: nobody made, or tried to make, an access key for a user

SELECT
  eventtime,
  recipientaccountid AS account,
  COALESCE(useridentity.sessioncontext.sessionissuer.arn, useridentity.arn) AS made_by,
  -- Without a user name the key is for whoever asks.
  COALESCE(
    json_extract_scalar(requestparameters, '$.userName'),
    json_extract_scalar(responseelements, '$.accessKey.userName'),
    useridentity.username,
    useridentity.type
  ) AS made_for,
  COALESCE(
    useridentity.type <> 'IAMUser'
      OR json_extract_scalar(requestparameters, '$.userName') <> useridentity.username,
    false
  ) AS for_another,
  json_extract_scalar(responseelements, '$.accessKey.accessKeyId') AS access_key_id,
  COALESCE(errorcode, 'done') AS outcome
FROM cloudtrail
WHERE eventtime >= {{from}} AND eventtime < {{to}}
  AND eventsource = 'iam.amazonaws.com'
  AND eventname = 'CreateAccessKey'
ORDER BY eventtime DESC, made_for
