"""Broken input: it is counted and named, and nothing else is lost."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import TYPE_CHECKING

import pytest

from tests.collect.logs import collect, coverage_of, lines, path_of, record, text, write

if TYPE_CHECKING:
    from pathlib import Path

GOOD = path_of("2026-11-10", name="good")
BAD = path_of("2026-11-10", name="bad")
COUNTED_ONCE = [("s3:GetObject", "arn:aws:s3:::bucket/key", "succeeded", 1)]
DEEP = b"[" * 100_000 + b"]" * 100_000


def _with_bad(folder: Path, content: bytes, *, raw: bool = False) -> tuple[list[object], list[str]]:
    write(folder, GOOD, text(record("good")))
    write(folder, BAD, content, raw=raw)
    evidence = collect(folder)
    coverage = coverage_of(evidence)
    assert coverage.unreadable_count == len(coverage.unreadable)
    assert {bad.path for bad in coverage.unreadable} <= {BAD}
    return list(lines(evidence)), [bad.reason for bad in coverage.unreadable]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"not json", "not JSON"),
        (b'{"Records": [', "broken off"),
        (b'{"configurationItems": []}', "not a CloudTrail log file"),
        (b'{"Records": null}', "not a CloudTrail log file"),
        (b"[1, 2]", "not a CloudTrail log file"),
        (b'{"x": ' + DEEP + b"}", "nested too deeply"),
        (b'{"Records": [' + DEEP + b"]}", "broken off"),
    ],
)
def test_a_file_that_is_no_log_is_named_and_the_others_are_read(tmp_path, content, reason):
    seen, reasons = _with_bad(tmp_path, content)
    assert seen == COUNTED_ONCE
    assert len(reasons) == 1
    assert reason in reasons[0]


def test_gzip_that_is_no_gzip_is_named(tmp_path):
    seen, reasons = _with_bad(tmp_path, b"\x1f\x8b but nothing that follows", raw=True)
    assert seen == COUNTED_ONCE
    assert any("gzip" in reason for reason in reasons)


def test_whole_records_before_the_cut_of_a_truncated_file_count(tmp_path):
    padding = [record(f"{number:032x}", requestID=str(hash(number) ** 5)) for number in range(500)]
    packed = gzip.compress(text(*padding))
    seen, reasons = _with_bad(tmp_path, packed[: len(packed) // 2], raw=True)
    assert len(seen) == 1
    assert 100 < seen[0][3] < 501
    assert any("ends too early" in reason for reason in reasons)


def test_every_member_of_a_gzip_file_is_read(tmp_path):
    content = text(record("a"), record("b"))
    packed = gzip.compress(content[:150]) + gzip.compress(content[150:]) + b"\0" * 512
    seen, reasons = _with_bad(tmp_path, packed, raw=True)
    assert seen[0][3] == 3
    assert reasons == []


def test_a_decompression_bomb_is_not_unpacked(tmp_path):
    squeeze = zlib.compressobj(9, wbits=31)
    packed = b"".join(squeeze.compress(b" " * (1 << 20)) for _ in range(64)) + squeeze.flush()
    assert len(packed) < 100_000
    seen, reasons = _with_bad(tmp_path, packed, raw=True)
    assert seen == COUNTED_ONCE
    assert len(reasons) == 1
    assert "unpacks to more than" in reasons[0]


def test_plain_json_and_zero_padding_are_read(tmp_path):
    write(tmp_path, "copies/one.json", text(record("a")) + b"\0" * 100)
    assert lines(collect(tmp_path)) == COUNTED_ONCE


def _spoiled(spoil: bytes) -> bytes:
    """Three records; the one in the middle has a member more."""
    middle = json.dumps(record("middle"), separators=(",", ":")).encode()[:-1] + b"," + spoil + b"}"
    first, last = text(record("first"))[:-2], text(record("last"))[len(b'{"Records":[') :]
    return first + b"," + middle + b"," + last


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (b'"userAgent":NaN', "not JSON"),
        (b'"eventID":12345', "not what CloudTrail writes"),
        (b'"requestParameters":' + DEEP, "nested too deeply"),
        (b'"requestParameters":{"key":"\\ud800"}', "half a character"),
        (b'"userAgent":"never closed', "no end"),
        (b'"requestParameters":[1]', "requestParameters is not what CloudTrail writes"),
        (b'"requestParameters":{"n":' + b"9" * 5_000 + b"}", "requestParameters is not"),
        (b'"eventTime":"yesterday"', "eventTime is no time"),
    ],
    ids=lambda value: value[:30],
)
def test_one_bad_record_does_not_cost_its_file(tmp_path, spoil, reason):
    write(tmp_path, BAD, _spoiled(spoil))
    evidence = collect(tmp_path)
    coverage = coverage_of(evidence)
    assert lines(evidence) == [(*COUNTED_ONCE[0][:3], 2)]
    assert [bad.path for bad in coverage.unreadable] == [BAD]
    assert "record 1" in coverage.unreadable[0].reason
    assert reason in coverage.unreadable[0].reason


@pytest.mark.parametrize(
    "spoil",
    [
        b'"userAgent":"cut in the middle of \\ud83d"',
        b'"errorMessage":"cut in the middle of \\ud83d"',
        b'"userAgent":"\xff\xfe"',
        b'"eventName":"ListParts","eventName":"GetObject"',
        b'"requestParameters":' + b'{"a":' * 50 + b"1" + b"}" * 50,
        b'"userAgent":' + b"9" * 5_000,
    ],
    ids=lambda value: value[:30],
)
def test_oddities_that_take_nothing_from_a_record(tmp_path, spoil):
    write(tmp_path, BAD, _spoiled(spoil))
    evidence = collect(tmp_path)
    assert lines(evidence) == [(*COUNTED_ONCE[0][:3], 3)]
    assert coverage_of(evidence).unreadable == ()


@pytest.mark.parametrize("missing", ["eventTime", "eventSource", "eventName", "awsRegion"])
def test_a_record_without_a_needed_member_is_counted(tmp_path, missing):
    lacking = record("lacking")
    del lacking[missing]
    write(tmp_path, BAD, text(record("good"), lacking))
    evidence = collect(tmp_path)
    assert lines(evidence) == COUNTED_ONCE
    assert missing in coverage_of(evidence).unreadable[0].reason


def test_a_forged_record_inside_parameters_is_not_read(tmp_path):
    """Who can put text into request parameters cannot make evidence of it, even if the record is refused."""
    forged = record("forged", eventName="DeleteObject")
    write(tmp_path, BAD, text(record("a"), record("b", eventID=7, requestParameters={"x": forged})))
    assert lines(collect(tmp_path)) == COUNTED_ONCE


def test_only_the_first_unreadable_are_kept_and_all_are_counted(tmp_path):
    write(tmp_path, BAD, text(*(record(eventID=number) for number in range(100))))
    coverage = coverage_of(collect(tmp_path))
    assert coverage.unreadable_count == 100
    assert len(coverage.unreadable) == 20


def test_an_unreadable_file_is_named(tmp_path):
    write(tmp_path, GOOD, text(record("good")))
    (tmp_path / "gone.json").symlink_to(tmp_path / "nowhere")
    evidence = collect(tmp_path)
    assert lines(evidence) == COUNTED_ONCE
    assert [bad.path for bad in coverage_of(evidence).unreadable] == ["gone.json"]
