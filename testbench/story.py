"""The person behind the events of a run: who this visitor is, and what they do when (D26)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from runtime.suite.plan import Planned
from runtime.suite.verdicts import REQUIRED_GROUPS


@dataclass(frozen=True, slots=True)
class Step:
    """One event, `seconds` after the first. `is_known`: it carries the userId, and not only the anonymousId."""

    position: int
    type: str
    name: str
    at: datetime | None
    seconds: int | None
    is_known: bool

    @property
    def anchor(self) -> str:
        return f"case-{self.position}"


@dataclass(frozen=True, slots=True)
class Story:
    """`anonymous_id` is there from the first event, `user_id` from step `known_from` on."""

    anonymous_id: str
    user_id: str
    email: str
    known_from: int
    steps: list[Step]


def story_of(cases: Iterable[Planned]) -> Story | None:
    """The story that the required cases tell; None for a run without them, as one of a single event."""
    told = [case for case in cases if case.group in REQUIRED_GROUPS]
    if not told:
        return None
    known = next((case for case in told if case.event.get("userId")), None)
    return Story(
        anonymous_id=_first(told, "anonymousId"),
        user_id=_first(told, "userId"),
        email=next((email for case in told if (email := _email(case.event))), ""),
        known_from=known.position if known else 0,
        steps=[_step(case, _time(told[0].event)) for case in told],
    )


def _step(case: Planned, start: datetime | None) -> Step:
    at = _time(case.event)
    seconds = round((at - start).total_seconds()) if at and start else None
    return Step(case.position, case.type, case.name, at, seconds, bool(case.event.get("userId")))


def _first(cases: Iterable[Planned], field: str) -> str:
    return next((str(case.event[field]) for case in cases if case.event.get(field)), "")


def _email(event: dict[str, Any]) -> str:
    traits = event.get("traits")
    return str(traits.get("email") or "") if event.get("type") == "identify" and isinstance(traits, dict) else ""


def _time(event: dict[str, Any]) -> datetime | None:
    try:
        return datetime.fromisoformat(str(event.get("timestamp", "")))
    except ValueError:
        return None
