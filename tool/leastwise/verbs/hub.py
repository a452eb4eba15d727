"""What verbs that publish on GitHub share: its publisher, and telling people what a run did."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from leastwise.aws.messages import Messages
from leastwise.aws.sessions import Aws
from leastwise.errors import LeastwiseError, PublishError
from leastwise.model.proposal import OutcomeKind, ProposalKind
from leastwise.notify.tell import tell
from leastwise.publish.actions import ActionsRun
from leastwise.publish.dashboard import Dashboard
from leastwise.publish.github import GitHubPublisher
from leastwise.publish.github_run import checked_repository
from leastwise.render.annotations import annotation, annotations_of_error, annotations_of_failures
from leastwise.render.dashboard import dashboard, run_summary
from leastwise.render.digest import digest
from leastwise.render.standing import news
from leastwise.verbs.hub_options import HubOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from leastwise.model.declared import Declaration, Principal
    from leastwise.model.proposal import PublishOutcome
    from leastwise.publish.forge import Forge
    from leastwise.publish.github_run import Limits
    from leastwise.publish.handover import Record

REFUSED = 5


def refuse_to_publish(declaration: Declaration) -> None:
    """In a run of Actions whose artifact anybody may read, unless the declaration says so."""
    hub = HubOptions()
    if ActionsRun.of(os.environ).annotates and hub.is_set(os.environ):
        checked_repository(hub.forge(os.environ), public=declaration.public)


def publisher_on(forge: Forge, declaration: Declaration, now: datetime, limits: Limits) -> GitHubPublisher:
    """The publisher, once the repository may be published to."""
    return GitHubPublisher.connect(forge, now, public=declaration.public, limits=limits)


def declined(publisher: GitHubPublisher, principals: Iterable[Principal]) -> dict[str, frozenset[str]]:
    """Principal -> the grants that people declined by closing a pull request."""
    return {
        principal.key: frozenset().union(
            *(publisher.rejected_grants(principal.key, kind) for kind in ProposalKind)
        )
        for principal in principals
    }


def show_dashboard(
    forge: Forge, declaration: Declaration, record: Record, now: datetime
) -> tuple[Record, str]:
    """Have the dashboard up to date: the record with what is new there, and what kept it from being shown."""
    try:
        board = Dashboard.connect(forge, public=declaration.public)
        shown = board.ensure(dashboard(record.reports, record.outcomes, now.date()))
    except PublishError as error:
        return record, f"the dashboard: {error}"
    return replace(record, news=news(shown.before, record.reports)), ""


def close_run(
    run: ActionsRun, record: Record, now: datetime, complaint: str, show: Callable[[str], None]
) -> int:
    """Put the run on its page, annotate what failed; the exit code."""
    run.summarize(run_summary(record.reports, record.outcomes, now.date(), record.news))
    if run.annotates:
        for line in annotations_of_failures(record.outcomes):
            show(line)
    if complaint:
        show(annotation("error", complaint, title="leastwise") if run.annotates else complaint)
    return REFUSED if complaint or _failed(record.outcomes) else 0


def tell_people(
    declaration: Declaration, record: Record, repository: str, run: ActionsRun, warn: Callable[[str], None]
) -> int:
    """Send the digest, if anything changed, to every channel of ``notify``; how many it reached."""
    told = digest(record.reports, record.outcomes, repository, run.address, record.news)
    messages = Messages(Aws(declaration.account_roles))
    return tell(declaration.notify, told, os.environ, messages, warn)


def annotate(run: ActionsRun, error: LeastwiseError, show: Callable[[str], None]) -> None:
    """What is about to end the run, as annotations."""
    if run.annotates:
        for line in annotations_of_error(error):
            show(line)


def _failed(outcomes: Iterable[PublishOutcome]) -> bool:
    return any(outcome.kind is OutcomeKind.FAILED for outcome in outcomes)
