"""The settings of a destination: the customer's form, with what was saved before. Secrets never come out again (D9)."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from apps_catalog.console import Difference
from apps_catalog.customer_form import CustomerForm
from apps_catalog.models import Setting
from apps_catalog.setting_sending import sent_with
from apps_catalog.setting_values import EMPTY, as_text
from workspaces.installing import Installable
from workspaces.models import Destination

PREFIX = "settings"
# Keys of settings begin with a letter, so that no setting is ever called like these.
REVISION = "_revision"
CLEAR = "_clear_"
KEPT = "Saved and not shown again. Leave this empty to keep it; type to replace it."


class SettingsForm(CustomerForm):
    """One field for each setting. `saved` are the values of a destination that exists, None for a new one.

    An empty secret keeps its saved value; one that is not required has a box to take it away. A hidden field carries
    the `revision` that the form was filled in from.
    """

    def __init__(
        self, data: Any = None, *, installed: Installable, saved: Mapping[str, Any] | None = None, revision: int = 0
    ) -> None:
        super().__init__(data, settings=installed.settings, prefix=PREFIX)
        self.saved = dict(saved or {})
        self.secrets = installed.secret_keys
        # A browser must not ask for a secret that is saved.
        self.use_required_attribute = saved is None
        self.fields[REVISION] = forms.IntegerField(min_value=0, widget=forms.HiddenInput, required=saved is not None)
        self.initial[REVISION] = revision
        for key in self.secrets:
            if type(self.fields[key].widget) is forms.TextInput:  # an imported one that nobody marked as a secret
                self.fields[key].widget = forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"})
        for setting in installed.settings if saved is not None else []:
            self._show_saved(setting)

    def _show_saved(self, setting: Setting) -> None:
        field = self.fields[setting.key]
        if setting.key not in self.secrets:
            self.initial[setting.key] = self.saved.get(setting.key)
            return
        self.initial[setting.key] = None
        if self.saved.get(setting.key) in EMPTY:
            return
        field.help_text = f"{KEPT} {field.help_text}".strip()
        if not setting.required:
            self.fields[f"{CLEAR}{setting.key}"] = forms.BooleanField(
                label=f"Remove the saved {setting.label}", required=False
            )

    def clean(self) -> dict[str, Any]:
        for key in self.secrets & self.saved.keys():
            if self.saved[key] not in EMPTY:
                self._keep(key, is_cleared=self.cleaned_data.pop(f"{CLEAR}{key}", False))
        super().clean()
        self._check_sending()
        return self.cleaned_data

    def _keep(self, key: str, *, is_cleared: bool) -> None:
        """Nothing typed means the saved value. The field stays marked as required, because the setting is."""
        if self.has_error(key, "required"):
            del self.errors[key]
        if not is_cleared and key not in self.errors and self.cleaned_data.get(key) in EMPTY:
            self.cleaned_data[key] = self.saved[key]

    def _check_sending(self) -> None:
        if self.errors:
            return
        try:
            sent_with(self.settings, self.values())
        except ValidationError as problem:
            self.add_error(None, problem)

    @property
    def rows(self) -> list[dict[str, Any]]:
        rows = super().rows
        for row, setting in zip(rows, self.settings, strict=True):
            name = f"{CLEAR}{setting.key}"
            row["clear"] = self[name] if name in self.fields else None
        return rows

    def differences(self, row: Destination) -> list[Difference]:
        """Where the saved values differ from what was typed. Of a secret only that it does."""
        theirs, mine = row.open_values(), self.values()
        return [
            self._both(setting, theirs.get(setting.key), mine.get(setting.key))
            for setting in self.settings
            if theirs.get(setting.key) != mine.get(setting.key)
        ]

    def _both(self, setting: Setting, theirs: Any, mine: Any) -> Difference:
        if setting.key in self.secrets:
            return Difference(setting.label, "another secret" if theirs else "–", "your secret" if mine else "–")
        return Difference(setting.label, as_text(setting.type, theirs) or "–", as_text(setting.type, mine) or "–")

    @property
    def number(self) -> forms.BoundField:
        """The hidden field."""
        return self[REVISION]

    @property
    def revision(self) -> int:
        return self.cleaned_data.get(REVISION) or 0

    def decide_about(self, revision: int) -> None:
        """Sent once more, the form replaces what was saved under this number."""
        sent = cast(QueryDict, self.data).copy()
        sent[self.add_prefix(REVISION)] = str(revision)
        self.data = sent
