"""The form that names the pull request of an App."""

from typing import Any

from django import forms

from apps_catalog.console import DraftForm
from apps_catalog.models import Component
from pulls.lifecycle import EXAMPLE, NO_ADDRESS
from pulls.standing import parse

MAX_ADDRESS = 500


class LinkForm(DraftForm):
    """One address. Whether it may be linked is the verb's to say."""

    address = forms.CharField(
        label="Address of the pull request",
        max_length=MAX_ADDRESS,
        help_text="As it stands in the browser’s address bar.",
        widget=forms.URLInput(
            attrs={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false", "placeholder": EXAMPLE}
        ),
        error_messages={"required": "Paste the address of the pull request."},
    )

    def __init__(self, data: Any = None, *, component: Component, is_linked: bool) -> None:
        shown = "" if is_linked else component.pull_request
        super().__init__(data, initial={"revision": component.revision, "address": shown})

    def clean_address(self) -> str:
        address: str = self.cleaned_data["address"]
        if parse(address) is None:
            raise forms.ValidationError(NO_ADDRESS)
        return address

    def saved_values(self, row: Component) -> dict[str, Any]:
        return {"address": row.pull_request}
