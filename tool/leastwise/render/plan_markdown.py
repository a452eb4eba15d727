"""Plans as Markdown, for a pull request or the page of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.render.escape import code, prose, span
from leastwise.render.plan import arrows, gains, grant_words, headline, losses, said_of, step_words, summary
from leastwise.render.redact import redacted
from leastwise.render.words import counted, title_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from leastwise.plan.planned import Planned
    from leastwise.review import GrantDelta

TITLE = "## What applying this would change in AWS"
WIDE = 300
GRANTS = 40
LIMIT = 60_000
"""Characters: a comment on GitHub holds 65,536."""
EXACTLY = (
    "\nWhat is applied after a merge is exactly what is shown here: where what is live or what is committed "
    "is another by then, the plan is another too, and is not applied by itself.\n"
)
CUT = (
    "\n*Cut: {} more. `leastwise plan` shows them; what is not shown here is not applied when this is "
    "merged, until somebody gives its fingerprint.*\n"
)


def plan_markdown(found: Iterable[Planned], redact: Sequence[str]) -> str:
    """Those who differ, each with its plan; then the others in a line."""
    every = tuple(found)
    telling = [each for each in every if each.differs or not each.is_read]
    text = f"{TITLE}\n\n{summary(every)}.\n" + (EXACTLY if any(each.plan for each in every) else "")
    for number, each in enumerate(telling):
        section = "\n".join(_section(each)) + "\n"
        if len(text) + len(section) > LIMIT:
            text += CUT.format(counted(len(telling) - number, "principal"))
            break
        text += section
    return redacted(text, redact)


def _section(found: Planned) -> Iterator[str]:
    said = headline(found) if found.differs else "could not be read"
    yield f"\n### {title_name(found.principal)}: {said}\n"
    for delta in found.deltas:
        yield f"- {prose(said_of(delta), WIDE)}"
        yield from (f"  - {span(arrows(change), 2 * WIDE)}" for change in delta.changes[:GRANTS])
    if found.behind:
        yield f"- accounts with an older definition: {', '.join(found.behind)}"
    if found.deltas:
        yield f"\n**{prose(_sentence(gains(found)), WIDE)}**\n"
        yield from _grants(found.effect.added)
        yield f"\n**{prose(_sentence(losses(found)), WIDE)}**\n"
        yield from _grants(found.effect.removed)
    yield from (f"\n> [!NOTE]\n> {_said(note)}" for note in found.notes)
    yield from (f"\n> [!WARNING]\n> Not to be applied: {_said(why)}" for why in found.why_not)
    if found.plan:
        yield f"\n<details><summary>{counted(len(found.plan.steps), 'call')}, in this order</summary>\n"
        yield from (
            f"{number}. {prose(step_words(step), WIDE)}" for number, step in enumerate(found.plan.steps, 1)
        )
        yield f"\n</details>\n\nFingerprint: {code(found.plan.fingerprint)}"


def _said(text: str) -> str:
    """A sentence of ours: what stands between backticks may be a name of somebody else's."""
    return prose(text.replace("`", "'"), 2 * WIDE)


def _sentence(clause: str) -> str:
    return clause[:1].upper() + clause[1:]


def _grants(grants: Sequence[GrantDelta]) -> Iterator[str]:
    for grant in grants[:GRANTS]:
        yield f"- {prose(grant_words(grant), WIDE)}"
    if len(grants) > GRANTS:
        yield f"- and {counted(len(grants) - GRANTS, 'more grant')}"
