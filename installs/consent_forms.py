"""Forms of the consent page: a new source, or a new workspace, without leaving the request."""

from collections.abc import Iterable
from typing import Any

from django import forms

from workspaces.forms import NameField
from workspaces.models import Workspace
from workspaces.states import Region

FIRST_SOURCE = "Website"


class NewSourceForm(forms.Form):
    """Asks for the workspace only where there are several. Its fields are named apart from those of the page."""

    prefix = "new"
    workspace = forms.ChoiceField(label="Workspace")
    source = NameField(label="Name of the source", help_text="What sends the events: “Website”, “Shop server” …")

    def __init__(self, *args: Any, workspaces: Iterable[Workspace], **options: Any) -> None:
        super().__init__(*args, **options)
        self.workspaces = {each.slug: each for each in workspaces}
        if len(self.workspaces) == 1:
            del self.fields["workspace"]
        else:
            self.fields["workspace"].choices = [(slug, each.name) for slug, each in self.workspaces.items()]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> Workspace:
        """The workspace it is for; only of a valid form."""
        return self.workspaces[self.cleaned_data.get("workspace") or next(iter(self.workspaces))]


class NewWorkspaceForm(forms.Form):
    """`wants_source`: a first source is made with it."""

    prefix = "place"
    name = NameField(label="Name of the workspace", help_text="For example the name of your company or project.")
    region = forms.ChoiceField(
        label="Region", choices=Region, initial=Region.US, widget=forms.RadioSelect,
        help_text="Where its events are taken and kept. This cannot be changed later.",
    )  # fmt: skip
    source = NameField(label="Name of its first source", initial=FIRST_SOURCE)

    def __init__(self, *args: Any, wants_source: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if not wants_source:
            del self.fields["source"]
