"""Playing “a week of Ada” through a source: the verbs, and the part of the worker (runtime/ada.py tells the story).

A story is a leased row. A worker claims it, puts the events of the next second in, and gives it back until the
second is over. One that dies in between has its events sent again, under the same messageIds: they are taken once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Literal
from uuid import uuid4

import structlog
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.recording import System, record
from delivery import ingest
from delivery.models import Story
from delivery.states import Origin
from leases.doorbell import ring
from leases.transitions import StaleState
from runtime.ada import Day, calls_of, week
from runtime.events import timestamp
from runtime.intake import read_calls
from workspaces.models import Source
from workspaces.rules import can_write

log = structlog.get_logger(__name__)
# Events a second.
PACES = {2: "Slowly: 2 events a second", 5: "At a walk: 5 events a second", 20: "Quickly: 20 events a second"}
USUAL_PACE = 5
LEASE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
AT_ONCE = 20  # stories that one wake-up plays
TASK = "delivery.tasks.play_stories"
DayState = Literal["done", "current", "open"]


@dataclass(frozen=True)
class Played:
    """A story as its page shows it."""

    story: Story

    @cached_property
    def days(self) -> tuple[Day, ...]:
        return days_of(self.story)

    @property
    def state(self) -> str:
        if self.story.cancelled_at:
            return "cancelled"
        return "finished" if self.story.finished_at else "playing"

    @property
    def timeline(self) -> list[tuple[Day, DayState, int]]:
        """Each day with its state and how many of its events were sent."""
        before, found = 0, []
        for day in self.days:
            sent = min(max(self.story.sent - before, 0), len(day.calls))
            before += len(day.calls)
            state: DayState = "done" if sent == len(day.calls) else "open"
            is_now = state == "open" and before - len(day.calls) <= self.story.sent and self.state == "playing"
            found.append((day, "current" if is_now else state, sent))
        return found

    @property
    def user_id(self) -> str:
        return next(str(call["userId"]) for call in calls_of(self.days) if "userId" in call)


def days_of(story: Story) -> tuple[Day, ...]:
    """Her week, which ends when the story was asked for."""
    return week(story.seed, story.created_at)


@transaction.atomic
def start(actor: User | System, source: Source, pace: int = USUAL_PACE) -> Story:
    """Ask for a week to be played; one that is being played on this source already is returned instead.

    Raises PermissionDenied, and ValidationError for a source that takes no events.
    """
    if not can_write(actor, source.workspace):
        raise PermissionDenied
    if not source.is_enabled:
        raise ValidationError("This source is switched off, so it takes no events. Switch it on first.")
    Source.objects.select_for_update().get(pk=source.pk)  # two presses at the same moment are one story
    playing = current(source)
    if playing:
        return playing
    asked_by = actor if isinstance(actor, User) else None
    story = Story(source=source, requested_by=asked_by, seed=uuid4().hex[:8], pace=pace, planned=0)
    story.due_at = timezone.now()
    story.planned = len(calls_of(week(story.seed, story.due_at)))
    story.save()
    record(actor, "source.story_started", story, chain=source.workspace.chain, source=source.pk)
    ring(TASK)
    return story


@transaction.atomic
def cancel(actor: User | System, story: Story) -> None:
    """End it; what was sent stays. Raises StaleState when it is over, PermissionDenied."""
    workspace = story.source.workspace
    if not can_write(actor, workspace):
        raise PermissionDenied
    playing = Story.objects.filter(pk=story.pk, finished_at__isnull=True, cancelled_at__isnull=True)
    if not playing.update(cancelled_at=timezone.now(), due_at=None, lease_token=None, lease_until=None):
        story.refresh_from_db()
        raise StaleState(story, "finished_at")
    record(actor, "source.story_cancelled", story, chain=workspace.chain, source=story.source_id)


def current(source: Source) -> Story | None:
    """The story that is being played on `source`."""
    return Story.objects.filter(source=source, finished_at__isnull=True, cancelled_at__isnull=True).first()


def play(now: datetime | None = None) -> int:
    """Put in the events of the next second of every story that is due; how many stories are not over yet."""
    claimed = Story.objects.claim(limit=AT_ONCE, lease=LEASE, now=now)
    return sum(_play(story) for story in claimed)


def _play(story: Story) -> bool:
    """Whether there is more to come. A story of a source that was switched off ends where it is."""
    source = Source.objects.select_related("workspace").filter(pk=story.source_id, is_enabled=True).first()
    if source is None:
        story.settle(cancelled_at=timezone.now())
        return False
    calls = calls_of(days_of(story))[story.sent : story.sent + story.pace]
    now = timezone.now()
    body = {"batch": calls, "sentAt": timestamp(now)}
    ingest.put(source, read_calls("batch", body, received_at=now, ip="").calls, origin=Origin.STORY)
    sent = story.sent + len(calls)
    if sent < story.planned:
        return story.settle(due_at=now + SECOND, sent=sent)
    story.settle(sent=sent, finished_at=timezone.now())
    log.info("story_played", story=story.pk, source=source.pk, events=sent)
    return False
