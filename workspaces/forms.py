"""Forms of workspaces, sources and people. The settings of a destination are in `settings_form`."""

from datetime import timedelta
from typing import Any

from django import forms

from partners.validators import read_address
from workspaces.naming import MAX_NAME, read_name
from workspaces.states import Library, Region, WorkspaceRole

OVERLAPS = (("0", "Stop at once"), ("24", "One more day"), ("168", "Seven more days"), ("720", "30 more days"))


class NameField(forms.CharField):
    """One line. What is pasted arrives whole; the server says what is too long."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(attrs={"autocomplete": "off", "data-counter": MAX_NAME})
        super().__init__(widget=widget, **options)

    def clean(self, value: Any) -> str:
        return read_name(super().clean(value))


class WorkspaceForm(forms.Form):
    name = NameField(label="Name", help_text="For example the name of your company or project.")
    region = forms.ChoiceField(
        label="Region", choices=Region, initial=Region.US,
        widget=forms.RadioSelect,
        help_text="Where its events are taken and kept. This cannot be changed later.",
    )  # fmt: skip


class RenameForm(forms.Form):
    name = NameField(label="Name")


class SourceForm(forms.Form):
    name = NameField(label="Name", help_text="What sends the events: “Website”, “Shop server” …")
    library = forms.ChoiceField(
        label="Where the events come from", choices=Library, initial=Library.JAVASCRIPT,
        help_text="Chooses the sample code that you get. Every source takes events from every library.",
    )  # fmt: skip


class RotateForm(forms.Form):
    """`key` is the newest key of the page that was open, so that a second click makes no second key."""

    key = forms.IntegerField(required=False, widget=forms.HiddenInput)
    overlap = forms.ChoiceField(label="What works so far", choices=OVERLAPS, initial="168")

    @property
    def time(self) -> timedelta:
        return timedelta(hours=int(self.cleaned_data["overlap"]))


class InviteForm(forms.Form):
    email = forms.CharField(
        label="Email address", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    role = forms.ChoiceField(label="Role", choices=WorkspaceRole, initial=WorkspaceRole.MEMBER)

    def clean_email(self) -> str:
        return read_address(self.cleaned_data["email"])


class RoleForm(forms.Form):
    role = forms.ChoiceField(label="Role", choices=WorkspaceRole)
