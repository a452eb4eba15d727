"""What a pull request remembers: a hidden comment in its body, beside the region that leastwise owns.

::

    what people write stays
    <!-- leastwise:begin -->
    the text of the proposal
    <!-- leastwise:state BASE64 -->
    <!-- leastwise:end -->

BASE64 is deflated JSON: hundreds of grants must fit beside the text into the 65,536 characters of a body.
There is no database: the pull request found by its branch, and this state in it, are all that is known.
Whoever can edit the body can edit the state, so reading it is bounded and never trusted with more than what
to leave alone.
"""

from __future__ import annotations

import base64
import hashlib
import re
import zlib

# msgspec reads these annotations when it decodes, so they must be there at run time.
from datetime import date, datetime  # noqa: TC003

import msgspec

from leastwise.errors import PublishError
from leastwise.publish.forge import MAX_BODY

BEGIN = "<!-- leastwise:begin -->"
END = "<!-- leastwise:end -->"

REFRESH_DAYS = 7
"""A text in which only figures differ is renewed at most this often."""

_STATE = re.compile(r"<!-- leastwise:state ([A-Za-z0-9+/=]+) -->")
_REGION = re.compile(re.escape(BEGIN) + r".*?" + re.escape(END), re.DOTALL)
_LARGEST_STATE = 4_000_000
_CUT = "\n\n*(cut here: GitHub allows 65,536 characters in a description)*"
# Identifiers first: the digits in them are no figures.
_FIGURES = re.compile(
    r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|[0-9]+(?:[,.:\-/TZ]+[0-9]+)*Z?", re.IGNORECASE
)


class PullState(msgspec.Struct, frozen=True):
    """The state of one pull request of ours."""

    fingerprint: str
    """`Proposal.fingerprint` of what the branch holds."""
    head: str
    """The commit that leastwise put at the tip of the branch last."""
    base: str
    """The default branch's commit on which that was made."""
    title: str
    grants: tuple[str, ...]
    """`GrantChange.grant` of every change proposed."""
    text: str
    """`digest` of the text shown."""
    sense: str
    """`digest` of the text shown, figures apart: see `differs`."""
    written: date
    """The UTC day on which the text was written last."""
    labels: tuple[str, ...] = ()
    """Set once, at creation; people may change them."""
    unfinished: bool = False
    """Labels and reviewers are still to be asked for."""
    closed: datetime | None = None
    """When leastwise itself closed it; a close without this is a person's no."""


def read_state(body: str) -> PullState | None:
    """The state in a body; ``None`` if there is none that can be read."""
    found = _STATE.search(body)
    if found is None:
        return None
    try:
        inflater = zlib.decompressobj()
        text = inflater.decompress(base64.b64decode(found[1], validate=True), _LARGEST_STATE)
        return msgspec.json.decode(text, type=PullState)
    except (ValueError, zlib.error, msgspec.DecodeError):
        return None


def write_body(old: str, text: str, state: PullState) -> str:
    """``old`` with its region replaced by ``text`` and ``state``; what people wrote around it stays.

    The text is cut, visibly, where it does not fit.  Raises `PublishError` where not even the state fits.
    """
    hidden = f"\n<!-- leastwise:state {_encode(state)} -->\n{END}"
    around = _around(old)
    room = MAX_BODY - len(hidden) - len(BEGIN) - 1 - sum(map(len, around))
    safe = text.replace("<!-- leastwise:", "&lt;!-- leastwise:")
    if len(safe) > room:
        if room < len(_CUT):
            raise PublishError(
                f"the {len(state.grants)} grants of this proposal do not fit into one pull request; "
                "split the policy, or propose for fewer services at a time"
            )
        safe = safe[: room - len(_CUT)] + _CUT
    return f"{around[0]}{BEGIN}\n{safe}{hidden}{around[1]}"


def write_state(old: str, state: PullState) -> str:
    """``old`` with a new state and the same text."""
    return _STATE.sub(f"<!-- leastwise:state {_encode(state)} -->", old, count=1)


def differs(state: PullState, text: str, today: date) -> bool:
    """Whether a person should see ``text`` in place of what is shown.

    Evidence grows with every day: counts and dates alone are no news, and each edit is one more for people
    to wonder about.  So the text is renewed when a *word* of it changes (a new line of evidence, another
    service, a warning), or when a figure turns from zero or to zero; and after a week for figures alone.
    """
    if digest(text) == state.text:
        return False
    return sense(text) != state.sense or (today - state.written).days >= REFRESH_DAYS


def digest(text: str) -> str:
    """Hex SHA-256 of a text without regard to white space, which GitHub and its editor change."""
    return hashlib.sha256(" ".join(text.split()).encode(errors="surrogatepass")).hexdigest()


def sense(text: str) -> str:
    """`digest` of a text in which every number but zero, date and UUID is alike."""
    return digest(_FIGURES.sub(lambda found: "0" if set(found[0]) == {"0"} else "1", text))


def _encode(state: PullState) -> str:
    return base64.b64encode(zlib.compress(msgspec.json.encode(state), 9)).decode()


def _around(body: str) -> tuple[str, str]:
    """What stands before and after the region.  A body without a region is a person's, and comes first."""
    found = _REGION.search(body)
    if found is None:
        return (f"{body.rstrip()}\n\n" if body.strip() else "", "")
    return body[: found.start()], body[found.end() :]
