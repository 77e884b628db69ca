"""The form of the subscription webhook: its endpoint, and a test value for each setting (D14)."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import escape

from apps_catalog.console import DraftForm
from apps_catalog.customer_form import setting_field
from apps_catalog.models import Component, Setting
from apps_catalog.validators import MAX_ENDPOINT, clean_url
from vault.sealing import CannotOpen

KEPT = "A value is stored. Leave this empty to keep it."


class WebhookForm(DraftForm):
    """One field `value_<key>` per setting beside the endpoint. Stored secrets are never shown again."""

    endpoint = forms.CharField(
        label="Endpoint",
        max_length=2_000,
        help_text="The full address of your web service, with https://. Each event is sent there as a POST.",
        widget=forms.URLInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, data: Any = None, *, component: Component, settings: Sequence[Setting]) -> None:
        self.stored = stored_values(component)
        initial = {"revision": component.revision, "endpoint": component.endpoint}
        super().__init__(data, initial=initial)
        self.settings = settings
        for setting in settings:
            self._add_value(setting)

    def _add_value(self, setting: Setting) -> None:
        name = f"value_{setting.key}"
        self.fields[name] = setting_field(setting, required=False)
        value = self.stored.get(setting.key)
        if not setting.sensitive:
            self.initial[name] = setting.default if value is None else value
        elif value:
            self.fields[name].help_text = f"{escape(setting.hint)} {KEPT}".strip()
            self.fields[f"forget_{setting.key}"] = forms.BooleanField(
                label=f"Forget the stored {setting.label}", required=False
            )

    def clean_endpoint(self) -> str:
        url = clean_url(self.cleaned_data["endpoint"], limit=MAX_ENDPOINT)
        if not url:
            raise ValidationError("Enter the address to which events are sent.")
        return url

    def test_values(self) -> dict[str, Any]:
        """The values to store, by key: what was typed, and stored secrets that were left alone."""
        found: dict[str, Any] = {}
        for setting in self.settings:
            value = self.cleaned_data.get(f"value_{setting.key}")
            if setting.sensitive and value in (None, "") and not self.cleaned_data.get(f"forget_{setting.key}"):
                value = self.stored.get(setting.key)
            if value not in (None, "", []):
                found[setting.key] = value
        return found

    @property
    def value_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith(("value_", "forget_"))]

    def saved_values(self, row: Component) -> dict[str, Any]:
        return {"endpoint": row.endpoint}


def stored_values(component: Component) -> dict[str, Any]:
    """The stored test values; values that cannot be opened any more count as forgotten."""
    try:
        return component.open_test_settings()
    except CannotOpen:
        return {}
