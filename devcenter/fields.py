"""What the form templates need to know about a bound field and cannot ask for themselves."""

from collections.abc import Iterator
from dataclasses import dataclass

from django import forms
from django.forms.boundfield import BoundField
from django.forms.forms import BaseForm


@dataclass(frozen=True, slots=True)
class FieldParts:
    """`kind` is control, check (one checkbox) or group (radios, several checkboxes: a fieldset).

    `limit` is the number of characters the counter counts up to, or None for no counter.
    `target_id` is the id that a link in the error summary jumps to.
    """

    kind: str
    limit: int | None
    optional: bool
    target_id: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One line of the error summary. `target_id` is empty when no single field is at fault."""

    label: str
    message: str
    target_id: str


def field_parts(field: BoundField) -> FieldParts:
    kind = _kind(field)
    return FieldParts(
        kind=kind,
        limit=_limit(field),
        # Forms that save drafts need nothing to save and much to submit: they say which by themselves.
        optional=not field.field.required and kind != "check" and getattr(field.form, "marks_optional", True),
        target_id=_target_id(field, kind),
    )


def form_problems(form: BaseForm) -> list[Problem]:
    """Every error of the form in reading order: those of the whole form first."""
    whole = [Problem("", str(message), "") for message in form.non_field_errors()]
    return whole + [problem for field in form for problem in _field_problems(field)]


def _field_problems(field: BoundField) -> Iterator[Problem]:
    target = "" if field.is_hidden else field_parts(field).target_id
    for message in field.errors:
        yield Problem(str(field.label), str(message), target)


def _kind(field: BoundField) -> str:
    widget = field.field.widget
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "group"
    return "check" if isinstance(widget, forms.CheckboxInput) else "control"


def _limit(field: BoundField) -> int | None:
    """`data-counter` on the widget wins; a textarea with `max_length` gets a counter unasked."""
    attrs = field.field.widget.attrs
    asked = attrs.get("data-counter")
    if asked is None and isinstance(field.field.widget, forms.Textarea):
        asked = attrs.get("maxlength")
    return int(asked) if asked else None


def _target_id(field: BoundField, kind: str) -> str:
    """Groups have no control of their own: their first option takes the focus."""
    return f"{field.auto_id}_0" if kind == "group" else field.id_for_label or str(field.auto_id)
