"""“Submit for Review” for an App by pull request (S27): filled from its description, and the ticks of S27 and D49."""

import re
from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from apps_catalog.models import App
from apps_catalog.states import Processes
from pulls.standing import of_app
from reviews.forms import SubmitForm
from reviews.github_side import is_released
from reviews.submissions import NOTE_LIMIT
from runtime.github.description import Description, read

# The tests that every submission has to have done (S27): value, words, and how the boxes of a template name them.
OWN_TESTS = {
    "unit_tests": ("Unit tests for what is new", re.compile(r"unit[ -]tests?", re.IGNORECASE)),
    "end_to_end": ("An end-to-end test with the local server", re.compile(r"end[ -]to[ -]end|\be2e\b", re.IGNORECASE)),
}
VIDEO_LIMIT = 500
_ADDRESS = "Enter the whole address of the video, with https."


class Ticks(forms.MultipleChoiceField):
    """Boxes of a description that may be edited while the form is open: a box that is gone is no fault."""

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise ValidationError(self.error_messages["required"], code="required")


class PullSubmitForm(SubmitForm):
    """`is_update`: a new state of the pull request for an App that customers have (D49)."""

    tests = Ticks(
        label="Tests that were done", widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Tick the tests that were done: unit tests and an end-to-end test are needed."},
    )  # fmt: skip
    one_integration = forms.BooleanField(
        label="The pull request changes this integration only",
        error_messages={"required": "One pull request changes one integration. Split it, then tick this."},
    )
    video = forms.URLField(
        label="Video of the test",
        help_text="A link that our reviewers can open: the change at work, from the event to your own service.",
        max_length=VIDEO_LIMIT, assume_scheme="https", validators=[URLValidator(schemes=["https"], message=_ADDRESS)],
        error_messages={"required": "Link a video of the test.", "invalid": _ADDRESS},
    )  # fmt: skip

    def __init__(self, *args: Any, described: Description, is_update: bool, needs_tests: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        note, tests = self.fields["note"], cast(forms.MultipleChoiceField, self.fields["tests"])
        note.required = True
        note.help_text = "The reviewer reads this first. It begins as the description of the pull request."
        self._needs_tests = needs_tests
        self._labels = _labels(described)
        tests.choices = list(self._labels.items())
        tests.required = needs_tests
        tests.help_text = "As they are ticked in the description; tick what you did since."
        if not is_update:
            del self.fields["one_integration"], self.fields["video"]

    def clean_tests(self) -> list[str]:
        ticked = [value for value in self.cleaned_data["tests"] if value in self._labels]
        missing = [words for value, (words, _) in OWN_TESTS.items() if value not in ticked]
        if self._needs_tests and missing:
            raise ValidationError(f"Do this before you submit, then tick it: {'; '.join(missing)}.")
        return ticked

    @property
    def said(self) -> dict[str, Any]:
        """What `submissions.submit` keeps, after `is_valid`."""
        tests = [self._labels[value] for value in self.cleaned_data["tests"]]
        return {"tests_done": tests, "video": self.cleaned_data.get("video", "")}


def submit_form(app: App, data: Any, typed: Mapping[str, Any], *, is_first: bool) -> SubmitForm:
    """The form for what the draft is: one more part, if it is by pull request. `typed` goes before the description."""
    pull = of_app(app) if app.processes == Processes.PULL_REQUEST else None
    if pull is None:
        return SubmitForm(data, initial=dict(typed), is_first=is_first)
    described = read(pull.body)
    is_new = not is_released(app, pull)
    return PullSubmitForm(
        data, initial=_initial(described) | {name: value for name, value in typed.items() if value},
        is_first=is_first, described=described, is_update=is_new and app.is_live, needs_tests=is_new,
    )  # fmt: skip


def _initial(described: Description) -> dict[str, Any]:
    own = [value for value, (_, named) in OWN_TESTS.items() if any(named.search(box) for box in described.ticked)]
    return {"note": described.text[:NOTE_LIMIT], "tests": [*own, *_others(described.ticked)]}


def _labels(described: Description) -> dict[str, str]:
    """Value → words: the two of S27, then the boxes of the description that are none of them."""
    others = _others([*described.ticked, *described.unticked])
    return {value: words for value, (words, _) in OWN_TESTS.items()} | {box: box for box in others}


def _others(boxes: list[str]) -> list[str]:
    return [box for box in boxes if not any(named.search(box) for _, named in OWN_TESTS.values())]
