"""The form for one setting in the settings builder (D8, D9)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from apps_catalog import validators
from apps_catalog.console import DraftForm
from apps_catalog.models import App, Setting
from apps_catalog.setting_conditions import NEEDS_VALUE, Operator, check_condition, condition_of
from apps_catalog.setting_keys import API_KEY
from apps_catalog.setting_patterns import clean_fast_pattern
from apps_catalog.setting_values import CAN_BE_SECRET, TEXTS, as_text, choice_label, choice_value, read_text
from apps_catalog.states import ComponentKind, SettingType

MAX_SAMPLE = 5_000
SIGN = " = "
# What D9 fixes for the API key.
FIXED_FOR_API_KEY = (
    "type", "choices", "default", "required", "sensitive", "components", "visible_key", "visible_operator",
    "visible_value",
)  # fmt: skip
_CONDITION = ("visible_key", "visible_operator", "visible_value")


class SettingForm(DraftForm):
    """`setting` is None for a new one. The API key keeps its type and stays required and secret.

    What belongs to another type than the chosen one stays as it was saved; nothing of it is taken over.
    """

    label = forms.CharField(
        label="Label",
        max_length=validators.MAX_LABEL,
        help_text="What your customers see. The key is made from it, once.",
    )
    hint = forms.CharField(
        label="Hint", required=False, max_length=validators.MAX_HINT, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Where customers find the value, in one sentence.",
    )  # fmt: skip
    type = forms.ChoiceField(label="Type", choices=SettingType.choices, initial=SettingType.STRING)
    choices = forms.CharField(
        label="Options", required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="For the type Choice: one option per line, in the order customers see. “eu = Europe” sends eu and "
        "shows Europe.",
    )  # fmt: skip
    default = forms.CharField(
        label="Default", required=False, max_length=5_000, widget=forms.Textarea(attrs={"rows": 1}),
        help_text="What the field holds until the customer changes it: true or false for Yes or no; one entry per "
        "line for a list; name = value per line for a text map; JSON for a map or mixed.",
    )  # fmt: skip
    required = forms.BooleanField(label="Customers must fill it in", required=False)
    sensitive = forms.BooleanField(
        label="Secret: hidden after saving", required=False, help_text="A setting of the type Secret always is."
    )
    pattern = forms.CharField(
        label="Pattern", required=False, max_length=300,
        widget=forms.TextInput(attrs={"class": "code", "autocomplete": "off", "spellcheck": "false"}),
        help_text="For texts and secrets: a regular expression that the whole value must match.",
    )  # fmt: skip
    sample = forms.CharField(
        label="Try the pattern with", required=False, strip=False, max_length=MAX_SAMPLE,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "data-autosave-skip": ""}),
        help_text="Only for this test; it is not kept.",
    )  # fmt: skip
    components = forms.MultipleChoiceField(
        label="Show it for", required=False, choices=ComponentKind.choices, widget=forms.CheckboxSelectMultiple,
        help_text="The components that use it. None chosen means all of them.",
    )  # fmt: skip
    visible_key = forms.ChoiceField(
        label="Show it only if", required=False,
        error_messages={"invalid_choice": "This setting is gone in the meantime. Choose another one."},
    )  # fmt: skip
    visible_operator = forms.ChoiceField(
        label="Comparison", required=False, choices=Operator.choices, initial=Operator.EQUALS
    )
    visible_value = forms.CharField(
        label="Value", required=False, max_length=1_000, help_text="The value of that option, or true or false."
    )

    def __init__(self, data: Any = None, *, app: App, setting: Setting | None = None) -> None:
        initial = {"revision": app.revision, **(saved(setting) if setting else {})}
        super().__init__(data, initial=initial)
        self.setting, self.others = setting, list(app.settings.all())
        self.fields["visible_key"].choices = [("", "Always"), *self._deciders()]  # type: ignore[attr-defined]
        if setting and setting.key == API_KEY:
            for name in FIXED_FOR_API_KEY:
                del self.fields[name]

    def _deciders(self) -> list[tuple[str, str]]:
        """The settings that can decide about this one; a new condition on a secret would give the secret away."""
        own, now = (self.setting.key, self.initial["visible_key"]) if self.setting else ("", "")
        return [
            (each.key, each.label)
            for each in self.others
            if each.key != own and (not each.sensitive or each.key == now)
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        kind = data.get("type", SettingType.STRING)
        self._clean_part("choices", lambda: self._choices(kind))
        self._clean_part("default", lambda: self._default(kind))
        self._clean_part("sensitive", lambda: self._sensitive(kind))
        self._clean_part("pattern", lambda: self._pattern(kind))
        self._clean_part("visible_key", self._condition)
        return data

    def clean_label(self) -> str:
        """As it came, when only the spaces around it would be lost."""
        typed, now = str(self.cleaned_data["label"]), self.setting.label if self.setting else ""
        return now if now.strip() == typed else typed

    def _clean_part(self, name: str, read: Callable[[], Any]) -> None:
        if name in self.errors or name not in self.fields:
            return
        try:
            self.cleaned_data[name] = read()
        except ValidationError as problem:
            self.add_error(name, problem)

    def _choices(self, kind: str) -> list[Any]:
        text = self.cleaned_data.get("choices", "")
        if self.setting and self.setting.type == kind and _same_lines(text, choices_text(self.setting.choices)):
            return self.setting.choices
        if kind != SettingType.SELECT:
            return []
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        found = [self._option(line) for line in lines]
        validators.clean_choices([str(choice_value(each)) for each in found])
        return found

    def _option(self, line: str) -> Any:
        """What a line says; one that was there before stays exactly what it was, number or not."""
        own = {_line(choice): choice for choice in (self.setting.choices if self.setting else [])}
        if line in own:
            return own[line]
        value, sign, label = line.partition(SIGN)
        return {"value": value.strip(), "label": label.strip()} if sign and label.strip() else line

    def _default(self, kind: str) -> Any:
        typed = self.cleaned_data.get("default", "")
        if self.setting and self.setting.type == kind and _same_lines(typed, as_text(kind, self.setting.default)):
            return self.setting.default
        if not typed.strip():
            return None
        if self.cleaned_data.get("sensitive"):
            raise ValidationError("A secret has no default: every customer has one of their own.")
        choices = self.cleaned_data.get("choices") or []
        by_text = {str(choice_value(each)): choice_value(each) for each in choices}
        value = by_text.get(typed, typed) if kind == SettingType.SELECT else typed
        return value if value is not typed else self._checked_default(typed, kind, choices)

    def _checked_default(self, typed: str, kind: str, choices: Sequence[Any]) -> Any:
        if kind == SettingType.PASSWORD:
            return validators.clean_default(typed, kind, [])
        return validators.clean_default(read_text(kind, typed), kind, list(choices))

    def _sensitive(self, kind: str) -> bool:
        is_secret = bool(self.cleaned_data.get("sensitive"))
        if is_secret and kind not in CAN_BE_SECRET:
            raise ValidationError(f"The type “{SettingType(kind).label}” cannot be secret. Choose Secret or Text.")
        return is_secret or kind == SettingType.PASSWORD

    def _pattern(self, kind: str) -> str:
        pattern = str(self.cleaned_data.get("pattern", ""))
        if self.setting and self.setting.pattern == pattern and self.setting.type == kind:
            return pattern
        return clean_fast_pattern(pattern) if kind in TEXTS else ""

    def _condition(self) -> str:
        """Checked here, so that the message stands at its field; `values` makes the column of it."""
        condition = self._visible_if()
        check_condition(self.setting.key if self.setting else None, condition, self.others)
        return str(self.cleaned_data["visible_key"])

    def _visible_if(self) -> dict[str, Any] | None:
        key = self.cleaned_data.get("visible_key")
        if not key:
            return None
        operator = self.cleaned_data.get("visible_operator") or Operator.EQUALS
        if operator not in NEEDS_VALUE:
            return {"key": key, "operator": str(operator)}
        kind = next(other.type for other in self.others if other.key == key)
        return {"key": key, "operator": str(operator), "value": self._compared(kind)}

    def _compared(self, kind: str) -> Any:
        typed = self.cleaned_data.get("visible_value", "")
        try:
            value = read_text(kind, typed) if kind in (SettingType.BOOLEAN, SettingType.NUMBER) else typed
        except ValidationError as problem:
            raise ValidationError(f"The value to compare with: {problem.messages[0]}") from None
        if value in (None, ""):
            raise ValidationError("Enter the value to compare with, or choose “is filled in”.")
        return value

    def values(self) -> dict[str, Any]:
        """The columns of the setting, as the verbs want them."""
        left_out = {"revision", "sample", *_CONDITION}
        columns = {name: value for name, value in self.cleaned_data.items() if name not in left_out}
        return columns | self._condition_column() if "visible_key" in self.fields else columns

    def _condition_column(self) -> dict[str, Any]:
        found = self._visible_if()
        is_same = self.setting and found and condition_texts(self.setting) == condition_texts(Setting(visible_if=found))
        return {"visible_if": self.setting.visible_if if is_same and self.setting else found}

    def saved_values(self, row: Any) -> dict[str, Any]:
        setting = row if isinstance(row, Setting) else self.setting
        return {name: value for name, value in saved(setting).items() if name in self.fields} if setting else {}

    def typed_values(self) -> dict[str, Any]:
        """What was typed, field by field, for the comparison with `saved_values`."""
        found = {name: field.widget.value_from_datadict(self.data, {}, name) for name, field in self.fields.items()}
        return {name: _one_kind_of_line(value) for name, value in found.items()}

    def differences(self, row: Any) -> list[Any]:
        """As texts on both sides, so that an option list does not differ from its own lines."""
        kept, self.cleaned_data = self.cleaned_data, self.typed_values()
        try:
            return super().differences(row)
        finally:
            self.cleaned_data = kept

    def show_again(self, data: Mapping[str, Any]) -> None:
        """Show what was sent without judging it: for the test of a pattern."""
        self.initial = {name: field.widget.value_from_datadict(data, {}, name) for name, field in self.fields.items()}


# --- A setting as the form shows it --------------------------------------------------------------------


def saved(setting: Setting) -> dict[str, Any]:
    """The fields of a setting as the form shows them, by name."""
    same = ("label", "hint", "type", "required", "sensitive", "components", "pattern")
    return {
        **{name: getattr(setting, name) for name in same},
        "choices": choices_text(setting.choices),
        "default": as_text(setting.type, setting.default),
        **condition_texts(setting),
    }


def condition_texts(setting: Setting) -> dict[str, str]:
    """The condition of a setting in the three fields of the form; empty for one that is always shown."""
    found = condition_of(setting)
    if found is None:
        return dict.fromkeys(_CONDITION, "") | {"visible_operator": str(Operator.EQUALS)}
    text = "false" if found.value is False else as_text(SettingType.STRING, found.value)
    return dict(zip(_CONDITION, (found.key, str(found.operator), text), strict=True))


def choices_text(choices: Sequence[Any]) -> str:
    """One option per line."""
    return "\n".join(map(_line, choices))


def _line(choice: Any) -> str:
    if isinstance(choice, dict) and "label" in choice:
        return f"{choice_value(choice)}{SIGN}{choice_label(choice)}"
    return str(choice_value(choice))


def _one_kind_of_line(value: Any) -> Any:
    """Browsers send CR LF for the line breaks of a text area."""
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def _same_lines(one: str, other: str) -> bool:
    return one.strip().splitlines() == other.strip().splitlines()
