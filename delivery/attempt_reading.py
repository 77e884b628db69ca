"""Deliveries as people read them: the state in a word, and each try with its exchange."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from delivery.models import Attempt, Delivery
from delivery.states import OPEN, DeliveryState
from runtime import readable
from runtime.error_codes import ErrorWords, explain
from runtime.functions.logs import first_part


class Case(NamedTuple):
    position: int


@dataclass(frozen=True)
class TryRow:
    """One attempt, in the shape that templates/testbench/_details.html reads, too."""

    attempt: Attempt

    @property
    def case(self) -> Case:
        return Case(self.attempt.number)

    @property
    def anchor(self) -> str:
        return f"try-{self.attempt.pk}"

    @property
    def number(self) -> int:
        return self.attempt.number

    @property
    def details(self) -> dict[str, Any] | None:
        return self.attempt.details

    @property
    def exchange(self) -> dict[str, Any] | None:
        one = self.attempt
        if not one.request:
            return None
        return readable.exchange(one.request, one.response, one.error, one.timings, "")

    @cached_property
    def calls(self) -> list[dict[str, Any]]:
        return readable.function_calls(self.attempt.details or {})

    @cached_property
    def first_logs(self) -> list[Mapping[str, Any]]:
        return first_part((self.attempt.details or {}).get("logs", ()))

    @property
    def has_more_logs(self) -> bool:
        return self.first_logs != (self.attempt.details or {}).get("logs", [])

    @property
    def error_words(self) -> ErrorWords | None:
        return explain(self.attempt.code) if self.attempt.code else None


@dataclass(frozen=True)
class DeliveryRow:
    """A delivery in a list or on its own page."""

    delivery: Delivery

    @property
    def is_open(self) -> bool:
        return self.delivery.state in OPEN

    @property
    def end_to_end_ms(self) -> float | None:
        """From the arrival of the event to the end of its delivery."""
        one = self.delivery
        if one.settled_at is None or one.state != DeliveryState.DELIVERED:
            return None
        return (one.settled_at - one.received_at).total_seconds() * 1000

    @property
    def error_words(self) -> ErrorWords | None:
        return explain(self.delivery.code) if self.delivery.code else None

    @cached_property
    def tries(self) -> list[TryRow]:
        """All attempts, the newest first."""
        return [TryRow(attempt) for attempt in self.delivery.made.order_by("-number", "-pk")]
