"""The one door through which a value reaches a page: made harmless, then escaped by the template engine.

Autoescaping makes markup of a name text; what it leaves is text that lies about itself: letters that turn the
direction of writing, that have no width, or that look like others.  They are written as JSON escapes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from markupsafe import Markup, escape

from leastwise.iam import glob
from leastwise.render.escape import printable
from leastwise.render.redact import HIDDEN, redacted

LONGEST = 4_000
"""Characters of one value; a template asks for less where a name stands in a table."""
NAME_LONGEST = 240


@dataclass(frozen=True, slots=True)
class Shown:
    """Redacts as the declaration says; ``text`` is the template engine's ``finalize``."""

    redact: tuple[str, ...]

    def text(self, value: object) -> object:
        """What a template prints for a value: numbers with separators, text made harmless."""
        if isinstance(value, Markup):
            return value
        if isinstance(value, bool) or value is None:
            raise TypeError(f"a template printed {value!r}")
        if isinstance(value, int):
            return f"{value:,}"
        if isinstance(value, date):
            return value.isoformat()
        return printable(redacted(str(value), self.redact), LONGEST)

    def name(self, resource: str) -> str:
        """A resource's whole name, hidden as a whole where it fits a pattern, and cut."""
        globs = (glob.parse(pattern, variables=False) for pattern in self.redact)
        hidden = any(glob.matches(each, resource) for each in globs)
        return printable(HIDDEN if hidden else redacted(resource, self.redact), NAME_LONGEST)

    def marked(self, words: str) -> Markup:
        """Words of ours with Markdown's code spans, as the pull requests have them."""
        parts = [escape(str(self.text(part))) for part in words.replace("**", "").split("`")]
        return Markup("").join(
            Markup("<code>{}</code>").format(part) if number % 2 else part
            for number, part in enumerate(parts)
        )
