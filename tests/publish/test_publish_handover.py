"""What crosses from the job that reads AWS to the one that writes to GitHub: nothing but what it says."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from leastwise.declare.policies import read_policies
from leastwise.errors import HandoverError, PublishError
from leastwise.iam.document import parse
from leastwise.model.declared import Declaration, Principal, PrincipalKind
from leastwise.model.finding import StatementRef
from leastwise.model.proposal import (
    ChangeKind,
    FileChange,
    GrantChange,
    OutcomeKind,
    Proof,
    Proposal,
    ProposalKind,
    PublishOutcome,
    PullRequestText,
    WithheldReason,
)
from leastwise.model.report import PrincipalReport, Refusal, SourceReport
from leastwise.publish.handover import (
    HANDOVER_FILE,
    RECORD_FILE,
    Handover,
    Record,
    accepted,
    read_handover,
    read_record,
    write_handover,
    write_record,
)

MADE = datetime(2026, 11, 23, 6, tzinfo=UTC)
ROLE = "arn:aws:iam::111122223333:role/payments-api"
FOLDER = "111122223333/role/payments-api"
FILE = f"{FOLDER}/main.json"
DECLARED = Declaration(
    {}, (Principal(PrincipalKind.ROLE, "payments-api", 1, arn=ROLE, accounts=("111122223333",)),)
)


def policy(*actions):
    return json.dumps({"Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]})


BEFORE, AFTER = policy("s3:GetObject", "s3:DeleteObject"), policy("s3:GetObject")
COMMITTED = read_policies({FILE: BEFORE}, DECLARED)
TEXT = PullRequestText("Tighten payments-api", "Body\nwith `lines`\n")


def tightening(after=AFTER, *, before=BEFORE, path=FILE, principal=ROLE, kind=ProposalKind.TIGHTEN):
    change = GrantChange(ChangeKind.REMOVED, "s3:DeleteObject", StatementRef(path, 0, "Sid"), ("*",))
    files = (FileChange(path, before, after),)
    return Proposal(kind, principal, files, (change,), (), (), Proof((), 0, 0), owners=("@acme/payments",))


REPORT = PrincipalReport(
    ROLE,
    "role payments-api (111122223333)",
    date(2026, 8, 1),
    date(2026, 10, 30),
    None,
    (SourceReport("trail", "trail-files", date(2026, 8, 1), date(2026, 11, 22), 1, "the trial is open", 2),),
    (Refusal(ProposalKind.ADD, WithheldReason.NOTHING_TO_CHANGE, "no denied call"),),
    tuple(ProposalKind),
)
HANDOVER = Handover(MADE, complete=True, reports=(REPORT,), proposals=((tightening(), TEXT),))


def handed(proposal):
    return replace(HANDOVER, proposals=((proposal, TEXT),))


def test_it_comes_back_as_it_was(tmp_path):
    write_handover(tmp_path / "new", HANDOVER)
    assert read_handover(tmp_path / "new") == HANDOVER
    assert HANDOVER.of(ROLE) == {ProposalKind.TIGHTEN: (tightening(), TEXT)}


def test_so_does_a_record(tmp_path):
    outcome = PublishOutcome(OutcomeKind.OPENED, ProposalKind.TIGHTEN, ROLE, "https://github.test/1", "why")
    record = Record((REPORT,), (outcome,))
    write_record(tmp_path, record)
    assert read_record(tmp_path) == record


def edited(folder, edit):
    write_handover(folder, HANDOVER)
    file = folder / HANDOVER_FILE
    content = json.loads(file.read_text())
    edit(content)
    file.write_text(json.dumps(content))
    return folder


EDITS = {
    "another format": lambda told: told.update(format="leastwise-record"),
    "a newer version": lambda told: told.update(version=3),
    "an unknown member": lambda told: told.update(token="x"),
    "a member is missing": lambda told: told.pop("complete"),
    "another type": lambda told: told.update(complete="yes"),
    "an unknown kind": lambda told: told["proposals"][0].update(kind="widen"),
    "a title of two lines": lambda told: told["proposals"][0].update(title="a\nb"),
    "a body that GitHub refuses": lambda told: told["proposals"][0].update(body="x" * 65_537),
    "other files": lambda told: told["proposals"][0]["files"][0].update(after="{}"),
    "no files": lambda told: told["proposals"][0].update(files=[]),
    "Markdown for a name": lambda told: told["reports"][0].update(name="[a](https://b)"),
    "a proposal twice": lambda told: told["proposals"].append(told["proposals"][0]),
    "a time without a zone": lambda told: told.update(made="2026-11-23T06:00:00"),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
def test_what_was_not_written_by_us_is_refused(tmp_path, edit):
    with pytest.raises(HandoverError, match=r"handover\.json: this is not what leastwise"):
        read_handover(edited(tmp_path, edit))


@pytest.mark.parametrize("text", ["", "[]", "{", '{"format": 1}', "\x00" * 9, "[" * 100_000])
def test_what_is_no_handover_is_refused(tmp_path, text):
    (tmp_path / HANDOVER_FILE).write_text(text)
    (tmp_path / RECORD_FILE).write_text(text)
    for read in (read_handover, read_record):
        with pytest.raises(HandoverError):
            read(tmp_path)


def test_what_is_not_there_is_said(tmp_path):
    with pytest.raises(HandoverError, match="could not be read"):
        read_handover(tmp_path)


def test_a_complaint_shows_no_control_characters(tmp_path):
    with pytest.raises(HandoverError) as caught:
        read_handover(edited(tmp_path, lambda told: told["proposals"][0].update(kind="\x1b[31m\n::error::")))
    assert str(caught.value).isprintable()


def test_a_proposal_that_fits_the_checkout_is_accepted():
    assert accepted(HANDOVER, DECLARED, COMMITTED) == HANDOVER


PATHS = [
    "../.github/workflows/propose.yml",
    f"{FOLDER}/../other/main.json",
    f"{FOLDER}//main.json",
    f"/{FILE}",
    f"{FOLDER}/main.yml",
    f"{FOLDER}-admin/main.json",
    "shared/everyone.json",
    "111122223333/role/other/main.json",
]


@pytest.mark.parametrize("path", PATHS)
def test_no_other_file_can_be_changed(path):
    with pytest.raises(HandoverError, match="nothing was published"):
        accepted(handed(tightening(path=path)), DECLARED, COMMITTED)


def test_nobody_who_is_not_enrolled_is_published():
    stranger = ROLE.replace("payments-api", "stranger")
    with pytest.raises(HandoverError, match="does not enrol"):
        accepted(handed(tightening(principal=stranger)), DECLARED, COMMITTED)
    with pytest.raises(HandoverError, match="does not enrol"):
        accepted(replace(HANDOVER, reports=(replace(REPORT, principal=stranger),)), DECLARED, COMMITTED)


def test_a_text_that_is_no_policy_is_refused():
    with pytest.raises(HandoverError, match="no policy"):
        accepted(handed(tightening('{"Statement": 1}')), DECLARED, COMMITTED)


def test_a_tightening_that_widens_is_refused():
    with pytest.raises(HandoverError, match="not proved to allow nothing new"):
        accepted(handed(tightening(policy("s3:*"))), DECLARED, COMMITTED)


def test_an_addition_may_widen():
    assert accepted(handed(tightening(policy("s3:*"), kind=ProposalKind.ADD)), DECLARED, COMMITTED)


def test_of_a_policy_that_moved_on_the_publisher_judges():
    elsewhere = read_policies({FILE: policy("sqs:SendMessage")}, DECLARED)
    assert accepted(HANDOVER, DECLARED, elsewhere) == HANDOVER


def test_taking_a_file_away_is_a_tightening():
    assert parse(BEFORE, FILE)
    assert accepted(handed(tightening(None)), DECLARED, COMMITTED)


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(PublishError, match="see --out"):
        write_handover(tmp_path / "file" / "below", HANDOVER)
