"""``python -m bench [name …]``: run the named benchmarks, or all of them."""

from __future__ import annotations

import sys

from bench import again, engines, inclusion, quality, read, replay

BENCHMARKS = {
    "again": again.main,
    "engines": engines.main,
    "inclusion": inclusion.main,
    "quality": quality.main,
    "read": read.main,
    "replay": replay.main,
}


def main(names: list[str]) -> None:
    for name in names or sorted(BENCHMARKS):
        print(f"== {name}")
        BENCHMARKS[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
