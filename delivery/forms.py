"""The forms of seeing: an event to send, a week to play, filters of deliveries, what to replay, whom to erase."""

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from delivery.event_text import MAX_EVENT_BYTES, Excerpt, excerpt_at, pretty, read_event
from delivery.models import Delivery, Event
from delivery.regulations import KINDS, MOST_CHARACTERS, MOST_USERS
from delivery.states import DeliveryKind, DeliveryState
from delivery.story import PACES, USUAL_PACE
from runtime.error_codes import WORDS
from runtime.samples import suite_cases

RECENT = 10
MAX_SEARCH = 200
TYPES = ("track", "identify", "page", "screen", "group", "alias", "delete")


class TesterForm(forms.Form):
    """One event as JSON (D33)."""

    # The lines around the place where the JSON breaks off, if it does.
    excerpt: Excerpt | None = None
    event = forms.CharField(
        label="Event",
        strip=False,
        widget=forms.Textarea(attrs={"rows": 20, "class": "mono", "spellcheck": "false", "autocomplete": "off"}),
        help_text="Change what you like. It is really sent.",
        error_messages={"required": "Write an event, or load one above."},
    )

    def clean_event(self) -> str:
        text = self.cleaned_data["event"]
        if len(text) > 2 * MAX_EVENT_BYTES:
            raise ValidationError(f"This text is too long: an event has at most {MAX_EVENT_BYTES:,} bytes.")
        try:
            self.event_read = read_event(text)
        except ValidationError as error:
            self.excerpt = excerpt_at(text, error)
            raise
        return text


class StartForm(forms.Form):
    """What to start from: an event made up, or one that the source sent lately."""

    start = forms.ChoiceField(label="Start from")

    def __init__(self, data: Any, events: Iterable[Event], project_id: str) -> None:
        super().__init__(data)
        self._cases = {f"sample:{case.id}": case for case in suite_cases(project_id=project_id)}
        self._events = {f"event:{event.pk}": event for event in events}
        made = [(key, f"{case.type}: {case.name}") for key, case in self._cases.items()]
        sent = [(key, f"{event.type}: {event.name or event.user_id}"[:80]) for key, event in self._events.items()]
        groups = [("Sent by this source lately", sent), ("Made up", made)]
        self.fields["start"].choices = [group for group in groups if group[1]]  # type: ignore[attr-defined]

    def event_text(self) -> str:
        """The chosen event as indented JSON; a page view that was made up where none was chosen."""
        chosen = self.cleaned_data.get("start", "") if self.is_bound and self.is_valid() else ""
        if chosen in self._events:
            return stored_text(self._events[chosen])
        case = self._cases.get(chosen) or next(case for case in self._cases.values() if case.type == "track")
        return pretty(case.event)


def stored_text(event: Event) -> str:
    """A stored event, indented, ready to be sent anew: under another messageId, because it will be another event.

    As it is where that is no JSON object any more.
    """
    try:
        return pretty(read_event(event.payload) | {"messageId": f"test-{uuid4()}"})
    except ValidationError:
        return event.payload


class StoryForm(forms.Form):
    pace = forms.TypedChoiceField(
        label="How quickly", choices=[(str(pace), words) for pace, words in PACES.items()], coerce=int,
        initial=str(USUAL_PACE), widget=forms.RadioSelect,
    )  # fmt: skip


class DeliveryFilter(forms.Form):
    """Filters of the list of deliveries. What is not a choice filters nothing."""

    state = forms.ChoiceField(
        required=False, choices=[("", "All states"), *((s.value, s.label.capitalize()) for s in DeliveryState)]
    )
    type = forms.ChoiceField(
        label="Type of event", required=False, choices=[("", "All types"), *((kind, kind) for kind in TYPES)]
    )
    kind = forms.ChoiceField(
        label="Sent by",
        required=False,
        choices=[("", "Everything"), (DeliveryKind.LIVE, "The source"), (DeliveryKind.TEST, "Event Tester"),
                 (DeliveryKind.REPLAY, "A replay")],
    )  # fmt: skip
    code = forms.ChoiceField(
        label="Error", required=False, choices=[("", "Any"), *((code, words.title) for code, words in WORDS.items())]
    )
    q = forms.CharField(label="messageId or userId", required=False, max_length=MAX_SEARCH)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.is_valid()

    @property
    def is_filtering(self) -> bool:
        return any(self.cleaned_data.get(name) for name in self.fields)

    def narrow(self, deliveries: QuerySet[Delivery]) -> QuerySet[Delivery]:
        """The deliveries that the filters leave."""
        wanted = self.cleaned_data
        columns = {"state": "state", "type": "event__type", "kind": "kind", "code": "code"}
        exact = {column: wanted[name] for name, column in columns.items() if wanted.get(name)}
        deliveries = deliveries.filter(**exact)
        text = wanted.get("q", "")
        if not text:
            return deliveries
        return deliveries.filter(event__message_id=text) | deliveries.filter(event__user_id=text)


class ReplayForm(forms.Form):
    """Which of the events of the chosen time to send once more."""

    type = forms.ChoiceField(
        label="Which events", required=False, choices=[("", "All types"), *((kind, kind) for kind in TYPES)]
    )
    state = forms.ChoiceField(
        label="What became of them",
        required=False,
        choices=[
            (DeliveryState.FAILED.value, "Not delivered"),
            (DeliveryState.DELIVERED.value, "Delivered"),
            ("", "Whatever became of them"),
        ],
    )


class RegulationForm(forms.Form):
    """A request to erase or suppress people (D34)."""

    kind = forms.ChoiceField(label="What to do", choices=KINDS)
    user_ids = forms.CharField(
        label="User ids",
        # Counted in ids, by the verb.
        max_length=MOST_USERS * (MOST_CHARACTERS + 2),
        widget=forms.Textarea(attrs={"rows": 6, "class": "mono", "spellcheck": "false", "data-counter": ""}),
        help_text=f"One userId on each line, at most {MOST_USERS:,}.",
        error_messages={"required": "Enter at least one userId."},
    )

    def people(self) -> list[str]:
        """The lines, after `is_valid`."""
        lines: list[str] = self.cleaned_data["user_ids"].splitlines()
        return lines
