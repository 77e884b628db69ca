"""The labels of the catalog's mail template: what they are called, what people write instead, what looks like one."""

import re
from collections.abc import Mapping
from difflib import get_close_matches

# Field → the label of the template, then what people write instead.
LABELS: Mapping[str, tuple[str, ...]] = {
    "name": ("Name", "Integration name", "Name of integration"),
    "pull_request": (
        "Link to your most recent PR on the actions-destination repository", "Link to your most recent PR",
        "Most recent PR", "Link to PR", "Pull request", "PR link", "PR",
    ),
    "description": ("Description",),
    "website": ("Website", "Web site", "URL"),
    "categories": ("Categories", "Category"),
    "logo": ("Logo",),
    "mark": ("Mark", "Icon"),
    "support_email": (
        "Customer support email address", "Customer support email", "Support email address", "Support email",
    ),
}  # fmt: skip
BULLET = re.compile(r"^(?:[-*•–]\s+|\d{1,2}[.)]\s+)")
# A label that is none of ours is short, or close to one of ours.
_MOST_WORDS, _MOST_CHARACTERS = 4, 80
_BOLD = re.compile(r"(\*\*|__)(.{1,80}?)\1")
_FIELDS = {re.sub(r"\W+", " ", label).strip().casefold(): name for name, all_ in LABELS.items() for label in all_}


def label_of(line: str) -> tuple[str, str] | None:
    """The field that a line begins, and the rest of the line; None for any other line."""
    rest = BULLET.sub("", line.strip())
    label, colon, value = rest.partition(":")
    name = _FIELDS.get(_bare(label).casefold())
    if not colon or name is None:
        return None
    # “**Name:** value” leaves the closing stars behind the colon.
    opened = label.count("**") % 2 or label.count("__") % 2
    return name, re.sub(r"^\s*(?:\*\*|__)", "", value).strip() if opened else value.strip()


def like_label(line: str) -> str | None:
    """The words with which a line begins as if they were a label; None where it does not look so.

    “Websit: …”, “- **Web page**: …”, and without a colon a bold or bulleted word that is close to a label of ours.
    """
    stripped = line.strip()
    rest = BULLET.sub("", stripped)
    words, colon, value = rest.partition(":")
    # Neither https://… nor 10:30.
    if colon and not value.startswith("//") and not value[:1].isdigit():
        return _short_or_near(_bare(words)) if len(words) <= _MOST_CHARACTERS else None
    bold = _BOLD.match(rest)
    first = bold[2] if bold else rest.split(" ", 1)[0] if rest != stripped else ""
    return _bare(first) if nearest(_bare(first)) else None


def nearest(words: str) -> str | None:
    """The label of the template that these words may have been meant for."""
    if len(words) > _MOST_CHARACTERS:
        return None
    near = get_close_matches(words.casefold(), _FIELDS, n=1, cutoff=0.75)
    return LABELS[_FIELDS[near[0]]][0] if near else None


def _short_or_near(words: str) -> str | None:
    if not words[:1].isalpha():
        return None
    return words if len(words.split()) <= _MOST_WORDS or nearest(words) else None


def _bare(label: str) -> str:
    """Without emphasis and punctuation."""
    return re.sub(r"[\W_]+", " ", label).strip()
