"""The form for one setting in the settings builder (D8, D9)."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from apps_catalog import validators
from apps_catalog.console import DraftForm
from apps_catalog.models import App, Setting
from apps_catalog.setting_keys import API_KEY
from apps_catalog.states import ComponentKind, SettingType

# The types that the console offers; an imported setting keeps whatever type it has.
OFFERED = (SettingType.STRING, SettingType.BOOLEAN, SettingType.SELECT, SettingType.NUMBER, SettingType.PASSWORD)


class SettingForm(DraftForm):
    """`setting` is None for a new one. The API key keeps its type and stays required and secret."""

    label = forms.CharField(
        label="Label",
        max_length=validators.MAX_LABEL,
        help_text="What your customers see. The key is made from it, once.",
    )
    hint = forms.CharField(
        label="Hint", required=False, max_length=validators.MAX_HINT, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Where customers find the value, in one sentence.",
    )  # fmt: skip
    type = forms.ChoiceField(label="Type", initial=SettingType.STRING)
    choices = forms.CharField(
        label="Options", required=False, max_length=10_000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="For the type Choice: one option per line.",
    )  # fmt: skip
    default = forms.CharField(
        label="Default",
        required=False,
        max_length=1_000,
        help_text="What the field holds until the customer changes it.",
    )
    required = forms.BooleanField(label="Customers must fill it in", required=False)
    sensitive = forms.BooleanField(
        label="Secret: hidden after saving", required=False, help_text="A setting of the type Secret always is."
    )
    components = forms.MultipleChoiceField(
        label="Show it for", required=False, choices=ComponentKind.choices, widget=forms.CheckboxSelectMultiple,
        help_text="The components that use it. None chosen means all of them.",
    )  # fmt: skip

    def __init__(self, data: Any = None, *, app: App, setting: Setting | None = None) -> None:
        initial = {"revision": app.revision, **(self.saved_values(setting) if setting else {})}
        super().__init__(data, initial=initial)
        self.setting = setting
        kept = [SettingType(setting.type)] if setting and setting.type not in OFFERED else []
        self.fields["type"].choices = [(each.value, each.label) for each in (*OFFERED, *kept)]  # type: ignore[attr-defined]
        if setting and setting.key == API_KEY:
            for name in ("type", "choices", "default", "required", "sensitive", "components"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        kind = data.get("type", SettingType.STRING)
        if "choices" in self.fields:
            self._clean_part("choices", lambda: self._choices(kind))
        if "default" in self.fields:
            self._clean_part("default", lambda: self._default(kind))
        return data

    def _clean_part(self, name: str, read: Any) -> None:
        if name in self.errors:
            return
        try:
            self.cleaned_data[name] = read()
        except ValidationError as problem:
            self.add_error(name, problem)

    def _choices(self, kind: str) -> list[Any]:
        if kind != SettingType.SELECT:
            return []
        lines = [line.strip() for line in self.cleaned_data.get("choices", "").splitlines() if line.strip()]
        return self._with_values(validators.clean_choices(lines))

    def _with_values(self, lines: list[str]) -> list[Any]:
        """Options that came with a value of their own keep it; the console edits labels only."""
        own = {}
        for choice in self.setting.choices if self.setting else []:
            if isinstance(choice, dict):
                own[str(choice.get("label", choice.get("value")))] = choice
        return [own.get(line, line) for line in lines]

    def _default(self, kind: str) -> Any:
        typed = self.cleaned_data.get("default", "")
        return validators.clean_default(typed, kind, self.cleaned_data.get("choices") or []) if typed else None

    def values(self) -> dict[str, Any]:
        """The columns of the setting, as the verbs want them."""
        return {name: value for name, value in self.cleaned_data.items() if name != "revision"}

    def saved_values(self, row: Any) -> dict[str, Any]:
        setting = row if isinstance(row, Setting) else self.setting
        if setting is None:
            return {}
        values = {
            name: getattr(setting, name) for name in ("label", "hint", "type", "required", "sensitive", "components")
        }
        lines = [
            str(choice.get("label", choice.get("value")) if isinstance(choice, dict) else choice)
            for choice in setting.choices
        ]
        default = (
            {True: "true", False: "false"}.get(setting.default, setting.default)
            if isinstance(setting.default, bool)
            else setting.default
        )
        return {**values, "choices": "\n".join(lines), "default": default}
