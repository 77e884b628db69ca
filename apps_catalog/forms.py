"""Forms about an App as a whole: making, naming, choosing, deleting."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from apps_catalog.console import DraftForm
from apps_catalog.drafting import kind_for
from apps_catalog.models import App
from apps_catalog.states import AVAILABLE_KINDS, Collects, Processes
from partners.models import Company
from runtime.names import MAX_NAME_LENGTH

NAME_HINT = "As your customers know it. The web address is made from it and fixed with the first submission."


class NewAppForm(forms.Form):
    """`companies` are those in which the person may create Apps; with a single one there is nothing to choose."""

    name = forms.CharField(label="Name of the App", max_length=MAX_NAME_LENGTH, help_text=NAME_HINT)
    company = forms.ModelChoiceField(Company.objects.none(), label="Company", to_field_name="slug", empty_label=None)

    def __init__(self, *args: Any, companies: list[Company], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.companies = companies
        field = self.fields["company"]
        field.queryset = Company.objects.filter(pk__in=[company.pk for company in companies])  # type: ignore[attr-defined]
        self.fields["name"].widget.attrs |= {"autocomplete": "off", "autofocus": True}
        if len(companies) == 1:
            field.required = False
            field.widget = forms.HiddenInput()

    def clean_company(self) -> Company:
        chosen = self.cleaned_data.get("company")
        return chosen or self.companies[0]


class RenameForm(DraftForm):
    name = forms.CharField(label="Name of the App", max_length=MAX_NAME_LENGTH, help_text=NAME_HINT)

    def saved_values(self, row: App) -> dict[str, Any]:
        return {"name": row.name}


class KindsForm(DraftForm):
    """How data is collected, and how it is processed (S11)."""

    collects = forms.ChoiceField(label="How do you collect data?", choices=Collects.choices, widget=forms.RadioSelect)
    processes = forms.ChoiceField(label="How do you process it?", choices=Processes.choices, widget=forms.RadioSelect)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        kind = kind_for(data.get("collects", ""), data.get("processes", ""))
        if not self.errors and kind not in AVAILABLE_KINDS:
            raise ValidationError(f"“{kind.label}” is not offered yet. Choose the other way for now.")
        return data

    def saved_values(self, row: App) -> dict[str, Any]:
        return {"collects": row.collects, "processes": row.processes}


class DeleteForm(forms.Form):
    """Typing the slug keeps a slip from deleting an App."""

    act = "delete"
    slug = forms.CharField(label="Type the address of the App to confirm", max_length=200)

    def __init__(self, *args: Any, app: App, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.app = app
        self.fields["slug"].help_text = f"It is {app.slug}."
        self.fields["slug"].widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}

    def clean_slug(self) -> str:
        slug = self.cleaned_data["slug"].strip()
        if slug != self.app.slug:
            raise ValidationError(f"That is not it. Type {self.app.slug} to {self.act} the App.")
        return slug


class DeprecateForm(DeleteForm):
    """The same question before a live App ends."""

    act = "deprecate"
