"""Clients of botocore as leastwise makes them."""

from __future__ import annotations

import os
import subprocess
import sys

import botocore.loaders
import pytest

from leastwise.aws import boto

VERBS_WITHOUT_AWS = [
    ["check", "--help"],
    ["prove", "--help"],
    ["observe", "--help"],
    ["propose", "--help"],
    ["plan", "--help"],
]


def client():
    given = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    return boto.connect(None, "iam", "eu-west-1", given)


def test_a_hundred_accounts_cost_one_reading_of_awss_models(monkeypatch):
    client()
    true = botocore.loaders.JSONFileLoader.load_file
    read = []

    def load_file(self, path):
        read.append(path)
        return true(self, path)

    monkeypatch.setattr(botocore.loaders.JSONFileLoader, "load_file", load_file)
    client()
    assert read == []
    boto._models.cache_clear()
    client()
    assert any("iam" in path for path in read), "what is counted is what is read"


@pytest.mark.parametrize("verb", VERBS_WITHOUT_AWS, ids=lambda words: words[0])
def test_nobody_waits_for_libraries_before_aws_or_github_is_asked(verb):
    code = (
        "import sys; from leastwise.cli import cli; cli.main(sys.argv[1:], standalone_mode=False); "
        "sys.exit(str(sys.modules.keys() & {'boto3', 'botocore', 'github', 'requests'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *verb], capture_output=True, text=True, check=False, env=os.environ
    )
    assert done.stderr == "set()\n"
