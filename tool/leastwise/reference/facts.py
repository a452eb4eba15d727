"""The data files of this package: each is read once, when first asked for.

Generated files (``*.json``) carry the generator, its inputs and a date; curated ones (``*.toml``) carry a
source and a date in every row.
"""

from __future__ import annotations

import json
import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@cache
def facts(name: str) -> Mapping[str, Any]:
    """The content of ``data/<name>``, a TOML or JSON file of this package."""
    text = files("leastwise.reference").joinpath("data", name).read_text(encoding="utf-8")
    content: Mapping[str, Any] = tomllib.loads(text) if name.endswith(".toml") else json.loads(text)
    return content
