"""The process that reads one uploaded picture, and nothing else: `picture_guard` starts it (T12).

Usage: `python -I picture_child.py logo|mark|image < upload > answer`. The answer is a line of JSON, followed
by the bytes of the cleaned picture. It is started by path, isolated from whatever the environment says.
"""

import json
import resource
import sys
from pathlib import Path

# Seconds of processor time, and bytes of address space (which also holds the interpreter and its libraries).
CPU_SECONDS = 2
MEMORY = 512 * 1024 * 1024


def confine() -> None:
    """Give up what reading a picture does not need: time, memory, new files, new processes."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def answer(kind: str, data: bytes) -> tuple[dict[str, object], bytes]:
    """What becomes of an upload: facts about the cleaned picture with its bytes, or {"problem": sentence}."""
    if kind == "image":
        from apps_catalog import image_limits, image_reading  # noqa: PLC0415  a drawing needs no Pillow: half the time

        try:
            image = image_reading.clean_image(data)
        except image_limits.BadImage as problem:
            return {"problem": str(problem)}, b""
        return {"width": image.width, "height": image.height, "removed": image.removed}, image.data
    from apps_catalog import svg  # noqa: PLC0415  and pixels need no parser

    try:
        picture = svg.GUARDS[kind](data)
    except svg.BadSvg as problem:
        return {"problem": str(problem)}, b""
    return picture.facts(), picture.text.encode()


def main() -> None:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    confine()
    head, body = answer(sys.argv[1], sys.stdin.buffer.read())
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + body)


if __name__ == "__main__":
    main()
