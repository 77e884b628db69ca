"""How often a test repeats itself: a small count on every run, the full count in `make test-full`."""

import os

FULL = os.environ.get("FULL") == "1"


def count(small: int, full: int) -> int:
    """`small` in `make test`, `full` in `make test-full` (or whenever FULL=1 is set)."""
    return full if FULL else small
