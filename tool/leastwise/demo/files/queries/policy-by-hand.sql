-- title: A policy of an enrolled principal was changed past this repository
-- why: What is changed by hand is not what was reviewed here: it widens access unseen, and the next deployment undoes it.
-- severity: high
-- schedule: daily
-- empty: only the deployers named in this file changed, or tried to change, what an enrolled user or role may do

WITH deployers (arn) AS (
  -- Who may change policies: the role of our pipeline.
  VALUES ('arn:aws:iam::111122223333:role/ci-deployer')
),
changes AS (
  SELECT
    eventtime,
    recipientaccountid AS account,
    eventname,
    json_extract_scalar(requestparameters, '$.roleName') AS role_name,
    json_extract_scalar(requestparameters, '$.userName') AS user_name,
    json_extract_scalar(requestparameters, '$.policyName') AS policy_name,
    json_extract_scalar(requestparameters, '$.policyArn') AS policy_arn,
    json_extract_scalar(requestparameters, '$.permissionsBoundary') AS boundary,
    COALESCE(useridentity.sessioncontext.sessionissuer.arn, useridentity.arn, useridentity.type) AS who,
    COALESCE(useridentity.invokedby, '') AS through,
    COALESCE(errorcode, 'done') AS outcome
  FROM cloudtrail
  WHERE eventtime >= {{from}} AND eventtime < {{to}}
    AND eventsource = 'iam.amazonaws.com'
    AND eventname IN (
      'AttachRolePolicy', 'DetachRolePolicy', 'PutRolePolicy', 'DeleteRolePolicy',
      'AttachUserPolicy', 'DetachUserPolicy', 'PutUserPolicy', 'DeleteUserPolicy',
      'PutRolePermissionsBoundary', 'DeleteRolePermissionsBoundary',
      'PutUserPermissionsBoundary', 'DeleteUserPermissionsBoundary',
      'CreatePolicyVersion', 'SetDefaultPolicyVersion', 'DeletePolicyVersion'
    )
)
SELECT
  eventtime,
  account,
  eventname,
  -- A version of a managed policy changes whoever holds it; the record does not say who that is.
  COALESCE('role ' || role_name, 'user ' || user_name, 'whoever holds it') AS whose,
  COALESCE(policy_arn, policy_name, boundary) AS policy,
  who,
  through,
  outcome
FROM changes
WHERE who NOT IN (SELECT arn FROM deployers)
  AND (
    (role_name IS NULL AND user_name IS NULL)
    OR any_match(
      ARRAY[{{principals}}],
      p -> split_part(p, ':', 5) = account
        AND element_at(split(p, '/'), -1) = COALESCE(role_name, user_name)
        AND split_part(split_part(p, ':', 6), '/', 1) = IF(role_name IS NULL, 'user', 'role')
    )
  )
ORDER BY eventtime DESC, eventname
