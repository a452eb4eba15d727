"""Any value that ``--format json`` can be asked to show.

Sessions carry a mark in their names and hashes, by which a test sees them wherever they come out.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import strategies as st

from leastwise.assess import Assessment
from leastwise.case import Case
from leastwise.errors import Problem
from leastwise.model.declared import Principal, PrincipalKind
from leastwise.model.derivation import Flag, LeftOut, Omission
from leastwise.model.event import Event, Locator, Outcome
from leastwise.model.evidence import DenialReason, Evidence, Observation
from leastwise.model.finding import Denied, Finding, GrantAtom, NotProposed, StatementRef, Unseen, Verdict
from leastwise.model.interpretation import Denial, Interpretation
from leastwise.model.proposal import (
    ChangeKind,
    FileChange,
    GrantChange,
    Obligation,
    OutcomeKind,
    Proof,
    Proposal,
    ProposalKind,
    PublishOutcome,
    SizeBudget,
    Withheld,
    WithheldReason,
)
from leastwise.propose.replay import Replay
from leastwise.visibility import Blind, View
from tests.evidence_file import strategies as seen
from tests.evidence_file.cases import FULL

SESSION = "SESSION-OF-A-PERSON"
ROLE = "arn:aws:iam::111122223333:role/payments-api"
NOW = datetime(2026, 11, 23, tzinfo=UTC)

texts = seen.texts
utf8_texts = texts.filter(lambda text: "\udcff" not in text)
several = st.lists(texts, max_size=2).map(tuple)
verdicts = st.none() | st.booleans()
# Evidence has laws of its own (tests/evidence_file): here a few observations stand for all.
observations = st.sampled_from(
    [
        Observation(key, replace(tally, sessions=frozenset({SESSION}), samples=(event_id,)))
        for key, tally in FULL.tallies.items()
        for event_id in seen.HOSTILE
    ]
)
observed = st.lists(observations, max_size=2).map(tuple)
statements = st.builds(StatementRef, texts, st.integers(0, 9), texts)
findings = st.builds(
    Finding,
    verdict=st.sampled_from(Verdict),
    atom=st.none() | st.builds(GrantAtom, statements, texts, texts),
    request=st.none() | seen.requests,
    reason=st.none() | st.sampled_from(Unseen),
    detail=texts,
    observations=observed,
    needed=several,
)
denials = st.builds(Denied, seen.requests, observed, st.none() | st.sampled_from(NotProposed), texts)
views = st.builds(
    View,
    st.sampled_from(list(FULL.coverage.values())),
    st.none() | st.builds(Blind, st.sampled_from(Unseen), texts),
)
digests = st.dictionaries(texts, st.just("0" * 64), max_size=1)
certificates = st.fixed_dictionaries(
    {
        "format": st.just(1),
        "kind": st.sampled_from([kind.value for kind in ProposalKind]),
        "principal": texts,
        "before": digests,
        "after": digests,
        "evidence": st.just("f" * 64),
        "reference": texts,
        "readings": st.just(["flat", "segment"]),
        "obligations": st.dictionaries(texts, verdicts, max_size=2),
    }
)
proofs = st.builds(
    Proof,
    st.lists(st.builds(Obligation, texts, verdicts, texts), max_size=2).map(tuple),
    seen.counts,
    seen.counts,
    certificates,
)
changes = st.builds(
    GrantChange,
    kind=st.sampled_from(ChangeKind),
    action=texts,
    statement=statements,
    before=several,
    after=several,
    context=seen.contexts,
    observations=observed,
    risk=several,
    flags=st.lists(st.sampled_from(Flag), max_size=2).map(tuple),
    narrower=several,
)
proposals = st.builds(
    Proposal,
    kind=st.sampled_from(ProposalKind),
    principal=texts,
    files=st.lists(
        st.builds(FileChange, utf8_texts, st.none() | utf8_texts, st.none() | utf8_texts), max_size=2
    ).map(tuple),
    changes=st.lists(changes, max_size=2).map(tuple),
    findings=st.just(()),
    coverage=st.just(()),
    proof=proofs,
    omissions=st.lists(st.builds(Omission, st.sampled_from(LeftOut), observations), max_size=1).map(tuple),
    sizes=st.lists(st.builds(SizeBudget, texts, seen.counts, seen.counts, texts), max_size=1).map(tuple),
    notes=several,
    owners=several,
)
refusals = st.builds(Withheld, st.sampled_from(ProposalKind), texts, st.sampled_from(WithheldReason), texts)
outcomes = st.builds(
    PublishOutcome, st.sampled_from(OutcomeKind), st.sampled_from(ProposalKind), texts, texts, texts
)
cases = st.builds(
    Case,
    principal=st.just(
        Principal(PrincipalKind.ROLE, "payments-api", 1, ROLE, ("111122223333",), session_names=(SESSION,))
    ),
    own=st.just(()),
    elsewhere=st.just(()),
    bound=st.none(),
    evidence=st.just(Evidence()),
    views=st.lists(views, max_size=1).map(tuple),
    unchanged_since=st.just({}),
    now=st.just(NOW),
)
assessments = st.builds(
    Assessment,
    cases,
    st.lists(findings, max_size=3).map(tuple),
    st.lists(denials, max_size=2).map(tuple),
    st.lists(proposals | refusals, max_size=2).map(tuple),
    st.just(tuple(ProposalKind)),
)
events = st.builds(
    Event,
    event_id=texts,
    time=seen.eventful,
    source=texts,
    name=texts,
    region=texts,
    account=texts,
    recipient_account=texts,
    actor=texts,
    identity_type=texts,
    session_name=st.just(SESSION),
    source_identity=st.just(SESSION),
    locator=st.builds(Locator, texts, st.integers(0, 9)),
)
interpretations = st.builds(
    Interpretation,
    outcome=st.sampled_from([each for each in Outcome if each is not Outcome.ATTEMPTED]),
    requests=st.lists(seen.requests, max_size=3).map(tuple),
    unmapped=st.none() | texts,
    denial=st.none() | st.builds(Denial, texts, texts, st.sampled_from(DenialReason)),
)
problems = st.builds(Problem, texts, st.integers(0, 9), st.integers(0, 9), texts, texts)
replays = st.builds(Replay, seen.counts, seen.counts, seen.counts, observed)
