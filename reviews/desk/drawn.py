"""Pieces of the sheet that are the same on every page that shows them, kept once they are drawn.

Each is drawn by its template from nothing but its key, so what is kept can never be another submission's. A form
that was posted, with its errors, is drawn afresh.
"""

from functools import lru_cache
from typing import Any

from django.forms import Form
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from reviews import thread_forms
from reviews.decision_forms import HoldForm
from reviews.desk.forms import FindingForm, MessageForm, StepForm
from reviews.rubric import RuleResult

# Each kind of piece, in each process. Longer texts are not kept: hardly anybody asks for the same twice.
KEPT, LONGEST = 1_024, 1_000


@lru_cache(maxsize=KEPT)
def rule(result: RuleResult, may_write: bool) -> SafeString:
    """What the machine says about one rule."""
    return _draw("_rule.html", rule=result, may_write=may_write)


def step_controls(form: StepForm) -> SafeString:
    """Verdict and evidence of one published step."""
    drawn = _values(form, "outcome", "evidence", "seen")
    return _draw("_step_controls.html", form=form) if drawn is None else _step_controls(form.step, drawn)


@lru_cache(maxsize=KEPT)
def _step_controls(step: Any, values: tuple[str, ...]) -> SafeString:
    form = StepForm(step, None, {})
    form.initial = dict(zip(("outcome", "evidence", "seen"), values, strict=True))
    return _draw("_step_controls.html", form=form)


def finding(form: FindingForm, number: int) -> SafeString:
    """One row of “Findings”; `number` counts from 1."""
    values = _values(form, *FindingForm.NAMES)
    return _draw("_finding.html", form=form, number=number) if values is None else _finding(number, values)


@lru_cache(maxsize=KEPT)
def _finding(number: int, values: tuple[str, ...]) -> SafeString:
    initial = dict(zip(FindingForm.NAMES, values, strict=True))
    form = FindingForm(prefix=f"finding-{number - 1}", initial=initial)
    return _draw("_finding.html", form=form, number=number)


def message(form: MessageForm) -> SafeString:
    values = _values(form, "message")
    return _draw("_field.html", field=form["message"]) if values is None else _message(values)


@lru_cache(maxsize=KEPT)
def _message(values: tuple[str, ...]) -> SafeString:
    return _draw("_field.html", field=MessageForm(initial={"message": values[0]})["message"])


def hold(form: HoldForm) -> SafeString:
    """What a hold needs, for the decision bar."""
    values = _values(form, *HoldForm.NAMES)
    return _draw("_hold_form.html", form=form) if values is None else _hold(values)


@lru_cache(maxsize=KEPT)
def _hold(values: tuple[str, ...]) -> SafeString:
    typed = {name: value for name, value in zip(HoldForm.NAMES, values, strict=True) if value}
    return _draw("_hold_form.html", form=HoldForm(prefix="hold", initial=typed))


def thread_field(form: thread_forms.MessageForm, name: str) -> SafeString:
    """A field of a message to the partner or of a note."""
    if form.is_bound:
        return form[name].as_field_group()
    return _thread_field(type(form), name)


@lru_cache(maxsize=KEPT)
def _thread_field(form: type[thread_forms.MessageForm], name: str) -> SafeString:
    return form()[name].as_field_group()


def _values(form: Form, *names: str) -> tuple[str, ...] | None:
    """What the form shows, as a key; None for what is not to be kept."""
    if form.is_bound:
        return None
    values = tuple(str(form.initial.get(name, "")) for name in names)
    return values if sum(map(len, values)) <= LONGEST else None


def _draw(template: str, **context: Any) -> SafeString:
    return render_to_string(f"admin/review/{template}", context)
