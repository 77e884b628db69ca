"""Uploaded pictures, read in a process of their own with limits on time and memory (T12).

A decoder that loops, bursts or crashes takes only its child with it, and the person gets a sentence.
The child costs about 50 ms: pictures are uploaded now and then, never in a loop.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from apps_catalog.image_limits import MAX_IMAGE_BYTES, BadImage, CleanImage
from apps_catalog.svg import BadSvg, CleanSvg

CHILD = Path(__file__).with_name("picture_child.py")
WALL_SECONDS = 10.0
_NEEDED = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT")


class _Refused(ValueError):
    """What the child said of a picture that it does not take."""


def clean_logo(data: bytes) -> CleanSvg:
    """`svg.clean_logo` in a child. Raises BadSvg."""
    return _svg("logo", data)


def clean_mark(data: bytes) -> CleanSvg:
    """`svg.clean_mark` in a child. Raises BadSvg."""
    return _svg("mark", data)


def clean_image(data: bytes, *, child: Path = CHILD) -> CleanImage:
    """`image_reading.clean_image` in a child. Raises BadImage."""
    try:
        facts, body = _ask("image", data[: MAX_IMAGE_BYTES + 1], child)
    except _Refused as problem:
        raise BadImage(str(problem)) from None
    return CleanImage(body, facts["width"], facts["height"], tuple(facts["removed"]))


def _svg(kind: str, data: bytes) -> CleanSvg:
    try:
        facts, body = _ask(kind, data)
    except _Refused as problem:
        raise BadSvg(str(problem)) from None
    return CleanSvg.from_facts(body.decode(), facts)


def _ask(kind: str, data: bytes, child: Path = CHILD) -> tuple[dict[str, Any], bytes]:
    command = [sys.executable, "-I", str(child), kind]
    env = {name: os.environ[name] for name in _NEEDED if name in os.environ}
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=WALL_SECONDS, env=env, check=False)
    except subprocess.TimeoutExpired:
        raise _Refused("The picture takes too long to read. Simplify it and export it again.") from None
    head, _, body = done.stdout.partition(b"\n")
    if done.returncode or not head:
        raise _Refused("The picture takes more time or memory than it may. Simplify it and export it again.")
    facts = json.loads(head)
    if "problem" in facts:
        raise _Refused(facts["problem"])
    return facts, body
