"""What the docs say is held against the code."""

import re
from pathlib import Path

import pytest

from apps_catalog.states import STAGE_MOVES
from partners.states import MOVES as REQUEST_MOVES
from reviews.states import MOVES as SUBMISSION_MOVES
from reviews.states import ReviewStep
from trains.states import PASSENGER_MOVES
from upkeep.states import RISK_MOVES

DOCS = Path(__file__).resolve().parents[1] / "docs"


def _rows(page: str, heading: str) -> list[list[str]]:
    """The table under `heading`, without its head."""
    text = (DOCS / page).read_text(encoding="utf-8")
    section = text.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


@pytest.mark.parametrize(
    ("heading", "moves"),
    [
        ("Access request", REQUEST_MOVES),
        ("Stage of an App", STAGE_MOVES),
        ("Submission", SUBMISSION_MOVES),
        ("Passenger of the release train", PASSENGER_MOVES),
        ("Risk", RISK_MOVES),
    ],
)
def test_the_tables_of_the_lifecycle_are_those_of_the_code(heading, moves):
    written = {verb: (frozenset(before.split(", ")), after) for verb, before, after in _rows("lifecycle.md", heading)}
    assert written == {verb: (frozenset(map(str, before)), str(after)) for verb, (before, after) in moves.items()}


def test_the_steps_of_review_are_published_in_order():
    text = (DOCS / "review.md").read_text(encoding="utf-8")
    assert len(re.findall(r"^\d\. ", text, re.MULTILINE)) == len(ReviewStep)


def test_every_direct_dependency_has_its_reason():
    root = DOCS.parent
    direct = [
        re.split(r"[<>=\[]", line)[0].lower()
        for name in ("requirements.in", "requirements-dev.in")
        for line in (root / name).read_text().splitlines()
        if line and not line.startswith(("#", "-"))
    ]
    reasons = (DOCS / "dependencies.md").read_text().lower()
    assert [name for name in direct if name not in reasons] == []
