"""The Athena table over a trail's log files: which columns it must have, and the statement that makes it.

From https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table-partition-projection.html
(2026-11-23), with a partition for each account and region, and with ``sourceidentity``, by which sessions are
told apart.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from leastwise.errors import SourceError
from leastwise.sql_text import identifier, literal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from leastwise.aws.athena import Table

_COMMON = frozenset(
    {
        "awsregion",
        "errorcode",
        "errormessage",
        "eventcategory",
        "eventid",
        "eventname",
        "eventsource",
        "eventtime",
        "eventtype",
        "recipientaccountid",
        "resources",
        "useridentity",
    }
)
_OF_SHAPE = {"trail": frozenset({"requestparameters", "responseelements"}), "lake": frozenset({"eventjson"})}

_COLUMNS = """\
  eventversion STRING,
  useridentity STRUCT<
    type: STRING, principalid: STRING, arn: STRING, accountid: STRING, invokedby: STRING,
    accesskeyid: STRING, username: STRING,
    onbehalfof: STRUCT<userid: STRING, identitystorearn: STRING>,
    sessioncontext: STRUCT<
      attributes: STRUCT<mfaauthenticated: STRING, creationdate: STRING>,
      sessionissuer: STRUCT<
        type: STRING, principalid: STRING, arn: STRING, accountid: STRING, username: STRING>,
      sourceidentity: STRING,
      ec2roledelivery: STRING,
      webidfederationdata: STRUCT<federatedprovider: STRING, attributes: MAP<STRING, STRING>>>>,
  eventtime STRING,
  eventsource STRING,
  eventname STRING,
  awsregion STRING,
  sourceipaddress STRING,
  useragent STRING,
  errorcode STRING,
  errormessage STRING,
  requestparameters STRING,
  responseelements STRING,
  additionaleventdata STRING,
  requestid STRING,
  eventid STRING,
  readonly STRING,
  resources ARRAY<STRUCT<arn: STRING, accountid: STRING, type: STRING>>,
  eventtype STRING,
  apiversion STRING,
  recipientaccountid STRING,
  serviceeventdetails STRING,
  sharedeventid STRING,
  vpcendpointid STRING,
  vpcendpointaccountid STRING,
  eventcategory STRING,
  addendum STRUCT<reason: STRING, updatedfields: STRING, originalrequestid: STRING, originaleventid: STRING>,
  sessioncredentialfromconsole STRING,
  edgedevicedetails STRING,
  tlsdetails STRUCT<tlsversion: STRING, ciphersuite: STRING, clientprovidedhostheader: STRING>"""


REACH = timedelta(days=400)
"""A month beside the eleven before it, which an audit asks for, and some days.  A table without an end would
have Athena look into a folder for each day since 2013, in each account and region."""


def missing_columns(table: Table, shape: str) -> list[str]:
    """The columns that a statement needs and the table lacks, sorted; ``shape`` is ``table_shape``."""
    return sorted((_COMMON | _OF_SHAPE[shape]) - table.columns.keys())


def table_statement(
    table: tuple[str, str],
    location: str,
    accounts: Sequence[str],
    regions: Sequence[str],
    since: date | timedelta = REACH,
) -> str:
    """The statement that makes the table ``(database, name)``.

    ``location`` is the folder that holds one folder for each account:
    ``s3://BUCKET/AWSLogs/``, ``s3://BUCKET/PREFIX/AWSLogs/o-ORGANIZATION/``.  ``since`` is the first day of
    delivery that can be asked for, or how long before each query it is.  Raises ``SourceError`` where a part
    is not what it should be.
    """
    folder = location if location.endswith("/") else f"{location}/"
    if not folder.startswith("s3://") or "$" in folder:
        raise SourceError(f"expected the s3:// folder that holds the accounts' folders, found {location!r}")
    if not accounts or not regions:
        raise SourceError("expected at least one account and one region for the table's partitions")
    database, name = (identifier(part).replace('"', "`") for part in table)
    properties = {
        "projection.enabled": "true",
        "projection.account.type": "enum",
        "projection.account.values": ",".join(sorted(set(accounts))),
        "projection.region.type": "enum",
        "projection.region.values": ",".join(sorted(set(regions))),
        "projection.timestamp.type": "date",
        "projection.timestamp.format": "yyyy/MM/dd",
        "projection.timestamp.interval": "1",
        "projection.timestamp.interval.unit": "DAYS",
        "projection.timestamp.range": f"{_first(since)},NOW",
        "storage.location.template": f"{folder}${{account}}/CloudTrail/${{region}}/${{timestamp}}",
    }
    listed = ",\n".join(f"  {literal(key)} = {literal(value)}" for key, value in properties.items())
    return (
        f"CREATE EXTERNAL TABLE {database}.{name} (\n{_COLUMNS}\n)\n"
        "PARTITIONED BY (account STRING, region STRING, `timestamp` STRING)\n"
        "ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe'\n"
        "STORED AS INPUTFORMAT 'com.amazon.emr.cloudtrail.CloudTrailInputFormat'\n"
        "OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'\n"
        f"LOCATION {literal(folder)}\n"
        f"TBLPROPERTIES (\n{listed}\n)"
    )


def _first(since: date | timedelta) -> str:
    """The beginning of a range of projected dates, which may be relative
    (https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html, 2026-11-26)."""
    return f"NOW-{since.days}DAYS" if isinstance(since, timedelta) else f"{since:%Y/%m/%d}"
