"""Matching customers' values against partners' patterns, without letting a pattern hold a worker up.

A regular expression may take longer than the universe has time (“(a+)+$”). Python cannot interrupt one, so it runs
in a process of its own that is ended when its time is over. At most a few run at once.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from threading import BoundedSemaphore

from django.core.exceptions import ValidationError

from apps_catalog.validators import clean_pattern

# Starting takes some 20 ms; a pattern that needs more than the rest is not one for a form.
MAX_SECONDS = 1.0
MAX_AT_ONCE = 4
# Characters that long repetitions are made of to find patterns that explode; a “\n!” at the end makes them fail.
_PROBED = "a0 A-_./@:,"
_LONG, _END = 4_000, "\n!"
_PROGRAM = """
import json, re, sys
pairs = json.load(sys.stdin)
print(json.dumps([bool(re.fullmatch(pattern, text)) for pattern, text in pairs]))
"""
_seats = BoundedSemaphore(MAX_AT_ONCE)


class TooSlow(Exception):
    """The patterns did not come to an end in time, or too many others are being matched."""


def matches(pairs: Sequence[tuple[str, str]], *, seconds: float = MAX_SECONDS) -> list[bool]:
    """For each (pattern, text): whether the whole text matches. Raises TooSlow for all of them together.

    The patterns must be readable (`validators.clean_pattern`).
    """
    if not pairs:
        return []
    if not _seats.acquire(timeout=seconds):
        raise TooSlow
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _PROGRAM],
            input=json.dumps(pairs).encode(), capture_output=True, timeout=seconds, check=True,
        )  # fmt: skip
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
        raise TooSlow from None
    finally:
        _seats.release()
    return list(json.loads(done.stdout))


def clean_fast_pattern(pattern: str) -> str:
    """A pattern that can be read and that long, almost matching texts do not hold up. Raises ValidationError."""
    clean_pattern(pattern)
    if not pattern:
        return ""
    probes = dict.fromkeys(char * _LONG + _END for char in (*_PROBED, *_literals(pattern)))
    try:
        matches([(pattern, probe) for probe in probes])
    except TooSlow:
        raise ValidationError(
            "This pattern takes too long with some texts. Avoid repetitions inside repetitions, such as (a+)+."
        ) from None
    return pattern


def try_pattern(pattern: str, text: str) -> tuple[bool | None, str]:
    """What the tester says: whether it matches (None: not known), and a sentence."""
    if not pattern:
        return None, "Enter a pattern first."
    try:
        clean_pattern(pattern)
        found = matches([(pattern, text)])[0]
    except ValidationError as problem:
        return None, problem.messages[0]
    except TooSlow:
        return None, "This pattern took too long with this text and was stopped. Write a simpler one."
    return found, "It matches." if found else "It does not match. The whole value has to."


def _literals(pattern: str) -> str:
    """The letters and digits of the pattern, each once, at most 12."""
    return "".join(dict.fromkeys(char for char in pattern if char.isalnum()))[:12]
