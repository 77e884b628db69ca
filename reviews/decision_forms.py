"""What the partner answers to a decision, and what a reviewer says to an appeal, a hold or a live change."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.utils import timezone

from apps_catalog.console import Difference
from reviews.answers import ANSWER_LIMIT
from reviews.appeals import TEXT_LIMIT
from reviews.models import Finding, Submission
from reviews.states import Side


class LongText(forms.CharField):
    """Several lines. Over the limit the text comes back whole: the browser cuts nothing off."""

    def __init__(self, label: str, *, limit: int, rows: int = 4, **options: Any) -> None:
        area = forms.Textarea(attrs={"rows": rows, "data-counter": limit})
        too_long = f"Use at most {limit:,} characters. Your text is still here."
        messages = {"max_length": too_long, **options.pop("error_messages", {})}
        super().__init__(label=label, max_length=limit, widget=area, error_messages=messages, **options)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        attrs = super().widget_attrs(widget)
        attrs.pop("maxlength", None)
        return attrs


class AnswersForm(forms.Form):
    """One text per finding, with the revision of the answers that the form was opened with."""

    revision = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, submission: Submission, data: Any = None) -> None:
        self.findings = [one for one in submission.findings.all() if one.struck_at is None]
        super().__init__(data, initial={"revision": submission.answers_revision}, auto_id="id_%s")
        for number, finding in enumerate(self.findings, start=1):
            field = LongText(f"Your answer to finding {number}", limit=ANSWER_LIMIT, rows=3, required=False)
            field.initial = finding.answer
            self.fields[_name(finding)] = field

    def rows(self) -> Iterator[tuple[Finding, BoundField]]:
        """Each finding with its field."""
        return ((finding, self[_name(finding)]) for finding in self.findings)

    def answers(self) -> dict[int, str]:
        """The texts by the findings' ids, after `is_valid`."""
        return {finding.pk: self.cleaned_data[_name(finding)] for finding in self.findings}

    def differences(self, current: Submission) -> list[Difference]:
        """Where the answers that are saved by now are not these, after `is_valid`."""
        saved = dict(current.findings.values_list("pk", "answer"))
        return [
            Difference(str(self.fields[_name(one)].label), saved.get(one.pk, "") or "–", mine or "–",
                       _name(one), saved.get(one.pk, ""))
            for one in self.findings
            if (mine := self.answers()[one.pk]) != saved.get(one.pk, "")
        ]  # fmt: skip

    def overwrite(self, revision: int) -> None:
        """The form as it was sent, ready to replace what is saved by now."""
        sent = cast(QueryDict, self.data).copy()
        sent["revision"] = str(revision)
        self.data = sent


def _name(finding: Finding) -> str:
    return f"answer-{finding.pk}"


class AppealForm(forms.Form):
    text = LongText(
        "What did the reviewer get wrong?",
        limit=TEXT_LIMIT,
        help_text="Another reviewer reads it, beside the decision and the version that it is about.",
        error_messages={"required": "Say what the reviewer got wrong."},
    )


class VerdictForm(forms.Form):
    """A reason that the partner reads; whether it is needed depends on the button."""

    reason = LongText("Reason", limit=TEXT_LIMIT, help_text="The partner reads it.", required=False)


class HoldForm(forms.Form):
    """Stands in the decision bar, and belongs to the form “sheet” of the page: nothing typed there is lost."""

    use_required_attribute = False
    NAMES = ("waits_for", "until", "reason")
    WAITS_FOR = [(Side.PARTNER.value, "The partner: the clock stands still"),
                 (Side.SEGMENT.value, "Us: the clock goes on")]  # fmt: skip
    waits_for = forms.ChoiceField(
        label="Who is waited for", choices=WAITS_FOR, widget=forms.RadioSelect, initial=Side.PARTNER.value,
        error_messages={"required": "Choose who is waited for."},
    )  # fmt: skip
    until = forms.DateField(
        label="Until",
        help_text="At the end of this day (UTC) the hold ends by itself.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Choose the day on which the hold ends."},
    )
    reason = LongText(
        "Why", limit=TEXT_LIMIT, rows=3, help_text="The partner reads it.",
        error_messages={"required": "Give the reason; the partner reads it."},
    )  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            field.widget.attrs["form"] = "sheet"

    def clean_until(self) -> Any:
        day = self.cleaned_data["until"]
        today = timezone.now().date()
        if not today <= day < today + timedelta(days=30):
            raise ValidationError("Choose a day in the next 30 days.")
        return day
