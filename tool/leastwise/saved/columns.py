"""The columns of ``cloudtrail``: one table, whichever engine holds the records.

CloudTrail Lake and the documented Athena table show a record differently: ``eventtime`` is a timestamp or a
text, parameters are a map or JSON text, ``readonly`` a boolean or a text.  Here each column has one type, and
an expression for each shape of table.  Where a table lacks a column, that is an error, never an empty answer.

Columns (2026-11-23), all below https://docs.aws.amazon.com/ ::

    CloudTrail Lake   awscloudtrail/latest/userguide/query-supported-event-schemas.html
    a trail's table   athena/latest/ug/create-cloudtrail-table-partition-projection.html
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TABLE = "cloudtrail"
IDENTITY = "useridentity"
RESOURCES = "resources"


class Shape(Enum):
    """How a table shows a record."""

    LAKE = "lake"
    """An event data store, in Lake itself or federated to Athena."""
    TRAIL = "trail"
    """The documented Athena table over log files."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column's Trino type, and how each shape of table gives it; a shape that is absent lacks it.

    ``needs`` are the columns of the table itself that the expression reads.
    """

    kind: str
    sql: Mapping[Shape, str]
    needs: Mapping[Shape, str]


def _plain(name: str) -> Column:
    own = dict.fromkeys(Shape, name)
    return Column("varchar", own, own)


def _json(name: str, member: str) -> Column:
    """``requestParameters`` is a map in Lake whose nested form no document tells: ``eventjson`` has it."""
    whole = f"NULLIF(json_format(json_extract(eventjson, '$.{member}')), 'null')"
    return Column(
        "varchar", {Shape.LAKE: whole, Shape.TRAIL: name}, {Shape.LAKE: "eventjson", Shape.TRAIL: name}
    )


def _differing(name: str, kind: str, lake: str, trail: str) -> Column:
    return Column(kind, {Shape.LAKE: lake, Shape.TRAIL: trail}, dict.fromkeys(Shape, name))


_RESOURCE = "ROW(arn varchar, accountid varchar, type varchar)"
_RESOURCE_LIST = f"transform(resources, r -> CAST(ROW(r.arn, r.accountid, r.type) AS {_RESOURCE}))"

COLUMNS: Mapping[str, Column] = MappingProxyType(
    {
        "eventtime": _differing(
            "eventtime", "timestamp", "eventtime", "CAST(from_iso8601_timestamp(eventtime) AS timestamp(3))"
        ),
        **{
            name: _plain(name)
            for name in (
                "eventsource",
                "eventname",
                "awsregion",
                "recipientaccountid",
                "errorcode",
                "errormessage",
                "sourceipaddress",
                "useragent",
                "eventid",
                "requestid",
                "eventtype",
                "eventcategory",
                "eventversion",
                "apiversion",
                "sharedeventid",
                "vpcendpointid",
                "sessioncredentialfromconsole",
            )
        },
        "requestparameters": _json("requestparameters", "requestParameters"),
        "responseelements": _json("responseelements", "responseElements"),
        "additionaleventdata": _json("additionaleventdata", "additionalEventData"),
        "serviceeventdetails": _json("serviceeventdetails", "serviceEventDetails"),
        "readonly": _differing(
            "readonly",
            "boolean",
            "readonly",
            "CASE lower(readonly) WHEN 'true' THEN true WHEN 'false' THEN false END",
        ),
        "managementevent": Column(
            "boolean", {Shape.LAKE: "managementevent"}, {Shape.LAKE: "managementevent"}
        ),
        RESOURCES: _differing("resources", f"array({_RESOURCE})", _RESOURCE_LIST, _RESOURCE_LIST),
        IDENTITY: _differing("useridentity", "row", "useridentity", "useridentity"),
    }
)

IDENTITY_MEMBERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "type": ("type",),
        "principalid": ("principalId",),
        "arn": ("arn",),
        "accountid": ("accountId",),
        "accesskeyid": ("accessKeyId",),
        "username": ("userName",),
        "invokedby": ("invokedBy",),
        "onbehalfof.userid": ("onBehalfOf", "userId"),
        "onbehalfof.identitystorearn": ("onBehalfOf", "identityStoreArn"),
        "sessioncontext.attributes.mfaauthenticated": ("sessionContext", "attributes", "mfaAuthenticated"),
        "sessioncontext.sessionissuer.type": ("sessionContext", "sessionIssuer", "type"),
        "sessioncontext.sessionissuer.principalid": ("sessionContext", "sessionIssuer", "principalId"),
        "sessioncontext.sessionissuer.arn": ("sessionContext", "sessionIssuer", "arn"),
        "sessioncontext.sessionissuer.accountid": ("sessionContext", "sessionIssuer", "accountId"),
        "sessioncontext.sessionissuer.username": ("sessionContext", "sessionIssuer", "userName"),
        "sessioncontext.sourceidentity": ("sessionContext", "sourceIdentity"),
        "sessioncontext.webidfederationdata.federatedprovider": (
            "sessionContext",
            "webIdFederationData",
            "federatedProvider",
        ),
    }
)
"""What a query may ask of ``useridentity``, in lower case -> the members of the record.

Left out: ``sessioncontext.attributes.creationdate``, a timestamp in Lake and a text in Athena's table.
"""

JSON_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "eventtime": "eventTime",
        "eventsource": "eventSource",
        "eventname": "eventName",
        "awsregion": "awsRegion",
        "recipientaccountid": "recipientAccountId",
        "errorcode": "errorCode",
        "errormessage": "errorMessage",
        "sourceipaddress": "sourceIPAddress",
        "useragent": "userAgent",
        "eventid": "eventID",
        "requestid": "requestID",
        "eventtype": "eventType",
        "eventcategory": "eventCategory",
        "eventversion": "eventVersion",
        "apiversion": "apiVersion",
        "sharedeventid": "sharedEventID",
        "vpcendpointid": "vpcEndpointId",
        "sessioncredentialfromconsole": "sessionCredentialFromConsole",
        "requestparameters": "requestParameters",
        "responseelements": "responseElements",
        "additionaleventdata": "additionalEventData",
        "serviceeventdetails": "serviceEventDetails",
        "readonly": "readOnly",
        "managementevent": "managementEvent",
        RESOURCES: "resources",
        IDENTITY: "userIdentity",
    }
)
"""The member of a record that a column shows
(https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html,
2026-11-23)."""


def view(shape: Shape, table: str, conditions: Iterable[str], columns: Iterable[str]) -> str:
    """A SELECT in one line that gives ``columns`` of the records that ``conditions`` let through.

    Raises ``KeyError`` for a column that the shape lacks: see ``Column``.
    """
    chosen = [f"{COLUMNS[name].sql[shape]} AS {name}" for name in sorted(columns)]
    where = " AND ".join(conditions)
    return f"SELECT {', '.join(chosen)} FROM {table} WHERE {where}"  # noqa: S608  of parts that are escaped
