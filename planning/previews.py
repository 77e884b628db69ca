"""What an action would get from a sample event: worked out while one types, and for what is saved."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from runtime.spec import triggers
from runtime.spec.events import samples
from runtime.spec.mappings import Got, Wanted, payload, resolve
from runtime.spec.paths import BadPath
from runtime.spec.remarks import Remark, about


@dataclass(frozen=True, slots=True)
class Preview:
    """What an action makes of the event `sample`; `body` and `event` are JSON, `body` is "" when it does not run.

    `chosen` is the sample that was asked for, "" for none; `through` those that get through. `runs` is None while
    the trigger cannot be read.
    """

    sample: str
    chosen: str
    through: Sequence[str]
    runs: bool | None
    got: Sequence[Got]
    body: str
    event: str
    remarks: Sequence[Remark]

    @property
    def blocking(self) -> list[Remark]:
        return [remark for remark in self.remarks if remark.blocks]

    @property
    def advice(self) -> list[Remark]:
        return [remark for remark in self.remarks if not remark.blocks]

    @property
    def problems(self) -> list[Got]:
        return [each for each in self.got if each.problem]


def preview(trigger: str, fields: Sequence[Wanted], sample: str = "") -> Preview:
    """`sample` is a title out of `runtime.spec.events`; otherwise the first event that gets through is taken."""
    condition = _condition(trigger)
    through = [title for title, event in samples().items() if condition and triggers.matches(condition, event)]
    chosen = sample if sample in samples() else ""
    title = chosen or _richest(through)
    event = samples()[title]
    got = _resolved(fields, event)
    runs = triggers.matches(condition, event) if condition else None
    body = _json(payload(got)) if runs else ""
    got = got if runs else []
    return Preview(title, chosen, through, runs, got, body, _json(event), about(trigger, fields))


def _condition(trigger: str) -> triggers.Condition | None:
    try:
        return triggers.parse(trigger[:1_000])
    except triggers.BadTrigger:
        return None


def _richest(through: Sequence[str]) -> str:
    """The event with most properties of those that get through; where none does, simply the first."""
    return max(through, key=lambda title: len(samples()[title].get("properties", ())), default=next(iter(samples())))


def _resolved(fields: Sequence[Wanted], event: dict[str, Any]) -> list[Got]:
    """Fields whose path cannot be read get nothing; the remarks say why."""
    got: list[Got] = []
    for field in fields:
        try:
            got += resolve([field], event)
        except BadPath:
            continue
    return got


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
