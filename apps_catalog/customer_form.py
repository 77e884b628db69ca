"""The form that a customer fills in to install an App, made from the App's settings (D8, D9)."""

import json
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import escape

from apps_catalog.models import Setting
from apps_catalog.states import SettingType
from apps_catalog.validators import clean_number

MAX_VALUE = 5_000


class NumberField(forms.CharField):
    """A number as a person types it; whole numbers stay whole."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return clean_number(text) if text else None


class ListField(forms.CharField):
    """One entry per line; the value is a list of texts."""

    widget = forms.Textarea(attrs={"rows": 3})

    def clean(self, value: Any) -> list[str]:
        return [line.strip() for line in super().clean(value).splitlines() if line.strip()]

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list) else value


class JsonTextField(forms.CharField):
    """A JSON value in a text field, for the kinds of setting that have no control of their own."""

    widget = forms.Textarea(attrs={"rows": 3})

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return json.loads(text) if text else None
        except (ValueError, RecursionError):
            raise ValidationError('This is not JSON. Write it as in {"name": "value"}.') from None

    def prepare_value(self, value: Any) -> Any:
        return value if value is None or isinstance(value, str) else json.dumps(value)


def setting_field(setting: Setting, *, required: bool | None = None) -> forms.Field:
    """The field for one setting; `required` overrides the setting's own word."""
    options: dict[str, Any] = {
        "label": setting.label,
        # Help texts are trusted HTML; a hint is not.
        "help_text": escape(setting.hint),
        "required": setting.required if required is None else required,
    }
    if setting.type == SettingType.BOOLEAN:
        return forms.BooleanField(**options | {"required": False})
    if setting.type == SettingType.SELECT and setting.choices:
        return forms.ChoiceField(choices=[("", "Choose one"), *choice_pairs(setting.choices)], **options)
    kind = _FIELDS.get(setting.type, forms.CharField)
    field = kind(max_length=MAX_VALUE, **options)
    if setting.sensitive:
        field.widget = forms.PasswordInput(attrs={"autocomplete": "off"})
        field.widget.is_required = field.required
    return field


_FIELDS: dict[str, type[forms.CharField]] = {
    SettingType.NUMBER: NumberField,
    SettingType.ARRAY: ListField,
    SettingType.MAP: JsonTextField,
    SettingType.TEXT_MAP: JsonTextField,
    SettingType.MIXED: JsonTextField,
}


def choice_pairs(choices: Iterable[Any]) -> list[tuple[str, str]]:
    """(value, label) of options that are plain texts or {"value", "label"} objects."""
    pairs = []
    for choice in choices:
        value = choice.get("value") if isinstance(choice, dict) else choice
        label = choice.get("label", value) if isinstance(choice, dict) else choice
        pairs.append((str(value), str(label)))
    return pairs


def preview(settings: Iterable[Setting]) -> forms.Form:
    """The customer's form, to be looked at and never sent."""
    form = forms.Form(prefix="preview")
    for setting in settings:
        form.fields[setting.key] = setting_field(setting)
        form.initial[setting.key] = setting.default
    return form
