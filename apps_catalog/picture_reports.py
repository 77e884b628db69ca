"""What cleaning did to an uploaded logo or mark, kept with the listing and said in plain words."""

from typing import Any

from apps_catalog.models import Listing
from apps_catalog.svg import CleanSvg

NAMES = ("logo", "mark")
# The beginning of what was left out → why.
_WHY = (
    ("<script", "It could run a program in visitors’ browsers."),
    ("attribute on", "It could run a program in visitors’ browsers."),
    ("<style", "Style sheets can load files from elsewhere."),
    ("part of a style", "It is no plain colour, size or reference inside the picture."),
    ("<image", "Pictures inside pictures are not taken."),
    ("<foreignObject", "It holds a piece of a web page."),
    ("<a>", "A logo is no link."),
    ("<switch", "It changes nothing in the picture."),
    ("<anim", "Logos stand still."),
    ("<set", "Logos stand still."),
    ("a link to somewhere", "It would load a file from elsewhere."),
    ("data of a drawing", "Only your drawing program reads it."),
    ("<metadata", "Only your drawing program reads it."),
)
_OTHERWISE = "It is not among what the catalog shows."


def report_of(picture: CleanSvg, sha256: str, size: int) -> dict[str, Any]:
    """The report as JSON: what went with line and reason, advice, and sizes before and after.

    `sha256` names the cleaned picture, so that a report is never shown beside another one; `size` is the
    upload's in bytes.
    """
    return {
        "sha256": sha256,
        "removed": [
            {"what": what, "line": line, "why": _why(what)}
            for what, line in zip(picture.removed, picture.lines, strict=True)
        ],
        "advice": list(picture.advice),
        "before": {"bytes": size, "elements": picture.elements_before},
        "after": {"bytes": len(picture.text.encode()), "elements": picture.elements},
    }


def reports_of(listing: Listing) -> dict[str, dict[str, Any]]:
    """The reports about the pictures that the listing has now, by name."""
    known = listing.picture_reports
    return {name: known[name] for name in NAMES if name in known and known[name]["sha256"] == _picture(listing, name)}


def lines(name: str, report: dict[str, Any]) -> list[str]:
    """The report in sentences, for messages."""
    gone = ", ".join(each["what"] for each in report["removed"])
    found = [f"We left out of the {name}: {gone}. Look at the preview."] if gone else []
    return found + [f"{name.capitalize()}: {advice}" for advice in report["advice"]]


def _picture(listing: Listing, name: str) -> str | None:
    sha256: str | None = getattr(listing, f"{name}_id")
    return sha256


def _why(what: str) -> str:
    return next((why for start, why in _WHY if what.startswith(start)), _OTHERWISE)
