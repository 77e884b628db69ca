"""The form of one action with the fields that it takes: rows of controls that work without scripts.

The rows are `key_0`, `label_0`, … `key_1`, …; `count` says how many there are. A button that adds, removes or moves
a row sends the whole form, and gets it back with everything that was typed (`Typed.pressed`).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from django import forms
from django.core.exceptions import ValidationError

from apps_catalog.console import Difference, DraftForm
from planning.lifecycle import FIELD, as_it_stands
from planning.models import PlannedAction
from planning.models.plans import MOST_FIELDS, TEXT_LIMIT
from planning.states import FieldType
from runtime.spec.mappings import Wanted
from runtime.spec.names import snake_case

OWN = ("name", "description", "trigger")
# What a new action begins with: nearly all of them want these two.
FIRST_FIELDS: tuple[Mapping[str, Any], ...] = (
    {"key": "user_id", "label": "User ID", "type": FieldType.STRING, "required": True, "default": "$.userId"},
    {"key": "timestamp", "label": "Time of the event", "type": FieldType.DATETIME, "required": False,
     "default": "$.timestamp"},
)  # fmt: skip
FIRST_TRIGGER = 'type = "track"'
_BLANK: Mapping[str, Any] = {"key": "", "label": "", "type": FieldType.STRING, "required": False, "default": ""}
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,79}")
# Names that mean something else in the code that is made from a plan.
_UNSAFE = frozenset({"constructor", "prototype", "__proto__", "toString", "valueOf", "hasOwnProperty"})
_BAD_KEY = "Use letters, digits and underscores, beginning with a letter: order_id, for example."


@dataclass(frozen=True, slots=True)
class Typed:
    """An action as it stands in a form: its own values, and its fields row by row. Nothing of it is judged."""

    own: Mapping[str, Any]
    rows: tuple[Mapping[str, Any], ...] = field(default_factory=tuple)

    @classmethod
    def first(cls) -> Self:
        return cls({"trigger": FIRST_TRIGGER}, FIRST_FIELDS)

    @classmethod
    def saved(cls, action: PlannedAction) -> Self:
        own, rows = as_it_stands(action)
        return cls(own, tuple(rows))

    @classmethod
    def sent(cls, data: Mapping[str, Any]) -> Self:
        own = {name: data.get(name, "") for name in OWN}
        return cls(own, tuple(_row(data, index) for index in range(_count(data))))

    def pressed(self, data: Mapping[str, Any]) -> Self | None:
        """The action after one of its buttons: “add_field”, “remove_field” or “move_field”. None for any other."""
        rows = list(self.rows)
        if "add_field" in data:
            rows += [_BLANK] if len(rows) < MOST_FIELDS else []
        elif "remove_field" in data:
            rows = [row for index, row in enumerate(rows) if str(index) != data["remove_field"]]
        elif "move_field" in data:
            _move(rows, str(data["move_field"]))
        else:
            return None
        return replace(self, rows=tuple(rows))

    def wanted(self) -> list[Wanted]:
        """The rows that are filled in, for a preview. A key that is missing is made from the label."""
        return [
            Wanted(row["key"] or _made_key(row["label"]), row["label"] or row["key"], row["type"], row["required"],
                   row["default"][:500])
            for row in self.rows if not _is_blank(row)
        ]  # fmt: skip


def _count(data: Mapping[str, Any]) -> int:
    text = str(data.get("count", ""))
    return min(int(text), MOST_FIELDS) if text.isdecimal() and len(text) < 10 else 0


def _row(data: Mapping[str, Any], index: int) -> dict[str, Any]:
    row = {name: str(data.get(f"{name}_{index}", "")) for name in ("key", "label", "type", "default")}
    return {**row, "required": f"required_{index}" in data}


def _move(rows: list[Mapping[str, Any]], order: str) -> None:
    """`order` is “up-2” or “down-0”: the direction, and the row that moves."""
    found = re.fullmatch(r"(up|down)-(\d{1,3})", order)
    place = int(found[2]) if found else -1
    target = place + (-1 if found and found[1] == "up" else 1)
    if 0 <= place < len(rows) and 0 <= target < len(rows):
        rows.insert(target, rows.pop(place))


def _is_blank(row: Mapping[str, Any]) -> bool:
    return not any(str(row[name] or "").strip() for name in ("key", "label", "default"))


def _made_key(label: str) -> str:
    """“Order ID” → `order_id`; "" where nothing is left of it."""
    made = re.sub(r"\W+", "_", snake_case(label), flags=re.ASCII).strip("_")[:80]
    return made if _KEY.fullmatch(made) else ""


class ActionForm(DraftForm):
    """`typed` is what it shows; `data` what was sent and is to be saved."""

    marks_optional = False

    name = forms.CharField(
        label="Name", max_length=120, help_text="What it does, as customers choose it: “Track Order”, for example."
    )
    description = forms.CharField(
        label="Description", required=False, max_length=TEXT_LIMIT, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="One or two sentences for customers.",
    )  # fmt: skip
    trigger = forms.CharField(
        label="Runs when", required=False, max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false", "class": "mono", "autocomplete": "off"}),
        help_text='A condition on the event: <code>type = "track" and event = "Order Completed"</code>. Join parts '
        "with and, or, not and brackets; compare with =, !=, contains and exists.",
    )  # fmt: skip
    count = forms.IntegerField(min_value=0, max_value=MOST_FIELDS, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, action: PlannedAction | None, typed: Typed, revision: int) -> None:
        initial = {**typed.own, "revision": revision, "count": len(typed.rows)}
        super().__init__(data, initial=initial)
        self.action = action
        for index, row in enumerate(typed.rows):
            self._add_row(index, row)
        self.places = range(len(typed.rows))

    def _add_row(self, index: int, row: Mapping[str, Any]) -> None:
        plain = {"autocomplete": "off", "spellcheck": "false"}
        made: dict[str, forms.Field] = {
            "label": forms.CharField(label="Label", max_length=120, required=False),
            "key": forms.CharField(label="Key", max_length=80, required=False,
                                   widget=forms.TextInput(attrs={**plain, "class": "mono"})),
            "type": forms.ChoiceField(label="Type", choices=FieldType.choices, required=False),
            "default": forms.CharField(label="Comes from", max_length=500, required=False,
                                       widget=forms.TextInput(attrs={**plain, "class": "mono", "list": "plan-paths"})),
            "required": forms.BooleanField(label="Required", required=False),
        }  # fmt: skip
        for name, control in made.items():
            self.fields[f"{name}_{index}"] = control
            self.initial[f"{name}_{index}"] = row[name]

    @property
    def rows(self) -> Iterator[dict[str, Any]]:
        """The controls of each field by name, for the template."""
        last = len(self.places) - 1
        for index in self.places:
            controls = {name: self[f"{name}_{index}"] for name in FIELD}
            title = str(controls["label"].value() or controls["key"].value() or f"field {index + 1}")
            yield {**controls, "index": index, "number": index + 1, "title": title[:120],
                   "is_first": index == 0, "is_last": index == last}  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        taken: set[str] = set()
        for index in self.places:
            self._clean_row(data, index, taken)
        return data

    def _clean_row(self, data: dict[str, Any], index: int, taken: set[str]) -> None:
        row = {name: data.get(f"{name}_{index}") for name in FIELD}
        if _is_blank(row):
            return
        label = (row["label"] or "").strip() or (row["key"] or "").strip()
        key = (row["key"] or "").strip() or _made_key(label)
        if not label:
            self.add_error(f"label_{index}", ValidationError("Name the field."))
        elif not _KEY.fullmatch(key) or key in _UNSAFE:
            self.add_error(f"key_{index}", ValidationError(_BAD_KEY))
        elif key.casefold() in taken:
            self.add_error(f"key_{index}", ValidationError(f"There is a field {key} already."))
        taken.add(key.casefold())
        data[f"key_{index}"], data[f"label_{index}"] = key, label

    def values(self) -> dict[str, str]:
        return {name: self.cleaned_data[name].strip() for name in OWN}

    def field_rows(self) -> list[dict[str, Any]]:
        """The fields to save, in their order; rows in which nothing was typed are left out."""
        rows = [{name: self.cleaned_data[f"{name}_{index}"] for name in FIELD} for index in self.places]
        return [
            {**row, "type": row["type"] or FieldType.STRING, "default": row["default"].strip()}
            for row in rows if not _is_blank(row)
        ]  # fmt: skip

    def saved_values(self, row: PlannedAction) -> dict[str, Any]:
        return as_it_stands(row)[0]

    def differences(self, row: Any) -> list[Difference]:
        """Its own values one by one, and the fields as a whole."""
        found = super().differences(row)
        theirs, mine = _in_words(as_it_stands(row)[1]), _in_words(self.field_rows())
        return [*found, Difference("Fields", theirs, mine)] if theirs != mine else found


def _in_words(rows: list[dict[str, Any]]) -> str:
    """“User ID (user_id, string, required) from $.userId; …”."""
    return "; ".join(
        f"{row['label']} ({row['key']}, {row['type']}{', required' if row['required'] else ''})"
        + (f" from {row['default']}" if row["default"] else "")
        for row in rows
    )
