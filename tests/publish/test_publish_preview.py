"""The dry run writes into its folder, and nowhere else."""

from __future__ import annotations

import pytest

from leastwise.errors import PublishError
from leastwise.model.proposal import OutcomeKind, ProposalKind
from leastwise.publish.preview import PreviewPublisher
from tests.publish.proposals import AFTER, PRINCIPAL, TEXT, proposal
from tests.scratch_git import checkout_state, git, make_scratch


def contents(folder):
    return {str(f.relative_to(folder)): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}


def test_markdown_and_patch_are_written_once(tmp_path):
    shown: list[str] = []
    publisher = PreviewPublisher(tmp_path / "out", shown.append)
    first = publisher.ensure(proposal(), TEXT)
    written = contents(tmp_path)
    assert list(written) == [
        "out/111122223333/role/payments-api/tighten.certificate.json",
        "out/111122223333/role/payments-api/tighten.md",
        "out/111122223333/role/payments-api/tighten.patch",
    ]
    assert shown == ["# Tighten payments-api: 1 grant removed\n\nIt was not used.\n\n- `s3:GetObject`\n"]
    second = publisher.ensure(proposal(), TEXT)
    third = publisher.ensure(proposal(after=AFTER + " "), TEXT)
    assert [o.kind for o in (first, second, third)] == [
        OutcomeKind.OPENED, OutcomeKind.UNCHANGED, OutcomeKind.UPDATED,
    ]  # fmt: skip
    assert first.where.endswith("tighten.md")


def test_the_patch_fits_the_repository_and_the_checkout_is_left_alone(tmp_path):
    scratch = make_scratch(tmp_path)
    before = checkout_state(scratch.clone)
    PreviewPublisher(tmp_path / "out", lambda _: None).ensure(proposal(), TEXT)
    assert checkout_state(scratch.clone) == before
    git(scratch.clone, "apply", str(tmp_path / "out/111122223333/role/payments-api/tighten.patch"))
    assert (scratch.clone / "policies/111122223333/role/payments-api/main.json").read_text() == AFTER


def test_what_is_no_longer_proposed_is_taken_away(tmp_path):
    publisher = PreviewPublisher(tmp_path, lambda _: None)
    assert publisher.withdraw(PRINCIPAL, ProposalKind.TIGHTEN) is None
    publisher.ensure(proposal(), TEXT)
    publisher.ensure(proposal(kind=ProposalKind.ADD), TEXT)
    outcome = publisher.withdraw(PRINCIPAL, ProposalKind.TIGHTEN)
    assert outcome is not None
    assert outcome.kind is OutcomeKind.WITHDRAWN
    assert list(contents(tmp_path)) == [
        f"111122223333/role/payments-api/add.{end}" for end in ("certificate.json", "md", "patch")
    ]


def test_a_name_from_a_log_cannot_leave_the_folder(tmp_path):
    publisher = PreviewPublisher(tmp_path / "out", lambda _: None)
    publisher.ensure(proposal(principal="group/../../../escape"), TEXT)
    assert all(name.startswith("out/group/") for name in contents(tmp_path))


def test_a_folder_that_cannot_be_written_is_an_error_with_advice(tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(PublishError, match="--out"):
        PreviewPublisher(tmp_path / "out", lambda _: None).ensure(proposal(), TEXT)
