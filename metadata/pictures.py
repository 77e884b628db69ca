"""Logo and mark of a filled-in template: which file is for which of them, cleaned by the picture guard (T11, T12)."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from apps_catalog import picture_guard, svg
from apps_catalog.assets import SVG_TYPE, read_bytes
from apps_catalog.models import Asset
from apps_catalog.picture_reports import NAMES, report_of
from runtime.catalog_mail import Entry
from runtime.catalog_remarks import Remark

_GUARDS = {"logo": picture_guard.clean_logo, "mark": picture_guard.clean_mark}
# What a file is called that is plainly for one of them.
_SPOKEN = {"logo": re.compile(r"logo", re.IGNORECASE), "mark": re.compile(r"mark|icon|symbol", re.IGNORECASE)}
_ASSET = re.compile(r"/assets/([0-9a-f]{64})\.svg$", re.ASCII)
_ELSEWHERE = re.compile(r"https?://", re.IGNORECASE)


class File(NamedTuple):
    """A file that came along with a template."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Pictures:
    """`kept`: field → {"name", "svg", "report"}, as TemplateDraft holds it."""

    kept: dict[str, dict[str, Any]]
    remarks: list[Remark]


def place(entry: Entry, files: Iterable[File]) -> tuple[dict[str, File], list[Remark]]:
    """Which of the files of a mail is the logo and which the mark, and what is to be said about the others."""
    left = list(files)
    placed: dict[str, File] = {}
    for name in NAMES:  # those that the template names come first
        if found := _named(getattr(entry, name), left):
            placed[name] = found
            left.remove(found)
    for name in NAMES:
        candidates = [file for file in left if _is_svg(file) and _SPOKEN[name].search(file.name)]
        if name not in placed and len(candidates) == 1:
            placed[name] = candidates[0]
            left.remove(candidates[0])
    remarks = [
        Remark("", 0, f"“{file.name[:80]}” was left out: name the file of your logo or mark in the template.")
        for file in left
        if _is_svg(file)
    ]
    return placed, remarks


def take(
    entry: Entry, files: Mapping[str, File], current: Mapping[str, str | None], lines: Mapping[str, int]
) -> Pictures:
    """Clean what came along. `current`: the pictures that the listing has already, by field.

    A picture that the template names and that is nowhere is pointed out; nothing is fetched from elsewhere.
    """
    kept: dict[str, dict[str, Any]] = {}
    remarks: list[Remark] = []
    for name in NAMES:
        file = files.get(name) or _stored(getattr(entry, name), current[name])
        if file is None:
            problem = _missing(name, getattr(entry, name), current[name])
        else:
            problem = _clean(name, file, kept)
        remarks += [Remark(name, lines.get(name, 0), problem)] if problem else []
    return Pictures(kept, remarks)


def _named(value: str, files: list[File]) -> File | None:
    wanted = value.strip().casefold()
    return next((file for file in files if wanted and file.name.casefold() == wanted), None)


def _is_svg(file: File) -> bool:
    return file.name.casefold().endswith(".svg")


def _stored(value: str, current: str | None) -> File | None:
    """A picture of ours that the template names by its address; none for the one that stands there already."""
    found = _ASSET.search(value)
    if not found or found[1] == current:
        return None
    asset = Asset.objects.filter(pk=found[1], content_type=SVG_TYPE).first()
    return File(f"{asset}.svg", read_bytes(asset)) if asset else None


def _missing(name: str, value: str, current: str | None) -> str:
    """Why there is no picture, where the template names one; "" where there is nothing to say."""
    found = _ASSET.search(value)
    if not value or (found and found[1] == current):
        return ""
    if _ELSEWHERE.match(value):
        return "Pictures are not fetched from elsewhere. Send the file along, or upload it under Listing."
    return f"The file “{value[:80]}” did not come along. Send it with the template, or upload it under Listing."


def _clean(name: str, file: File, kept: dict[str, dict[str, Any]]) -> str:
    """Puts the cleaned picture into `kept`; says what is wrong with one that is not taken."""
    try:
        clean = _GUARDS[name](file.data[: svg.MAX_BYTES + 1])
    except svg.BadSvg as problem:
        return f"“{file.name[:80]}” was not taken: {problem}"
    sha256 = hashlib.sha256(clean.text.encode()).hexdigest()
    kept[name] = {"name": file.name, "svg": clean.text, "report": report_of(clean, sha256, len(file.data))}
    return ""
