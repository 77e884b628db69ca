"""The forms of the documentation and of the launch (S20, S21, S36)."""

from typing import Any

from django import forms

from apps_catalog import validators
from apps_catalog.console import DraftForm
from apps_catalog.models import LaunchKind, Listing


class DocsForm(DraftForm):
    """Links and texts of the documentation, and the marketing plan."""

    # Nothing is needed to save, nearly all of it to submit; the checklist says what.
    marks_optional = False
    docs_partner_url = forms.CharField(
        label="Your own documentation", required=False, max_length=validators.MAX_URL, widget=forms.URLInput,
        help_text="The page on your site that tells customers how to use your tool with Segment.",
    )  # fmt: skip
    docs_segment_url = forms.CharField(
        label="Segment’s documentation, if it exists", required=False, max_length=validators.MAX_URL,
        widget=forms.URLInput, help_text="The page about your integration, once it is published.",
    )  # fmt: skip
    docs_segment_text = forms.CharField(
        label="Text for Segment’s documentation", required=False, widget=forms.Textarea(attrs={"rows": 14}),
        help_text="Markdown. What your tool does, getting started, which calls are supported, and the settings.",
    )  # fmt: skip
    launch_kind = forms.ChoiceField(
        label="What you publish for the launch", required=False,
        choices=[("", "Nothing planned yet"), *LaunchKind.choices],
        help_text="Optional. It helps customers find you; Segment’s marketing reads it.",
    )  # fmt: skip
    launch_on = forms.DateField(
        label="Planned for", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Enter a day as year, month, day: 2026-12-31."},
        help_text="The day, as long as there is no link.",
    )  # fmt: skip
    launch_url = forms.CharField(
        label="Link to it", required=False, max_length=validators.MAX_URL, widget=forms.URLInput,
        help_text="Once it is published.",
    )  # fmt: skip
    launch_note = forms.CharField(
        label="Note for Segment", required=False, max_length=validators.MAX_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Whom to talk to, what you would like from Segment. Customers do not see it.",
    )  # fmt: skip

    LAUNCH = ("launch_kind", "launch_on", "launch_url", "launch_note")
    COLUMNS = ("docs_partner_url", "docs_segment_url", "docs_segment_text", *LAUNCH)

    def __init__(self, data: Any = None, *, listing: Listing) -> None:
        initial = {"revision": listing.docs_revision, **self.saved_values(listing)}
        super().__init__(data, initial=initial)

    @property
    def launch_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.LAUNCH]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not data.get("launch_kind") and (data.get("launch_on") or data.get("launch_note")):
            self.add_error("launch_kind", "Choose what you publish, or clear the day and the note.")
        return data

    def clean_docs_partner_url(self) -> str:
        return validators.clean_link(self.cleaned_data["docs_partner_url"])

    def clean_docs_segment_url(self) -> str:
        return validators.clean_link(self.cleaned_data["docs_segment_url"])

    def clean_launch_url(self) -> str:
        return validators.clean_link(self.cleaned_data["launch_url"])

    def clean_docs_segment_text(self) -> str:
        return validators.clean_markdown(self.cleaned_data["docs_segment_text"].replace("\r\n", "\n"))

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.COLUMNS}

    def saved_values(self, row: Listing) -> dict[str, Any]:
        return {name: getattr(row, name) for name in self.COLUMNS}
