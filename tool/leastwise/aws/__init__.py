"""The edge to AWS: sessions per account, calls that are paced and tried again, AWS's errors in our words.

::

    sessions    the only place that imports boto3 and botocore
    caller      one client's calls: pace, throttling, expired credentials
    advice      AWS error codes -> what a person can do
    cloudtrail  CloudTrail Lake queries, event data stores, trails
    s3          a bucket: lists, reads, conditional writes
    athena      Athena queries, tables, workgroups
    access_analyzer  policy generation, policy checks
    iam         roles and users, and the policies they hold
    iam_writes  writes to them
    sso_writes  writes to permission sets, and their provisioning
    sts         who we are
    sso_admin   permission sets of IAM Identity Center, and what they hold

Callers get frozen values, or ``AwsError``; nobody outside sees a client, a response or a botocore exception.
"""
