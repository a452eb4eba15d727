"""Moto's IAM, without what it lacks: an AWS-managed policy on demand; Identity Center is our own fake's.

Attaching what is attached already is nothing to AWS; moto would count it twice.
"""

from __future__ import annotations

import json

import boto3
import moto.backends
from moto import mock_aws
from moto.iam.models import AWSManagedPolicy, ManagedPolicy

ACCOUNT = "123456789012"
"""Moto's account."""


def mocked(*, aws_managed=False):
    """Moto for everything but Identity Center; AWS's own policies take it a second to load."""
    core = {"mock_credentials": True, "passthrough": {"services": ["ssoadmin"]}}
    return mock_aws(config={"core": core, "iam": {"load_aws_managed_policies": aws_managed}})


def _attach_to(self, holder):
    self.attachment_count += self.arn not in holder.managed_policies
    holder.managed_policies[self.arn] = self


def environment(monkeypatch):
    """Credentials and a region, and no profile of the person who runs the test."""
    monkeypatch.setattr(ManagedPolicy, "attach_to", _attach_to)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)


def aws_managed(name, statement, path="/"):
    """An AWS-managed policy that this account knows; its ARN.  (Moto's own take a second.)"""
    document = {"Version": "2012-10-17", "Statement": [statement]}
    moment = "2026-01-01T00:00:00+00:00"
    data = {
        "DefaultVersionId": "v1",
        "Path": path,
        "Document": document,
        "CreateDate": moment,
        "UpdateDate": moment,
    }
    backend = moto.backends.get_backend("iam")[ACCOUNT]["aws"]
    found = AWSManagedPolicy.from_data(name, ACCOUNT, "aws", data)
    backend.managed_policies[found.arn] = found
    assert json.loads(found.versions[0].document) == document
    return found.arn
