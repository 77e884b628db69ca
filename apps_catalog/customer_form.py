"""The form that a customer fills in to install an App, made from the App's settings (D8, D9).

The preview in the console is this very form, so what a partner sees is what a customer gets.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import escape

from apps_catalog.models import Setting
from apps_catalog.setting_conditions import condition_of, in_words, shown_keys
from apps_catalog.setting_patterns import TooSlow, matches
from apps_catalog.setting_sending import values_sent
from apps_catalog.setting_values import EMPTY, SEVERAL_LINES, TEXTS, as_text, choice_label, choice_value, read_text
from apps_catalog.states import SettingType

MAX_VALUE = 5_000
_ROWS = {"rows": 3}
_HOW = {
    SettingType.ARRAY: "One entry per line.",
    SettingType.TEXT_MAP: "One pair per line, as in name = value.",
    SettingType.MAP: 'A JSON object, as in {"name": "value"}.',
    SettingType.MIXED: "Any JSON value: a list, an object, a text in quotes, a number.",
    SettingType.COLOR: "A colour such as #0a7a51.",
}


class SecretTextarea(forms.Textarea):
    """Several lines that go in and never come out again."""

    def format_value(self, value: Any) -> str:
        return ""


class ValueField(forms.CharField):
    """A value of one of the types of D8 as a text; empty is `empty_value`."""

    def __init__(self, *, kind: str, **options: Any) -> None:
        self.kind = kind
        if kind in SEVERAL_LINES:
            options.setdefault("widget", forms.Textarea(attrs=_ROWS))
        super().__init__(max_length=MAX_VALUE, **options)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return read_text(self.kind, text) if self.kind not in _PLAIN else text

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) else as_text(self.kind, value)


_PLAIN = TEXTS | {SettingType.SELECT}


def setting_field(setting: Setting, *, required: bool | None = None) -> forms.Field:
    """The field for one setting; `required` overrides the setting's own word."""
    hint = " ".join(filter(None, [setting.hint, _HOW.get(SettingType(setting.type))]))
    options: dict[str, Any] = {
        "label": setting.label,
        # Help texts are trusted HTML; a hint is not.
        "help_text": escape(hint),
        "required": setting.required if required is None else required,
    }
    if setting.type == SettingType.BOOLEAN:
        return forms.BooleanField(**options | {"required": False})
    if setting.type == SettingType.SELECT and setting.choices:
        return _choice_field(setting.choices, options)
    field = ValueField(kind=setting.type, **options)
    if setting.sensitive:
        field.widget = _secret_widget(setting.type)
        field.widget.is_required = field.required
    elif setting.type == SettingType.COLOR:
        field.widget.attrs["data-color"] = ""
    return field


def _choice_field(choices: Sequence[Any], options: dict[str, Any]) -> forms.Field:
    values = {str(choice_value(choice)): choice_value(choice) for choice in choices}
    pairs = [("", "Choose one"), *choice_pairs(choices)]
    return forms.TypedChoiceField(choices=pairs, coerce=values.__getitem__, empty_value="", **options)


def _secret_widget(kind: str) -> forms.Widget:
    attrs = {"autocomplete": "off", "spellcheck": "false"}
    if kind in SEVERAL_LINES:
        return SecretTextarea(attrs=attrs | _ROWS | {"data-autosave-skip": ""})
    return forms.PasswordInput(attrs=attrs)


def choice_pairs(choices: Iterable[Any]) -> list[tuple[str, str]]:
    """(value, label) of options that are plain texts or {"value", "label"} objects."""
    return [(str(choice_value(choice)), choice_label(choice)) for choice in choices]


class CustomerForm(forms.Form):
    """One field for each setting, named by its key. Cleaned, it holds every setting with its value as it is sent.

    What a condition hides is neither required nor taken from what was typed: it has its value of an untouched form.
    """

    def __init__(self, data: Any = None, *, settings: Sequence[Setting], prefix: str = "preview") -> None:
        super().__init__(data, prefix=prefix)
        self.settings = settings
        for setting in settings:
            self.fields[setting.key] = setting_field(setting)
            self.initial[setting.key] = None if setting.sensitive else setting.default

    def clean(self) -> dict[str, Any]:
        shown = shown_keys(self.settings, self.cleaned_data)
        for setting in self.settings:
            if setting.key not in shown:
                self.errors.pop(setting.key, None)
                self.cleaned_data[setting.key] = None
        self._check_patterns([setting for setting in self.settings if setting.key in shown])
        return self.cleaned_data

    def _check_patterns(self, settings: Sequence[Setting]) -> None:
        """All patterns in one go: each has a process of its own to be matched in."""
        asked = [
            setting
            for setting in settings
            if setting.pattern and setting.type in TEXTS and self.cleaned_data.get(setting.key) not in EMPTY
        ]
        try:
            found = matches([(setting.pattern, self.cleaned_data[setting.key]) for setting in asked])
        except TooSlow:
            raise ValidationError("The values could not be checked in time. Try again, or shorten them.") from None
        for setting, is_match in zip(asked, found, strict=True):
            if not is_match:
                hint = setting.hint or "Compare it with the place you copied it from."
                self.add_error(setting.key, f"This does not look like a valid {setting.label}. {hint}")

    def values(self) -> dict[str, Any]:
        """What is sent, by key (D10): what was filled in, and for the rest what an untouched field stands for."""
        return values_sent(self.settings, self.cleaned_data)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The fields in order, each with its condition in words and for the script that follows it."""
        return [self._row(setting) for setting in self.settings]

    def _row(self, setting: Setting) -> dict[str, Any]:
        condition = condition_of(setting)
        words = in_words(setting, self.settings)
        return {
            "field": self[setting.key],
            "words": words,
            "other": self.add_prefix(condition.key) if condition and words else "",
            "operator": condition.operator.value if condition else "",
            "value": _script_value(condition.value) if condition else "",
        }


def _script_value(value: Any) -> str:
    """As a control in the browser says it."""
    return as_text(SettingType.STRING, value)
