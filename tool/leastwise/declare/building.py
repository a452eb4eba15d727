"""Nodes found sound -> ``Declaration``, defaults filled in.  Nothing is checked here any more."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from leastwise.declare.fields import Field
from leastwise.declare.formats import parse_day, parse_days
from leastwise.declare.identities import parse_identity
from leastwise.declare.yaml_tree import Place, Table
from leastwise.model.declared import (
    AccessAnalyzerSource,
    AthenaSource,
    AuditOrder,
    Declaration,
    EmailTarget,
    IdentityCenter,
    Keep,
    LakeSource,
    Notify,
    OnDenial,
    OnDrift,
    Ownership,
    People,
    Principal,
    PrincipalKind,
    SecondOpinion,
    Source,
    TrailFilesSource,
    Trial,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def build_declaration(root: Field) -> Declaration:
    """The declaration of a root in which neither the schema nor the checks found a problem."""
    sources = {key.text: _source(key.text, field) for key, field in root.mapping("sources")}
    defaults = root.get("defaults") or Field(_EMPTY)
    return Declaration(
        sources=MappingProxyType(sources),
        principals=tuple(_principal(entry, defaults, sources) for entry in root.list("principals")),
        account_roles=MappingProxyType(
            {key.text: field.text("role") or "" for key, field in root.mapping("accounts")}
        ),
        apply_roles=MappingProxyType(
            {key.text: role for key, field in root.mapping("accounts") if (role := field.text("apply_role"))}
        ),
        public=root.text("public") == "true",
        people=People(said) if (said := root.text("people")) else None,
        redact=root.texts("redact"),
        second_opinion=_second_opinion(root.get("second_opinion") or Field(_EMPTY)),
        notify=_notify(root.get("notify")),
        identity_center=_identity_center(root.get("identity_center") or Field(_EMPTY)),
        audit=_audit(root.get("audit") or Field(_EMPTY), _notify(root.get("notify"))),
        named_at=MappingProxyType(_named_at(root)),
    )


def named_policies(entry: Field) -> Iterator[Field]:
    """The policies that an entry, or the defaults, name: attached ones, and the one held during the trial."""
    yield from entry.list("attached")
    trial = entry.get("trial")
    policy = trial.get("policy") if trial else None
    if policy:
        yield policy


def trial_closing(trial: Field, defaults: Field) -> tuple[Field | None, Field | None]:
    """The fields (``days``, ``closes``) that end a trial: its own, or else the default ``days``."""
    days, closes = trial.get("days"), trial.get("closes")
    default = defaults.get("trial")
    if days is None and closes is None and default is not None:
        days = default.get("days")
    return days, closes


_NOWHERE = Place(0, 0, 0)
_EMPTY = Table(_NOWHERE, _NOWHERE, (), MappingProxyType({}), in_flow=False)


def _named_at(root: Field) -> dict[str, tuple[int, int]]:
    places: dict[str, tuple[int, int]] = {}
    for entry in (*root.list("principals"), root.get("defaults") or Field(_EMPTY)):
        for policy in named_policies(entry):
            places.setdefault(policy.scalar, (policy.place.line, policy.place.column))
    return places


def _notify(field: Field | None) -> Notify:
    if field is None:
        return Notify()
    slack = field.get("slack")
    return Notify(
        slack_variable=slack.text("webhook_variable") if slack else None,
        topic=_topic(field.get("sns")),
        email=_email(field.get("email")),
    )


def _audit(field: Field, usual: Notify) -> AuditOrder:
    """Those whom ``notify`` names get it where the audit names nobody itself."""
    topic, email = _topic(field.get("sns")), _email(field.get("email"))
    if topic is None and email is None:
        topic, email = usual.topic, usual.email
    return AuditOrder(topic, email, field.texts("whole_accounts"))


def _topic(field: Field | None) -> str | None:
    return field.text("topic") if field else None


def _email(field: Field | None) -> EmailTarget | None:
    if field is None:
        return None
    return EmailTarget(field.text("from") or "", field.texts("to"), field.text("region") or "")


def _principal(entry: Field, defaults: Field, sources: Mapping[str, Source]) -> Principal:
    kind, name, accounts = _who(entry)
    return Principal(
        kind=kind,
        name=name,
        line=entry.place.line,
        arn=entry.text("arn"),
        accounts=accounts,
        members=entry.texts("members"),
        sources=entry.texts("source") or defaults.texts("source") or tuple(sources),
        trial=_trial(entry, defaults),
        attached=entry.texts("attached"),
        owners=entry.texts("owners") if entry.get("owners") else defaults.texts("owners"),
        keep=tuple(_keep(field) for field in (*defaults.list("keep"), *entry.list("keep"))),
        never=tuple(dict.fromkeys((*defaults.texts("never"), *entry.texts("never")))),
        session_names=entry.texts("session_name"),
        source_identities=entry.texts("source_identity"),
        ownership=_ownership(kind, said_or_default(entry, defaults, "ownership")),
        on_drift=OnDrift(said_or_default(entry, defaults, "drift") or OnDrift.REPORT.value),
        on_denial=OnDenial(said_or_default(entry, defaults, "watch") or OnDenial.RESTORE.value),
    )


def said_or_default(entry: Field, defaults: Field, key: str) -> str | None:
    """What the entry says, or else the defaults."""
    return entry.text(key) or defaults.text(key)


def _ownership(kind: PrincipalKind, said: str | None) -> Ownership:
    """A group is a prototype, whatever the defaults say: AWS has nothing that could be written."""
    return Ownership.PROPOSE_ONLY if kind is PrincipalKind.GROUP or not said else Ownership(said)


def _identity_center(field: Field) -> IdentityCenter:
    return IdentityCenter(field.text("account") or "", field.text("region") or "")


def _who(entry: Field) -> tuple[PrincipalKind, str, tuple[str, ...]]:
    """(kind, name, accounts) of an entry."""
    permission_set, group = entry.text("permission_set"), entry.text("group")
    if permission_set:
        return PrincipalKind.PERMISSION_SET, permission_set, entry.texts("accounts")
    if group:
        accounts = sorted({parse_identity(member).account for member in entry.texts("members")})
        return PrincipalKind.GROUP, group, tuple(accounts)
    identity = parse_identity(entry.text("arn") or "")
    return identity.kind, identity.name, (identity.account,)


def _trial(entry: Field, defaults: Field) -> Trial | None:
    trial = entry.get("trial")
    if trial is None:
        return None
    opens = parse_day(trial.text("opens") or "")
    days, closes = trial_closing(trial, defaults)
    length = parse_days(days.scalar) if days else (parse_day(closes.scalar if closes else "") - opens).days
    default = defaults.get("trial")
    return Trial(opens, length, trial.text("policy") or (default.text("policy") if default else None))


def _keep(field: Field) -> Keep:
    return Keep(
        action=field.text("action") or "",
        resource=field.text("resource") or "*",
        until=parse_day(field.text("until") or ""),
        why=field.text("why") or "",
    )


def _second_opinion(field: Field) -> SecondOpinion:
    return SecondOpinion(field.text("validate") != "false", int(field.text("custom_checks") or 0))


def _source(name: str, field: Field) -> Source:
    match field.text("kind"):
        case TrailFilesSource.kind:
            return _trail_files(name, field)
        case LakeSource.kind:
            return LakeSource(name, field.text("event_data_store") or "")
        case AthenaSource.kind:
            return _athena(name, field)
        case _:
            trail, role = field.text("trail") or "", field.text("access_role") or ""
            return AccessAnalyzerSource(name, trail, role, field.text("region"))


def _trail_files(name: str, field: Field) -> TrailFilesSource:
    regions = field.texts("regions")
    is_all = regions == ("all",)
    return TrailFilesSource(
        name=name,
        path=field.text("path") or "",
        selectors=field.text("selectors"),
        all_regions=is_all,
        regions=() if is_all else regions,
        trail=field.text("trail"),
        account=field.text("account"),
    )


def _athena(name: str, field: Field) -> AthenaSource:
    return AthenaSource(
        name=name,
        workgroup=field.text("workgroup") or "",
        database=field.text("database") or "",
        table=field.text("table") or "",
        region=field.text("region") or "",
        table_shape=field.text("table_shape") or "trail",
        output=field.text("output"),
        trail=field.text("trail"),
        account=field.text("account"),
    )
