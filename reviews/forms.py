"""The forms of submissions, questions and betas. Limits are generous; over them, the text comes back."""

from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError

from apps_catalog.console import Difference
from notifications.validators import one_address
from reviews.attestations import NOTE_LIMIT as ATTESTATION_LIMIT
from reviews.beta import TEXT_LIMIT
from reviews.models import Enquiry
from reviews.states import Attested, EnquiryKind
from reviews.submissions import NOTE_LIMIT
from reviews.trials import Trial
from workspaces.models import Workspace

YES_NO = [("yes", "Yes"), ("no", "No")]
LIMITS_LIMIT = 1_000


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


def _yes_no(label: str, hint: str) -> forms.ChoiceField:
    required = {"required": "Choose yes or no."}
    return forms.ChoiceField(
        label=label, help_text=hint, choices=YES_NO, widget=forms.RadioSelect, error_messages=required
    )


class AttestForm(forms.Form):
    item = forms.ChoiceField(choices=Attested.choices, widget=forms.HiddenInput)
    note = forms.CharField(label="Note", required=False, max_length=ATTESTATION_LIMIT)


class SubmitForm(forms.Form):
    note = forms.CharField(
        label="What changed, and why",
        help_text="The reviewer reads this first. Say also what you tested.",
        max_length=NOTE_LIMIT,
        widget=_area(5),
        error_messages={"required": "Say what changed since the last submission, and why."},
    )

    def __init__(self, *args: Any, is_first: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].required = not is_first


class AnswerForm(forms.Form):
    """What both questions share: the revision that the form was opened with."""

    revision = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    kind = forms.ChoiceField(choices=EnquiryKind.choices, widget=forms.HiddenInput)

    def answers(self) -> dict[str, Any]:
        """The cleaned answer as plain JSON values, after `is_valid`."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("revision", "kind")}

    def differences(self, current: Enquiry) -> list[Difference]:
        """Where the answer that is saved by now differs from this one, after `is_valid`."""
        saved = current.answer or {}
        return [
            Difference(str(self.fields[name].label), self._in_words(name, saved.get(name)),
                       self._in_words(name, mine), name, str(saved.get(name) or ""))
            for name, mine in self.answers().items()
            if (mine or "") != (saved.get(name) or "")
        ]  # fmt: skip

    def _in_words(self, name: str, value: Any) -> str:
        choices = dict(getattr(self.fields[name], "choices", ()))
        return str(choices.get(value, value) or "–")


class ReplayForm(AnswerForm):
    """Replay compatibility (D35)."""

    timestamp = _yes_no("Do you honour the timestamp of an event?", "Not the time at which it arrives.")
    order = _yes_no("Does it work whatever the order of events?", "Delivery is not ordered, and a replay even less.")
    rate = _yes_no("Do you accept events at a reasonable rate?", "A replay sends months of events within hours.")
    limits = forms.CharField(
        label="Your limits",
        help_text="For example: 100 requests per second; events of the last 90 days.",
        required=False,
        max_length=LIMITS_LIMIT,
        widget=_area(3),
    )


class OAuthForm(AnswerForm):
    """The plan for Enable with Segment (S13)."""

    PLANS = [("working", "It works already"), ("planned", "It is planned"), ("not_planned", "It is not planned")]
    plan = forms.ChoiceField(
        label="How far is Enable with Segment?", choices=PLANS, widget=forms.RadioSelect,
        error_messages={"required": "Choose one of the three."},
        help_text="Your answer is for the reviewer. The checklist looks for itself: it closes the item once an install "
        "through your own server has called the Config API.",
    )  # fmt: skip
    when = forms.DateField(
        label="From when", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="When it is planned for, as year-month-day.",
    )  # fmt: skip
    notes = forms.CharField(label="Notes", required=False, max_length=LIMITS_LIMIT, widget=_area(3))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("plan") == "planned" and not cleaned.get("when") and "when" not in self.errors:
            self.add_error("when", "Say when it is planned for; a rough date is enough.")
        return cleaned

    def answers(self) -> dict[str, Any]:
        found = super().answers()
        return found | {"when": found["when"].isoformat() if found["when"] else ""}


FORMS: dict[str, type[AnswerForm]] = {EnquiryKind.REPLAY.value: ReplayForm, EnquiryKind.OAUTH.value: OAuthForm}


def answer_form(enquiry: Enquiry, data: Any = None) -> AnswerForm:
    """The form for `enquiry`, filled with the answer so far. Ids carry the kind: both stand on one page."""
    initial = {**(enquiry.answer or {}), "revision": enquiry.revision, "kind": enquiry.kind}
    return FORMS[enquiry.kind](data, initial=initial, auto_id=f"id_{enquiry.kind}_%s")


class InviteForm(forms.Form):
    email = forms.CharField(
        label="Email address of the customer",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Enter the address to which the link should go."},
    )

    def clean_email(self) -> str:
        try:
            return one_address(self.cleaned_data["email"].strip().lower())
        except ValidationError as error:
            raise ValidationError("Enter one email address, for example name@example.com.") from error


class LaunchForm(forms.Form):
    """The day of a launch; which days there are, the verb says."""

    launch_on = forms.DateField(
        label="Day of the launch", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Enter the day as year-month-day, for example 2030-01-31."},
    )  # fmt: skip

    def __init__(self, *args: Any, first: date | None = None, last: date | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["launch_on"]
        field.help_text = "A working day of our office. Leave it empty to go with the next release."
        if first and last:
            field.widget.attrs |= {"min": first.isoformat(), "max": last.isoformat()}


class VerifyForm(forms.Form):
    """“Works for me”: from which workspace, if it works in several, and what was seen there."""

    workspace = forms.ChoiceField(
        label="Where did you try it?",
        help_text="The maker and Segment see the name of the workspace, and which events were delivered.",
        required=False,
        error_messages={"invalid_choice": "Choose one of your workspaces in which an event was delivered."},
    )
    note = forms.CharField(
        label="What did you try, and what did you see?",
        help_text="Two sentences are enough. The maker and Segment read it.",
        max_length=TEXT_LIMIT,
        widget=_area(3),
        error_messages={"required": "Say in a sentence what you tried and what you saw."},
    )

    def __init__(self, *args: Any, trials: Sequence[Trial] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.workspaces = {one.workspace.slug: one.workspace for one in trials if one.works}
        field = cast(forms.ChoiceField, self.fields["workspace"])
        field.choices = [(slug, workspace.name) for slug, workspace in self.workspaces.items()]
        if len(self.workspaces) <= 1:
            field.widget = forms.HiddenInput()

    @property
    def chosen(self) -> Workspace | None:
        """The chosen one, after `is_valid`; None where there is nothing to choose."""
        return self.workspaces.get(self.cleaned_data["workspace"])


class ProblemForm(forms.Form):
    text = forms.CharField(
        label="What went wrong?",
        help_text="It goes to the maker and to Segment, with your address, so that they can answer.",
        max_length=TEXT_LIMIT,
        widget=_area(3),
        error_messages={"required": "Say what went wrong."},
    )
