"""A repository whose tightening was applied, its journal, and logs in which a call is denied since."""

from datetime import timedelta
from random import Random

from leastwise.apply.journal import FOLDER, Journal
from leastwise.aws.sessions import Aws
from leastwise.demo.day import Moment
from leastwise.demo.records import denied, role_session, s3_object
from leastwise.demo.write import write_selectors, write_trail
from leastwise.model.journal import AppliedRecord, Ending, Kind, StepOutcome, StepRecord
from leastwise.model.plan import Operation, Plan, PolicyChange, Step
from leastwise.store.address import shelf_at
from tests.builders import NOW, ROLE, allow, policy
from tests.scratch_git import git

FILE = "111122223333/role/payments-api/payments-api-main.json"
BROAD = policy(allow(["s3:GetObject", "s3:DeleteObject"], "arn:aws:s3:::receipts/*", Sid="Receipts"))
LESS = policy(allow(["s3:GetObject"], "arn:aws:s3:::receipts/*", Sid="Receipts"))
DECLARED = f"""\
version: 1
sources: {{logs: {{kind: trail-files, path: logs/, selectors: logs/selectors.json, regions: all}}}}
defaults: {{source: logs}}
principals:
  - arn: {ROLE}
    ownership: apply
"""
CALLER = role_session("payments-api", "refund-job", "10.20.3.18", "Boto3")
KEY = "2025/11/x.pdf"


def refusal(action="DeleteObject", key=KEY):
    call = s3_object(action, "receipts", key)
    return denied(call, CALLER, f"s3:{action}", f"arn:aws:s3:::receipts/{key}")


def a_record(when=NOW - timedelta(days=1), before=BROAD, after=LESS, pull=41):
    arn = "arn:aws:iam::111122223333:policy/payments-api-main"
    step = Step(
        Operation.ADD_VERSION, "iam:CreatePolicyVersion", FILE, "payments-api-main", arn, "", before, after
    )
    change = PolicyChange(FILE, "payments-api-main", arn, before, after, True, True, "v1")
    plan = Plan(ROLE, (), (step,), (change,), "f" * 64)
    done = (StepRecord(StepOutcome.DONE),)
    by = "arn:aws:sts::111122223333:assumed-role/leastwise-apply/x"
    return AppliedRecord(Kind.APPLY, plan, "c" * 40, pull, by, when, Ending.DONE, when, done)


def make(folder, *records, calls=None, declared=DECLARED, committed=LESS):
    """The repository's folder; the journal is in its ``state``."""
    (folder / "policies" / FILE).parent.mkdir(parents=True)
    (folder / "policies" / FILE).write_text(committed)
    (folder / "principals.yaml").write_text(declared)
    (folder / ".gitignore").write_text("logs/\nstate/\nleastwise-out/\n")
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "Tighten (#41)")
    denials = calls if calls is not None else [refusal()]
    moments = [Moment(NOW - timedelta(hours=20), CALLER, call) for call in denials]
    used = Moment(NOW - timedelta(hours=19), CALLER, s3_object("GetObject", "receipts", "2026/a.pdf"))
    write_trail(folder / "logs", [*moments, used], Random(7))  # noqa: S311  the same records every time
    write_selectors(folder / "logs" / "selectors.json")
    journal = Journal(shelf_at(str(folder / "state"), folder, Aws({}), NOW, FOLDER), print)
    for record in records:
        journal.write(record)
    return folder
