"""The form beside the code editor: which event the draft is run with, and the settings it gets."""

from typing import Any, cast

from django import forms

from apps_catalog.models import Component
from runtime.webhooks import API_KEY
from testbench.forms import SampleForm, SingleForm
from testbench.states import RunKind

# Instead of one sample: every required event of the Test Suite, one after the other.
ALL = "all"


class TryForm(SingleForm):
    """One event, from a sample or written by hand; or all event types, and then `event` is not looked at."""

    field_order = ("sample", "event")
    marks_optional = False

    def __init__(self, component: Component, data: Any = None, *, sample: str = "") -> None:
        samples = SampleForm({"sample": sample} if sample else None)
        chosen = sample or next(iter(samples.cases))
        super().__init__(component, data, initial={"event": samples.event_text(), "sample": chosen})
        # What is chosen here fills the event in. It is no text to be kept, and what a page kept must not change it.
        self.fields["sample"] = forms.ChoiceField(
            label="Sample event",
            required=False,
            choices=[(ALL, "All event types"), *cast(Any, samples.fields["sample"]).choices],
            widget=forms.Select(attrs={"data-autosave-skip": True, "autocomplete": "off"}),
        )
        self.order_fields(self.field_order)
        if self.is_all:
            self.fields["event"].required = False
        self.fields["event"].widget.attrs["rows"] = 12
        self.fields["event"].help_text = "Change what you like: the code gets it exactly so."

    @property
    def kind(self) -> RunKind:  # type: ignore[override]
        return RunKind.SUITE if self.is_all else RunKind.SINGLE

    @property
    def is_all(self) -> bool:
        return bool(self["sample"].value() == ALL)

    @property
    def values_fields(self) -> list[forms.BoundField]:
        """The settings, and whether they are remembered."""
        return [field for field in self if field.name not in self.field_order]

    @property
    def needs_values(self) -> bool:
        """Whether the settings have to be filled in or put right before anything can run."""
        is_wrong = self.is_bound and any(field.errors for field in self.values_fields)
        return is_wrong or API_KEY not in self._kept

    def clean_event(self) -> str:
        return "" if self.is_all else super().clean_event()
