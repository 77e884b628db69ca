"""What the pages of seeing show, for tests/world.py and tests/crowd.py: events, deliveries, a week, a replay."""

from typing import Any

from accounts.models import User
from delivery import lifecycle, regulations, story
from delivery.models import Delivery, Event, Regulation, Replay, Story
from delivery.states import DeliveryKind, DeliveryState, Origin, Stage
from delivery.tests.rows import count, make_attempt, make_delivery, make_event
from workspaces.models import Destination

CODE = "errors.discarded.401"


def make_seeing(people: dict[str, User], destination: Destination) -> dict[str, Any]:
    """One event that was delivered and one that was not, a test, a replay and a week under way, a regulation."""
    owner, source = people["owner"], destination.source
    make_delivery(destination, make_event(source, "page", name="Home"))
    failed = make_delivery(destination, state=DeliveryState.FAILED, status=401, code=CODE)
    tested = make_delivery(destination, make_event(source, origin=Origin.TESTER), kind=DeliveryKind.TEST)
    count(destination, Stage.DELIVERED, 1, ms=180)
    count(destination, Stage.FAILED, 1, code=CODE)
    regulations.ask(owner, source.workspace, "DELETE_ONLY", ["user-9"])
    return {
        "event": failed.event_id,
        "delivery": failed.pk,
        "tested": tested.pk,
        "replay": lifecycle.replay(owner, destination, {"state": "failed"}).pk,
        "story": story.start(owner, source).pk,
    }


def add_seeing(copies: Any, slots: dict[str, Any], numbers: range) -> None:
    """More events with their deliveries and tries, weeks that are over, replays and regulations."""
    first = Delivery.objects.get(pk=slots["delivery"])
    events = copies(
        Event.objects.get(pk=slots["event"]), numbers, message_id=lambda number: f"more-{number}",
        name=lambda number: f"Event {number}",
    )  # fmt: skip
    made = copies(first, range(len(events)), event_id=lambda number: events[number].pk)
    for delivery in made[:3]:
        make_attempt(delivery, status=401, code=CODE)
    over = {"finished_at": lambda number: first.settled_at, "due_at": lambda number: None}
    copies(Story.objects.get(pk=slots["story"]), numbers, **over)
    copies(Replay.objects.get(pk=slots["replay"]), numbers, **over)
    copies(Regulation.objects.earliest("pk"), numbers, **over)
