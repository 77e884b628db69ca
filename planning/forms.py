"""The forms of a plan: where it runs, what it does and how it logs in, and what is said about it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from apps_catalog.console import DraftForm
from apps_catalog.models import Component
from planning.models import Plan
from planning.models.plans import TEXT_LIMIT
from planning.states import AuthMethod, Mode, Section

# What there is no mode for, and what to do instead (S14).
MOBILE = "mobile"
NO_MOBILE = (
    "Destinations that run inside mobile apps cannot be built here. Choose cloud mode: it gets the events of mobile "
    "apps as well. For what only the device knows, such as a session id, make a plugin that adds it to each event."
)


class ModeForm(DraftForm):
    """Where the destination runs (S14). `revision` is the component's."""

    mode = forms.ChoiceField(
        label="Connection mode", choices=Mode.choices, widget=forms.RadioSelect,
        error_messages={"required": "Choose where the destination runs."},
    )  # fmt: skip

    def __init__(self, data: Any = None, *, component: Component) -> None:
        super().__init__(data, initial={"revision": component.revision, "mode": component.mode})
        if self.is_bound and self.data.get("mode") == MOBILE:
            self.fields["mode"].error_messages["invalid_choice"] = NO_MOBILE

    def saved_values(self, row: Component) -> dict[str, Any]:
        return {"mode": row.mode}


class PlanForm(DraftForm):
    """What the destination does, and how a customer's destination logs in (S15)."""

    # Nothing is needed to save, all of it to submit; the page says what is missing.
    marks_optional = False

    summary = forms.CharField(
        label="What the destination does", required=False, max_length=TEXT_LIMIT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Who uses it, which events it takes, and what becomes of them in your service.",
    )  # fmt: skip
    auth_method = forms.ChoiceField(
        label="How a customer’s destination logs in", required=False, choices=AuthMethod.choices,
        widget=forms.RadioSelect,
    )  # fmt: skip
    auth_notes = forms.CharField(
        label="How the log-in works", required=False, max_length=TEXT_LIMIT, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Which settings it uses, where they go in a request, and how customers find them. No real keys here.",
    )  # fmt: skip

    def __init__(self, data: Any = None, *, plan: Plan) -> None:
        super().__init__(data, initial={"revision": plan.revision, **self.saved_values(plan)})

    def values(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in ("summary", "auth_method", "auth_notes")}

    def saved_values(self, row: Plan) -> dict[str, Any]:
        return {"summary": row.summary, "auth_method": row.auth_method, "auth_notes": row.auth_notes}


class CommentForm(forms.Form):
    """A remark or an answer; where it stands comes with it."""

    section = forms.ChoiceField(choices=Section.choices, widget=forms.HiddenInput, initial=Section.PLAN)
    action_key = forms.CharField(max_length=80, required=False, widget=forms.HiddenInput)
    text = forms.CharField(
        label="Comment", max_length=TEXT_LIMIT, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write what you want to say."},
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("section") == Section.ACTION and not data.get("action_key"):
            raise ValidationError("Say which action it is about.")
        return data
