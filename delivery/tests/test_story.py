"""A week of Ada, from the press of the button to its last event."""

import json

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from audit.models import Record
from audit.recording import SYSTEM
from delivery import story
from delivery.models import Event, SeenMessage, Story
from delivery.states import Origin
from leases.transitions import StaleState

pytestmark = pytest.mark.django_db


def play_all(rounds=60):
    """As a worker, without waiting for the seconds between."""
    for _ in range(rounds):
        Story.objects.filter(due_at__isnull=False).update(due_at=timezone.now())
        if not story.play():
            return


def page(name, source, *more):
    return reverse(name, args=[source.workspace.slug, source.slug, *more])


def test_every_event_of_the_week_is_put_in_once(alice, source):
    played = story.start(alice, source, 20)
    play_all()
    played.refresh_from_db()

    events = Event.objects.filter(source=source)
    assert played.sent == played.planned == events.count()
    assert played.finished_at
    assert {event.origin for event in events} == {Origin.STORY}
    assert not events.exclude(fault="").exists()
    assert events.filter(type="alias").count() == 1


def test_a_worker_that_dies_after_sending_sends_nothing_twice(alice, source):
    played = story.start(alice, source, 20)
    story.play()
    # The events are in, but the story was never told.
    Story.objects.update(sent=0, lease_token=None, lease_until=None, due_at=timezone.now())
    play_all()

    assert Event.objects.filter(source=source).count() == played.planned == SeenMessage.objects.count()


def test_a_second_press_is_the_same_week(alice, source):
    first, second = story.start(alice, source), story.start(alice, source)

    assert first == second
    assert Story.objects.count() == 1


def test_a_cancelled_week_stops_where_it_is(alice, source):
    played = story.start(alice, source)
    story.play()
    story.cancel(alice, played)
    play_all()

    assert Event.objects.filter(source=source).count() == played.pace
    with pytest.raises(StaleState):
        story.cancel(alice, played)
    assert Record.objects.filter(action="source.story_cancelled").count() == 1


def test_a_source_that_is_switched_off_ends_the_week(alice, source):
    story.start(alice, source)
    type(source).objects.update(is_enabled=False)

    assert story.play() == 0
    assert Story.objects.get().cancelled_at


def test_a_stranger_starts_and_cancels_nothing(charlie, source):
    with pytest.raises(PermissionDenied):
        story.start(charlie, source)
    played = story.start(SYSTEM, source)
    with pytest.raises(PermissionDenied):
        story.cancel(charlie, played)


def test_the_page_shows_how_far_she_is(client_for, alice, source):
    client, url = client_for(alice), page("source-story", source)
    assert "Play her week" in client.get(url).content.decode()

    assert client.post(url, {"pace": "20"}).status_code == 303
    story.play()
    playing = Story.objects.get()
    live = client.get(page("source-story-live", source, playing.pk), headers={"HX-Request": "true"})

    assert live.status_code == 200
    assert f'>20</strong> of <span class="number">{playing.planned}<' in live.content.decode()
    assert "every 1s" in live.content.decode()

    play_all()
    ended = client.get(page("source-story-live", source, playing.pk))

    assert ended.status_code == 286
    assert "week is over" in ended.content.decode()
    assert "every 1s" not in ended.content.decode()


def test_the_timeline_says_which_day_it_is(alice, source):
    played = story.start(alice, source)
    days = story.days_of(played)
    played.sent = len(days[0].calls) + 1

    states = [(state, sent) for _, state, sent in story.Played(played).timeline]

    assert states[:3] == [("done", len(days[0].calls)), ("current", 1), ("open", 0)]
    assert [state for state, _ in states].count("current") == 1


def test_a_pace_that_is_not_offered_is_refused(client_for, alice, source):
    response = client_for(alice).post(page("source-story", source), {"pace": "100000"})

    assert response.status_code == 422
    assert not Story.objects.exists()


def test_her_events_carry_when_they_happened(alice, source):
    played = story.start(alice, source)
    story.play()

    first = json.loads(Event.objects.filter(source=source).earliest("id").payload)

    assert first["timestamp"] < played.created_at.isoformat()
    assert first["projectId"] == source.project_id
