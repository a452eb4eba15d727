"""What was looked at, and what was not: the ground on which a proposal stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.agreement import one_sided
from leastwise.model.evidence import Examined
from leastwise.render.escape import code, plain, prose
from leastwise.render.words import counted, days_of, listed, seen_window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from leastwise.agreement import OneSided
    from leastwise.case import Case
    from leastwise.model.evidence import Coverage, Selectors
    from leastwise.visibility import View


def section(case: Case) -> str:
    """One paragraph for every source."""
    if not case.views:
        return "### Evidence\n\nNo source was read."
    lines = [line for view in case.views for line in _lines(case, view)]
    return "### Evidence\n\n" + "\n".join([*lines, *map(_one_sided, one_sided(case))])


def _lines(case: Case, view: View) -> Iterator[str]:
    seen = view.coverage
    active = days_of(
        observation for observation in case.evidence.observations if observation.key.source == seen.source
    )
    at_work = counted(len(active), "day")
    if seen.tells_actions_only:
        yield from _examined(case, seen)
    else:
        yield f"- Source {code(seen.source)} ({seen.kind}): {window_words(seen)}; at work on {at_work}."
    yield f"  - Logged: {logged(seen, code)}."
    if view.blind:
        detail = f" ({prose(view.blind.detail, 300)})" if view.blind.detail else ""
        yield f"  - **Nothing counts as unused here**: {view.blind.reason.value}{detail}."
    yield from _defects(seen)


def _one_sided(found: OneSided) -> str:
    """What one source saw and another did not."""
    actions = listed(found.actions, 8)
    if found.contradiction:
        missed = f"{code(found.missed_by)} should have, and did not"
        return f"- **Sources disagree**: {code(found.seen_by)} saw {actions}; {missed}."
    return f"- Seen by {code(found.seen_by)} and not by {code(found.missed_by)}: {actions}."


def _examined(case: Case, seen: Coverage) -> Iterator[str]:
    """Of a source that looks at one principal at a time: how far it is, and what it never tells."""
    examined = seen.examined.get(case.principal.key, Examined())
    days = f"{min(examined.days)} to {max(examined.days)}" if examined.days else "no day yet"
    actions = sum(
        seen.source == key.source and key.principal == case.principal.key for key in case.evidence.tallies
    )
    yield f"- Source {code(seen.source)} ({seen.kind}): {days}; {counted(actions, 'action')} called."
    if examined.vague - {"*"}:
        yield f"  - Used, by actions that are not told: {listed(sorted(examined.vague - {'*'}), 8)}."
    yield from (f"  - {prose(words, 600)}." for words in (*examined.words, *sorted(seen.limits)))


def window_words(seen: Coverage) -> str:
    """``2026-08-20 to 2026-11-23 (96 days, 2 days without any record), 57,290 records``."""
    window = seen_window(seen)
    if window is None:
        return "no record at all"
    first, last = window
    days = (last - first).days + 1
    missing = days - len({day for _, day in seen.delivered})
    gaps = f", {counted(missing, 'day')} without any record" if missing else ""
    return f"{first} to {last} ({counted(days, 'day')}{gaps}), {counted(seen.records, 'record')}"


def logged(seen: Coverage, name: Callable[[str], str]) -> str:
    """Which events of which regions a source is set to log; ``name`` writes a name that came from outside."""
    return f"{_selectors(seen.selectors, name)}; regions: {_regions(seen)}"


def _selectors(selectors: Selectors | None, name: Callable[[str], str]) -> str:
    if selectors is None:
        return "not known (no event selectors given)"
    management = {(True, True): "all management events", (True, False): "management events (read only)"}
    words = [
        management.get(
            (selectors.management_read, selectors.management_write),
            "management events (write only)" if selectors.management_write else "no management events",
        )
    ]
    if selectors.excluded_sources:
        words.append("without " + ", ".join(map(name, sorted(selectors.excluded_sources))))
    types = sorted({selector.resource_type for selector in selectors.data})
    words.append("data events of " + ", ".join(map(name, types)) if types else "no data events")
    return ", ".join(words)


def _regions(seen: Coverage) -> str:
    if seen.all_regions:
        return "all"
    return (", ".join(sorted(plain(region, 40) for region in seen.regions)) or "none") + " (others not known)"


def _defects(seen: Coverage) -> Iterator[str]:
    if seen.unreadable_count:
        first = seen.unreadable[0]
        yield (
            f"  - Could not be read: {counted(seen.unreadable_count, 'file or record')}, the first "
            f"{code(first.path, 200)} ({prose(first.reason)})."
        )
    if seen.unmapped:
        names = sorted(seen.unmapped, key=lambda name: (-seen.unmapped[name], name))
        shown = ", ".join(f"{code(name)} × {seen.unmapped[name]:,}" for name in names[:5])
        more = f" and {len(names) - 5:,} more" if len(names) > 5 else ""
        yield f"  - Calls that no permission is known for: {shown}{more}."
    if seen.tampering:
        yield f"  - Logging was changed or stopped: {code(min(seen.tampering), 200)}."
