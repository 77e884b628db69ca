"""What a reviewer writes on the page of a submission: seven verdicts, findings, a message.

All of it is one HTML form, so that no button loses what was typed beside it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, ClassVar

from django import forms
from django.forms.boundfield import BoundField

from reviews.decision_forms import HoldForm
from reviews.decisions import TEXT_LIMIT, FindingDraft
from reviews.models import StepVerdict, Submission
from reviews.states import ReviewStep, StepOutcome

MIN_ROWS, MAX_ROWS = 3, 20
OUTCOMES = [(StepOutcome.PASS.value, "Passes"), (StepOutcome.FAIL.value, "Fails")]
TOO_LONG = f"Use at most {TEXT_LIMIT:,} characters. Your text is still here."


class Text(forms.CharField):
    """Several lines. The limit is checked here and counted on the page; the browser cuts nothing off."""

    def __init__(self, label: str, *, rows: int = 2, hint: str = "") -> None:
        area = forms.Textarea(attrs={"rows": rows, "data-counter": TEXT_LIMIT})
        too_long = {"max_length": TOO_LONG}
        super().__init__(
            label=label, required=False, max_length=TEXT_LIMIT, widget=area, help_text=hint, error_messages=too_long
        )

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        attrs = super().widget_attrs(widget)
        attrs.pop("maxlength", None)
        return attrs


class StepForm(forms.Form):
    """The verdict on one published step of S29."""

    outcome = forms.ChoiceField(label="Verdict", required=False, choices=OUTCOMES, widget=forms.RadioSelect)
    evidence = Text("Evidence", hint="What you saw, and where. Needed for a step that fails.")
    # When the stored verdict was written that this page showed: a newer one of somebody else is not overwritten.
    seen = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(self, step: ReviewStep, stored: StepVerdict | None, source: Mapping[str, str]) -> None:
        self.step, self.stored = step, stored
        typed, saved = typed_and_saved(step, stored, source)
        super().__init__(prefix=prefix_of(step), initial=saved | typed | {"seen": stamp(stored)})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        outcome, evidence = cleaned.get("outcome"), cleaned.get("evidence")
        if evidence and outcome == "":
            self.add_error("outcome", f"Choose whether “{self.step.label}” passes.")
        if outcome == StepOutcome.FAIL and evidence == "":
            self.add_error("evidence", "Say what failed: what you did, and what you saw.")
        return cleaned

    @property
    def differs(self) -> bool:
        """After `is_valid`: whether there is a verdict here that is not stored yet."""
        outcome, evidence = self.cleaned_data["outcome"], self.cleaned_data["evidence"]
        if not outcome:
            return False
        return self.stored is None or (self.stored.outcome, self.stored.evidence) != (outcome, evidence)

    def is_behind(self, actor: Any) -> bool:
        """Whether somebody else judged the step after this page was opened."""
        stored = self.stored
        return stored is not None and stored.by_id != actor.pk and stamp(stored) != self.cleaned_data["seen"]


def prefix_of(step: ReviewStep) -> str:
    return f"step-{step.value}"


def typed_and_saved(
    step: ReviewStep, stored: StepVerdict | None, source: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Outcome and evidence, by name: what is typed of them, and what is stored."""
    saved = {"outcome": stored.outcome, "evidence": stored.evidence} if stored else {}
    return _typed(source, prefix_of(step), ("outcome", "evidence")), saved


def stamp(stored: StepVerdict | None) -> str:
    return stored.at.isoformat() if stored else ""


class FindingForm(forms.Form):
    """One thing to change (S30). An empty row is no finding; a begun one has to be finished."""

    step = forms.ChoiceField(label="Step", required=False, choices=[("", "Choose a step…"), *ReviewStep.choices])
    # A list of the page's own: one for all findings, however many rules there are.
    rule_id = forms.CharField(
        label="Rule",
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"list": "rules", "autocomplete": "off"}),
    )
    observed = Text("What was seen")
    where = Text("Where", rows=1, hint="The page, the case, the field. May be empty.")
    todo = Text("What to do")
    retest = Text("How it will be tested again", rows=1, hint="May be empty.")

    NAMES = ("step", "observed", "where", "todo", "retest", "rule_id")
    # The ids of the rules that may be named, once the finding is checked.
    known_rules: Collection[str] | None = None
    MISSING = {
        "step": "Choose the step to which this belongs.",
        "observed": "Say what you saw.",
        "todo": "Say what the partner should do.",
    }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.known_rules is not None and (named := cleaned.get("rule_id")) and named not in self.known_rules:
            self.add_error("rule_id", "There is no such rule. Choose one of the list, or leave it empty.")
        if not self.errors and not self.is_blank:
            for name in [name for name in self.MISSING if not cleaned.get(name)]:
                self.add_error(name, self.MISSING[name])
        return cleaned

    @property
    def is_blank(self) -> bool:
        return not any(self.cleaned_data.get(name) for name in self.MISSING)

    def draft(self) -> FindingDraft:
        return FindingDraft(**{name: self.cleaned_data[name] for name in self.NAMES})


class MessageForm(forms.Form):
    message = Text(
        "Message to the partner", rows=3, hint="Goes along with the decision. To reject, write the reason here."
    )


# --- The whole sheet -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Untouched:
    """A form of the sheet that no button was about: what it shows, and how it is made where that is needed.

    Making a form costs more than all the rest of it, and most pages need none: `reviews.desk.drawn`.
    """

    initial: Mapping[str, Any]
    make: Callable[[], forms.Form]
    is_bound: ClassVar[bool] = False


class Sheet:
    """Every form of the page, filled from `source`: what was posted, or what was typed and not saved yet.

    Only the forms that a button is about are validated (`check`); the others may be half written. Afterwards
    the sheet may be given to `partials/form_errors.html` like a form.
    """

    is_bound = True

    def __init__(self, submission: Submission, source: Mapping[str, str]) -> None:
        self.stored = {verdict.step: verdict for verdict in submission.verdicts.all()}
        self.source = source
        self.suggested = suggested_findings(self.stored)
        self.row_count = _row_count(source, len(self.suggested))
        self.faulty: list[forms.Form] = []
        self.sentences: list[str] = []
        self.is_checked = False

    @cached_property
    def steps(self) -> list[StepForm]:
        return [StepForm(step, self.stored.get(step), self.source) for step in ReviewStep]

    @cached_property
    def message(self) -> MessageForm:
        return MessageForm(initial=_typed(self.source, "", ("message",)))

    @cached_property
    def hold(self) -> HoldForm:
        return HoldForm(prefix="hold", initial=_typed(self.source, "hold", HoldForm.NAMES))

    @cached_property
    def findings(self) -> list[FindingForm]:
        return [FindingForm(prefix=f"finding-{row}", initial=self._noted(row)) for row in range(self.row_count)]

    def shown_steps(self) -> Sequence[StepForm | Untouched]:
        """The steps as they are drawn, in their order."""
        return self.steps if self.is_checked else [self._untouched_step(step) for step in ReviewStep]

    def shown_findings(self) -> Sequence[FindingForm | Untouched]:
        if self.is_checked:
            return self.findings
        return [Untouched(self._noted(row), partial(self._made_finding, row)) for row in range(self.row_count)]

    def shown_message(self) -> MessageForm | Untouched:
        typed = _typed(self.source, "", ("message",))
        return self.message if self.is_checked else Untouched(typed, lambda: self.message)

    def shown_hold(self) -> HoldForm | Untouched:
        typed = _typed(self.source, "hold", HoldForm.NAMES)
        return self.hold if self.is_checked else Untouched(typed, lambda: self.hold)

    def _untouched_step(self, step: ReviewStep) -> Untouched:
        stored = self.stored.get(step)
        typed, saved = typed_and_saved(step, stored, self.source)
        make = partial(StepForm, step, stored, self.source)
        return Untouched(saved | typed | {"seen": stamp(stored)}, make)

    def is_unsaved(self, step: ReviewStep) -> bool:
        """Whether something is typed for this step that differs from what is stored."""
        typed, saved = typed_and_saved(step, self.stored.get(step), self.source)
        return any(value.strip() != saved.get(name, "") for name, value in typed.items())

    def _made_finding(self, row: int) -> FindingForm:
        return self.findings[row]

    def _noted(self, row: int) -> dict[str, str]:
        """What a finding says before it is checked: what was typed, else what a failed step suggests."""
        if "finding_rows" not in self.source and row < len(self.suggested):
            return self.suggested[row]
        return _typed(self.source, f"finding-{row}", FindingForm.NAMES)

    def step(self, name: str) -> StepForm | None:
        return next((form for form in self.steps if form.step == name), None)

    def check(self, parts: Iterable[forms.Form]) -> bool:
        """Bind and validate `parts`; what is wrong shows at their fields."""
        self.is_checked = True
        for form in parts:
            form.data, form.is_bound = self.source, True
            if not form.is_valid():
                self.faulty.append(form)
        return not self.faulty

    def refuse(self, sentence: str) -> None:
        """A reason that belongs to no field."""
        self.sentences.append(sentence)

    def non_field_errors(self) -> list[str]:
        return [*self.sentences, *(str(error) for form in self.faulty for error in form.non_field_errors())]

    def __iter__(self) -> Iterator[BoundField]:
        return (field for form in self.faulty for field in form)


def suggested_findings(stored: Mapping[str, StepVerdict]) -> list[dict[str, str]]:
    """A row for each failed step, with its evidence as what was seen: only what to do is missing."""
    failed = [stored[step] for step in ReviewStep if step in stored and stored[step].outcome == StepOutcome.FAIL]
    return [{"step": verdict.step, "observed": verdict.evidence} for verdict in failed]


def _row_count(source: Mapping[str, str], suggested: int) -> int:
    text = source.get("finding_rows", "")
    asked = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else suggested + 1
    return min(max(asked, MIN_ROWS), MAX_ROWS)


def _typed(source: Mapping[str, str], prefix: str, names: Iterable[str]) -> dict[str, str]:
    full = {name: f"{prefix}-{name}" if prefix else name for name in names}
    return {name: source[key] for name, key in full.items() if key in source}
