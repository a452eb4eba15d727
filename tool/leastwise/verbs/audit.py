"""``leastwise audit``: the monthly audit, written into a folder, and sent."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from leastwise.audit.making import Question, audited
from leastwise.audit.month import Month
from leastwise.errors import UsageError
from leastwise.notify.body import fitted
from leastwise.pipeline import CLOUDTRAIL_BEGAN
from leastwise.publish.actions import ActionsRun
from leastwise.render import audit_csv, audit_html, audit_json, audit_text
from leastwise.render.audit_mail import Letter, mail
from leastwise.render.audit_summary import summary
from leastwise.render.audit_words import subject_line
from leastwise.render.redact import redacted
from leastwise.verbs.audit_evidence import Whom, evidence_of_year, notes_of, subjects_of
from leastwise.verbs.hub import refuse_to_publish
from leastwise.verbs.people import shows_people
from leastwise.verbs.posting import post
from leastwise.workspace import read_committed

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from leastwise.audit.values import Audit
    from leastwise.model.declared import Declaration, EmailTarget
    from leastwise.model.evidence import Evidence
    from leastwise.verbs.scope import Scope

DEFAULT_FOLDER = "leastwise-audit"
MAIL_TEXT = 100_000
"""Characters of a mail's text part: more than anybody reads; the whole text is a file."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says beside the scope; ``month`` is the one just past unless it is given."""

    month: Month | None
    out: Path
    whole_accounts: tuple[str, ...] = ()
    people: bool | None = None
    """What the command line says of showing people: of telling sessions apart, by name."""
    send: bool = False


def run(scope: Scope, options: Options, show: Callable[[str], None], warn: Callable[[str], None]) -> int:
    """Make the audit, write it, say where; send it, if that is asked for."""
    workspace = read_committed(scope.root)
    declaration = workspace.declaration
    refuse_to_publish(declaration)
    shows = shows_people(declaration, options.people, os.environ)
    whom = Whom.of(declaration, scope.only, options.whole_accounts, show_people=shows)
    month = asked_month(options.month, scope.now)
    year = Question(month, scope.now, ()).spans.year
    evidence = evidence_of_year(workspace, whom, scope, year)
    audit = of_evidence(evidence, declaration, whom, month, scope)
    actions = ActionsRun.of(os.environ)
    write(audit, options.out, actions.address, declaration.audit.email)
    for line in audit_text.overview_lines(audit):
        show(line)
    show("")
    show(
        f"Read the audit in {options.out / 'audit.html'}; every row is in audit.csv and audit.json beside it."
    )
    actions.summarize(summary(audit))
    return post(options.out, declaration, actions, show, warn) if options.send else 0


def of_evidence(
    evidence: Evidence, declaration: Declaration, whom: Whom, month: Month, scope: Scope
) -> Audit:
    """The audit of what was collected already."""
    hide = partial(redacted, patterns=declaration.redact)
    asked = Question(month, scope.now, subjects_of(evidence, declaration, whom), whom.whole_accounts, hide)
    return audited(evidence, asked, notes_of(declaration, whom, scope))


def asked_month(asked: Month | None, now: datetime) -> Month:
    """The month, checked; by default the one just past."""
    this = Month.of(now.date())
    month = asked or this.earlier(1)
    if month > this:
        raise UsageError(f"--month {month} has not begun: there is nothing to audit yet")
    if month < Month.of(CLOUDTRAIL_BEGAN.date()):
        raise UsageError(f"--month {month}: no record of CloudTrail is older than {CLOUDTRAIL_BEGAN:%Y-%m}")
    return month


def write(audit: Audit, folder: Path, address: str, target: EmailTarget | None) -> None:
    """Every form of an audit into ``folder``; ``address`` is the page of the run that keeps the folder."""
    text = list(audit_text.lines(audit))
    where = audit_text.whole(address)
    letter = Letter(
        subject=subject_line(audit),
        text=f"{fitted(text, MAIL_TEXT)}\n{where}\n",
        page=audit_html.page(audit, address),
        rows=audit_csv.text(audit),
        month=str(audit.month),
        made=audit.made,
    )
    files = {
        "audit.txt": "\n".join([*text, "", where, ""]).encode(),
        "audit.html": letter.page.encode(),
        "audit.csv": letter.rows.encode(),
        "audit.json": (json.dumps(audit_json.audit_object(audit), indent=1) + "\n").encode(),
        "audit.eml": mail(letter, target),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
    except OSError as error:
        raise UsageError(f"{folder} could not be written: {error.strerror}; see --out") from error
