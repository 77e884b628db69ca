"""docs/test-suite.md and the suite say the same."""

from pathlib import Path

import pytest

from devcenter.docs.pages import anchor, load
from runtime.causes import CAUSES
from runtime.samples import GROUPS, suite_cases

CASES = suite_cases()
TEXT = (Path(__file__).resolve().parents[2] / "docs" / "test-suite.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_every_case_has_its_section(case):
    section = TEXT.split(f"\n### {case.id}\n", 1)[1].split("\n#", 1)[0]
    for text in (case.name, case.purpose, case.expectation):
        assert text in section
    assert anchor(case.id) == case.id
    assert f'id="{case.id}"' in load("test-suite").html


def test_no_section_is_about_a_case_that_is_gone():
    written = [line.removeprefix("### ") for line in TEXT.splitlines() if line.startswith("### ")]
    assert written == [case.id for case in CASES]


def test_the_table_of_groups_is_that_of_the_suite():
    rows = [line.split(" | ") for line in TEXT.split("## Groups")[1].split("## ")[0].splitlines() if line[:3] == "| `"]
    written = {row[0].strip("| `"): (row[1] == "yes", row[2].rstrip(" |")) for row in rows}
    assert written == {group.name: (group.required, group.proves) for group in GROUPS.values()}


def test_every_cause_is_listed_with_its_fix():
    assert [cause.id for cause in CAUSES if f"| {cause.text} | {cause.fix} |" not in TEXT] == []
