"""The forms of life after launch."""

from datetime import date
from typing import Any

from django import forms

from upkeep.models import LaunchItem
from upkeep.risks import REASON_LIMIT


class LaunchItemForm(forms.Form):
    """The plan of one piece of launch content; each kind has a form of its own on the page."""

    planned_on = forms.DateField(
        label="Planned for", required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text="We remind you three days before, and on the day.",
        error_messages={"invalid": "Write the day as year-month-day, like 2026-03-12."},
    )  # fmt: skip
    url = forms.URLField(
        label="Link", required=False, max_length=500, assume_scheme="https",
        help_text="Where it is, or will be.",
        error_messages={"invalid": "Write a complete address, like https://example.com/blog/."},
    )  # fmt: skip
    note = forms.CharField(label="Note to yourselves", required=False, max_length=500)

    @classmethod
    def of(cls, kind: str, item: LaunchItem | None, data: Any = None) -> "LaunchItemForm":
        """The form of `kind`, filled with what is planned, or with what was typed."""
        planned = {"planned_on": item.planned_on, "url": item.url, "note": item.note} if item else {}
        return cls(data, prefix=kind, initial=planned)


class PardonForm(forms.Form):
    """What staff decide about a risk."""

    until = forms.DateField(
        label="New date", required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text="Only for more time: the last day of it, at the office.",
        error_messages={"invalid": "Write the day as year-month-day, like 2026-03-12."},
    )  # fmt: skip
    reason = forms.CharField(
        label="Reason", max_length=REASON_LIMIT, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Its makers read it as it stands, and it is kept in the record.",
        error_messages={"required": "Say why: it is kept in the record, and its makers read it."},
    )  # fmt: skip

    def day(self) -> date | None:
        """The day that was picked, if any."""
        return self.cleaned_data.get("until")
