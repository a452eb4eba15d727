"""``python -m leastwise``: the command line without an installed script."""

from leastwise.cli import main

main()
