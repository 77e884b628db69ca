"""What a finding says before the reviewer has written anything: the rule that is not met, in its canned words."""

from collections.abc import Mapping
from typing import Any

from reviews.desk.forms import MAX_ROWS, FindingForm
from reviews.models import Rule


def from_rule(rule: Rule, number: str = "") -> dict[str, str]:
    """The fields of a finding about `rule`, by the names of FindingForm; `number` counts its canned reasons from 1.

    A canned reason says first what is wrong and then, in further sentences, what to do.
    """
    at = int(number) - 1 if number.isascii() and number.isdigit() else 0
    reason = rule.canned[at] if 0 <= at < len(rule.canned) else ""
    seen, dot, todo = reason.partition(". ")
    return {"step": rule.step, "rule_id": rule.rule_id, "observed": seen + dot.strip(), "todo": todo}


def free_row(source: Mapping[str, str], row_count: int) -> int | None:
    """The first finding in which nothing is written, else a new one; None when all are used."""
    rows = range(min(row_count + 1, MAX_ROWS))
    return next((row for row in rows if not _is_written(source, row)), None)


def _is_written(source: Mapping[str, str], row: int) -> bool:
    return any(source.get(f"finding-{row}-{name}", "").strip() for name in FindingForm.NAMES)


def with_steps(source: Mapping[str, Any], rules: Mapping[str, Rule], row_count: int) -> dict[str, Any]:
    """`source` with the step that a finding's rule belongs to, where the reviewer chose the rule alone."""
    filled = dict(source.items())
    for row in range(row_count):
        rule = rules.get(filled.get(f"finding-{row}-rule_id", "").strip())
        if rule and not filled.get(f"finding-{row}-step"):
            filled[f"finding-{row}-step"] = rule.step
    return filled
