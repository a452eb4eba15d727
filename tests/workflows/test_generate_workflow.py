"""generate.yml step by step: each run is a process of its own, and Access Analyzer is on loopback."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import boto3
import moto.backends
import pytest

from leastwise.aws.access_analyzer import SERVICE
from tests.fakes.access_analyzer import FakeAccessAnalyzer, RestWire
from tests.fakes.aws_wire import TestClock
from tests.fakes.http_server import serve
from tests.fakes.iam_account import ACCOUNT, environment, mocked
from tests.fakes.moto_server import serve_moto
from tests.fakes.runner import Runner
from tests.scratch_git import make_scratch

pytestmark = pytest.mark.whole

API, BATCH = (f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ("api", "batch"))
DECLARED = f"""\
version: 1
sources:
  analyzer:
    kind: access-analyzer
    trail: arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/org
    access_role: arn:aws:iam::{ACCOUNT}:role/Monitor
defaults: {{source: analyzer}}
principals: [{{arn: "{API}"}}, {{arn: "{BATCH}"}}]
"""
EXPRESSIONS = {
    "vars.LEASTWISE_AWS_ROLE": f"arn:aws:iam::{ACCOUNT}:role/leastwise",
    "vars.LEASTWISE_AWS_REGION": "eu-west-1",
    "vars.LEASTWISE_ANALYZER": "analyzer",
}


class Region:
    """Access Analyzer; and CloudTrail, which nobody may ask."""

    def __init__(self):
        self.clock = TestClock(datetime.now(UTC))  # the programs have the machine's time
        self.analyzer = FakeAccessAnalyzer(self.clock, ACCOUNT)
        self.analyzer.uses = {API: ("s3:CreateBucket",)}
        self.wire = RestWire({SERVICE: self.analyzer.operations()})

    def answer(self, method, path, headers, body):
        signed = headers["Authorization"]
        if "/cloudtrail/" in signed:
            return 400, {}, {"__type": "AccessDeniedException", "message": "not authorized"}
        url = f"https://access-analyzer.eu-west-1.amazonaws.com{path}"
        request = SimpleNamespace(
            url=url, method=method, body=body, headers={"Authorization": signed.encode()}
        )
        told = self.wire._send(request)
        return told.status_code, dict(told.headers), json.loads(b"".join(told.raw.stream()))


class Place:
    """A repository, the region, and a runner of the workflow."""

    def __init__(self, folder, region, analyzer, iam):
        self.region = region
        scratch = make_scratch(folder)
        scratch.commit("principals.yaml", DECLARED)
        (folder / "runs").mkdir()
        variables = {
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL_ACCESSANALYZER": analyzer,
            "AWS_ENDPOINT_URL_CLOUDTRAIL": analyzer,
            "AWS_ENDPOINT_URL_IAM": iam,
            "RUNNER_TEMP": str(folder),
        }
        self.observed = folder / "observed.txt"
        self.runner = Runner(folder / "runs", scratch.remote, dict(EXPRESSIONS), variables)

    def run(self):
        (step,) = self.runner.run("generate.yml", "generate")
        assert step.code == 0, step.output
        return step.output, self.observed.read_text("utf-8")


@pytest.fixture
def place(tmp_path, monkeypatch):
    environment(monkeypatch)
    region = Region()
    with mocked(), serve(region) as analyzer, serve_moto() as (iam, _):
        boto3.client("iam").create_role(RoleName="api", AssumeRolePolicyDocument="{}")
        (role,) = moto.backends.get_backend("iam")[ACCOUNT]["aws"].roles.values()
        role.create_date -= timedelta(days=400)
        yield Place(tmp_path, region, analyzer, iam)


def test_each_run_takes_one_step_and_shows_nothing_of_what_was_called(place):
    shown, observed = place.run()
    assert [job.principal for job in place.region.analyzer.jobs] == [API]
    assert "being generated since" in observed
    assert "no day looked at yet" in observed
    assert "it includes calls that were denied" in observed
    assert "s3:" not in observed
    place.region.clock.sleep(3600)
    shown, observed = place.run()
    assert [job.principal for job in place.region.analyzer.jobs] == [API, BATCH]
    assert "s3:CreateBucket" in observed
    assert "s3:" not in shown
    assert place.region.analyzer.most_at_once == 1
