"""The form of the reviewers' test account (S25)."""

from typing import Any

from django import forms

from apps_catalog import validators
from apps_catalog.console import DraftForm
from apps_catalog.models import ReviewerAccess


class AccessForm(DraftForm):
    """The test account. Secrets are write-only: an empty field keeps what is stored."""

    # Nothing is needed to save, nearly all of it to submit; the checklist says what.
    marks_optional = False

    login_url = forms.CharField(
        label="Where to log in", required=False, max_length=validators.MAX_URL, widget=forms.URLInput,
        help_text="The log-in page of your service.",
    )  # fmt: skip
    username = forms.CharField(label="User name", required=False, max_length=200)
    password = forms.CharField(
        label="Password", required=False, max_length=500, strip=False, widget=forms.PasswordInput
    )
    api_key = forms.CharField(
        label="API key", required=False, max_length=2_000, widget=forms.PasswordInput,
        help_text="The key with which reviewers run the Test Suite.",
    )  # fmt: skip
    notes = forms.CharField(
        label="Notes for reviewers", required=False, max_length=5_000, widget=forms.Textarea(attrs={"rows": 6}),
        help_text="How to log in and where the data shows up. No passwords here: this text is not encrypted.",
    )  # fmt: skip

    def __init__(self, data: Any = None, *, access: ReviewerAccess) -> None:
        initial = {"revision": access.revision, **self.saved_values(access)}
        super().__init__(data, initial=initial)
        self.access = access
        for name in ReviewerAccess.SEALED:
            self.fields[name].widget.attrs |= {"autocomplete": "off", "data-autosave-skip": ""}
            if getattr(access, f"{name}_sealed"):
                self.fields[name].widget.attrs["placeholder"] = "Stored. Leave empty to keep it."
                label = f"Remove the stored {self.fields[name].label}"
                self.fields[f"remove_{name}"] = forms.BooleanField(label=label, required=False)

    def clean_login_url(self) -> str:
        return validators.clean_link(self.cleaned_data["login_url"])

    def values(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in ("login_url", "notes")}

    def secrets(self) -> dict[str, str]:
        """The secrets to change, by name; "" removes one."""
        found = {}
        for name in ReviewerAccess.SEALED:
            if self.cleaned_data[name]:
                found[name] = self.cleaned_data[name]
            elif self.cleaned_data.get(f"remove_{name}"):
                found[name] = ""
        return found

    def saved_values(self, row: ReviewerAccess) -> dict[str, Any]:
        return {"login_url": row.login_url, "notes": row.notes}
