"""The release train: which release takes what was approved and merged at a given moment (S31).

A train leaves once a week. Whatever is ready by its cut-off is on board; whatever is not waits for the next one. On
a day without a train (a holiday, a freeze) nothing leaves, and what would have been on board waits on.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import islice
from typing import NamedTuple
from zoneinfo import ZoneInfo

WEEK = timedelta(days=7)
# Further than this no train is looked for.
MAX_WEEKS = 26


class NoTrain(Exception):
    """Every release day within half a year is closed."""


class Train(NamedTuple):
    """`day` is the release day where the office is; both moments are in UTC. `cutoff` itself is still in time."""

    day: date
    cutoff: datetime
    leaves: datetime

    def takes(self, ready_at: datetime) -> bool:
        return ready_at <= self.cutoff


class Skipped(NamedTuple):
    """A release day on which no train leaves."""

    day: date
    reason: str


class Why(StrEnum):
    """Why a train is the first one that can be taken."""

    IN_TIME = "in_time"  # ready by the cut-off of the next release day
    AFTER_CUTOFF = "after_cutoff"  # the cut-off of the release day before had passed
    NO_TRAIN = "no_train"  # it was in time for a release day on which nothing leaves
    LEFT = "left"  # it was in time for a train that went without it: held back then, or heard of late


@dataclass(frozen=True, slots=True)
class Boarding:
    """The train that takes it, why not an earlier one, and the release days that were passed over."""

    train: Train
    why: Why
    missed: Train | None = None
    skipped: tuple[Skipped, ...] = ()


@dataclass(frozen=True, slots=True)
class Timetable:
    """`weekday` and `cutoff_weekday` count from Monday, 0. The cut-off is within the week before the train leaves.

    `closed(day)` says why no train leaves on a day, and "" when one does.
    """

    zone: ZoneInfo
    weekday: int
    cutoff_weekday: int
    cutoff_time: time
    leaves_at: time
    closed: Callable[[date], str]

    def train(self, day: date) -> Train:
        """The train of a release day, whether it goes or not."""
        back = timedelta(days=(self.weekday - self.cutoff_weekday) % 7)
        return Train(day, self._moment(day - back, self.cutoff_time), self._moment(day, self.leaves_at))

    def days(self, since: datetime) -> Iterator[date]:
        """The release days from the first one whose cut-off is not before `since`, closed ones too, for half a year."""
        local = since.astimezone(self.zone).date()
        first = local + timedelta(days=(self.weekday - local.weekday()) % 7)
        if not self.train(first).takes(since):
            first += WEEK
        return (first + WEEK * number for number in range(MAX_WEEKS))

    def calendar(self, since: datetime) -> Iterator[Train | Skipped]:
        """What a page shows: the trains and the days without one, in order."""
        for day in self.days(since):
            reason = self.closed(day)
            yield Skipped(day, reason) if reason else self.train(day)

    def boarding(self, ready_at: datetime) -> Boarding:
        """The first train that takes what was ready at that moment. Raises NoTrain."""
        skipped: list[Skipped] = []
        for entry in self.calendar(ready_at):
            if isinstance(entry, Train):
                return self._boarding(entry, ready_at, tuple(skipped))
            skipped.append(entry)
        raise NoTrain

    def _boarding(self, train: Train, ready_at: datetime, skipped: tuple[Skipped, ...]) -> Boarding:
        if skipped:
            return Boarding(train, Why.NO_TRAIN, skipped=skipped)
        before = self.train(train.day - WEEK)
        # A week is shown as missed only when its train has not left yet: nobody waits for last month's.
        if before.cutoff < ready_at <= before.leaves and not self.closed(before.day):
            return Boarding(train, Why.AFTER_CUTOFF, missed=before)
        return Boarding(train, Why.IN_TIME)

    def upcoming(self, since: datetime, number: int) -> list[Train | Skipped]:
        return list(islice(self.calendar(since), number))

    def _moment(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.zone).astimezone(UTC)
