"""Two shelves at one address, beside each other: what one keeps, the other leaves alone."""

from __future__ import annotations

import boto3
import pytest
from moto import mock_aws

from leastwise.aws.sessions import Aws
from leastwise.store.address import shelf_at
from tests.scratch_git import make_scratch
from tests.store.shelves import NOW


@pytest.fixture(params=["folder", "bucket", "branch"])
def shelves(request, tmp_path, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        session = boto3.Session(region_name="us-east-1")
        session.client("s3").create_bucket(Bucket="kept")
        root = make_scratch(tmp_path).clone if request.param == "branch" else tmp_path
        address = {"folder": str(tmp_path / "state"), "bucket": "s3://kept/team/", "branch": "branch"}
        aws = Aws({}, session=session)
        yield [
            lambda beside=beside: shelf_at(address[request.param], root, aws, NOW, beside)
            for beside in ("", "applied")
        ]


def test_each_keeps_its_own(shelves):
    evidence, applied = shelves
    for number in range(3):
        for shelf, text in ((evidence, "seen"), (applied, "written")):
            before = shelf().load()
            assert shelf().swap({f"{text}.json": f"{text} {number}", "index.json": text}, before)
    assert evidence().load().files == {"seen.json": "seen 2", "index.json": "seen"}
    assert applied().load().files == {"written.json": "written 2", "index.json": "written"}
