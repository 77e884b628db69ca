"""Pieces of the sheet that are the same on every page that shows them, kept once they are drawn.

Each is drawn by its template from nothing but its key, so what is kept can never be another submission's. A form
that was posted, with its errors, is drawn afresh. A key holds values, never rows: rows are equal by their id alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.forms import Form
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from reviews import thread_forms
from reviews.choices import Choice
from reviews.decision_forms import HoldForm
from reviews.desk.forms import FindingForm, MessageForm, StepForm, Untouched
from reviews.desk.preview import Preview
from reviews.rubric import RuleResult
from reviews.states import ReviewStep

# Each kind of piece, in each process. Longer texts are not kept: hardly anybody asks for the same twice.
KEPT, LONGEST = 1_024, 1_000
# A step has its controls around what is written.
LONGEST_STEP = 4 * LONGEST
# Larger ones, of which a submission has one or two: a few megabytes at most.
FEW = 128


@lru_cache(maxsize=KEPT)
def rule(result: RuleResult, may_write: bool) -> SafeString:
    """What the machine says about one rule."""
    return _draw("_rule.html", rule=result, may_write=may_write)


@lru_cache(maxsize=FEW)
def rule_list(rules: tuple[tuple[str, str], ...]) -> SafeString:
    """The choices for the rule of a finding: (id, title)."""
    return _draw("_rule_list.html", rules=rules)


def choice_list(
    choices: tuple[Choice, ...], hold_form: SafeString, *, is_hold_open: bool, until: Mapping[str, datetime | None]
) -> SafeString:
    """The decisions of the bar; `until`: what of it runs out, and when."""
    if any(until.values()):
        shown = {"choices": choices, "hold_form": hold_form, "is_hold_open": is_hold_open}
        return _draw("_choices.html", **shown, **until)
    return _choice_list(choices, hold_form, is_hold_open)


@lru_cache(maxsize=FEW)
def _choice_list(choices: tuple[Choice, ...], hold_form: SafeString, is_hold_open: bool) -> SafeString:
    return _draw("_choices.html", choices=choices, hold_form=hold_form, is_hold_open=is_hold_open)


class Judged(NamedTuple):
    """What is stored of one step: `words` is the outcome for people, `by` the name of the judge, who may be gone."""

    outcome: str
    words: str
    by: str
    evidence: str
    at: datetime


class Step(NamedTuple):
    """One published step. `rules` and `controls` are drawn; `url` shows `part`, which `place` names.

    `zone` is the viewer's, in which the times are.
    """

    number: int
    step: ReviewStep
    title: str
    prefix: str
    is_unsaved: bool
    verdict: Judged | None
    rules: tuple[SafeString, ...]
    controls: SafeString
    may_write: bool
    part: str
    place: str
    url: str
    zone: str


def step(row: Step, form: StepForm | Untouched) -> SafeString:
    if isinstance(form, StepForm):
        return _draw("_step.html", row=row, has_errors=bool(form.errors))
    is_long = len(row.controls) + len(row.verdict.evidence if row.verdict else "") > LONGEST_STEP
    return _draw("_step.html", row=row, has_errors=False) if is_long else _step(row)


@lru_cache(maxsize=KEPT)
def _step(row: Step) -> SafeString:
    return _draw("_step.html", row=row, has_errors=False)


def step_controls(step: ReviewStep, form: StepForm | Untouched) -> SafeString:
    """Verdict and evidence of one published step."""
    values = _values(form, "outcome", "evidence", "seen")
    return _draw("_step_controls.html", form=_form(form)) if values is None else _step_controls(step, values)


@lru_cache(maxsize=KEPT)
def _step_controls(step: ReviewStep, values: tuple[str, ...]) -> SafeString:
    form = StepForm(step, None, {})
    form.initial = dict(zip(("outcome", "evidence", "seen"), values, strict=True))
    return _draw("_step_controls.html", form=form)


def finding(form: FindingForm | Untouched, number: int) -> SafeString:
    """One row of “Findings”; `number` counts from 1."""
    values = _values(form, *FindingForm.NAMES)
    return _draw("_finding.html", form=_form(form), number=number) if values is None else _finding(number, values)


@lru_cache(maxsize=KEPT)
def _finding(number: int, values: tuple[str, ...]) -> SafeString:
    initial = dict(zip(FindingForm.NAMES, values, strict=True))
    form = FindingForm(prefix=f"finding-{number - 1}", initial=initial)
    return _draw("_finding.html", form=form, number=number)


def message(form: MessageForm | Untouched) -> SafeString:
    values = _values(form, "message")
    return _draw("_field.html", field=_form(form)["message"]) if values is None else _message(values)


@lru_cache(maxsize=KEPT)
def _message(values: tuple[str, ...]) -> SafeString:
    return _draw("_field.html", field=MessageForm(initial={"message": values[0]})["message"])


def hold(form: HoldForm | Untouched) -> SafeString:
    """What a hold needs, for the decision bar."""
    values = _values(form, *HoldForm.NAMES)
    return _draw("_hold_form.html", form=_form(form)) if values is None else _hold(values)


@lru_cache(maxsize=KEPT)
def _hold(values: tuple[str, ...]) -> SafeString:
    typed = {name: value for name, value in zip(HoldForm.NAMES, values, strict=True) if value}
    return _draw("_hold_form.html", form=HoldForm(prefix="hold", initial=typed))


@lru_cache(maxsize=FEW)
def tabs(label: str, column: str, shown: tuple[Any, ...]) -> SafeString:
    """The tabs of a column; `shown` are `reviews.desk.parts.Tab`s."""
    return _draw("_tabs.html", label=label, id=column, tabs=shown)


@dataclass(frozen=True, slots=True)
class Listing:
    """A listing as customers see it. `key` holds everything that is shown of the other two."""

    key: tuple[Any, ...]
    entry: Preview = field(compare=False)
    manifest: Mapping[str, Any] = field(compare=False)


@lru_cache(maxsize=FEW)
def listing(of: Listing) -> SafeString:
    return _draw("_listing.html", entry=of.entry, manifest=of.manifest)


def thread_field(form: thread_forms.MessageForm, name: str) -> SafeString:
    """A field of a message to the partner or of a note."""
    if form.is_bound:
        return form[name].as_field_group()
    return _thread_field(type(form), name)


@lru_cache(maxsize=KEPT)
def _thread_field(form: type[thread_forms.MessageForm], name: str) -> SafeString:
    return form()[name].as_field_group()


def _form(form: Form | Untouched) -> Form:
    return form.make() if isinstance(form, Untouched) else form


def _values(form: Form | Untouched, *names: str) -> tuple[str, ...] | None:
    """What the form shows, as a key; None for what is not to be kept."""
    if form.is_bound:
        return None
    values = tuple(str(form.initial.get(name, "")) for name in names)
    return values if sum(map(len, values)) <= LONGEST else None


def _draw(template: str, **context: Any) -> SafeString:
    return render_to_string(f"admin/review/{template}", context)
