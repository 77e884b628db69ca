"""The form of the manifest editor: a text, or a file instead of it."""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict

from apps_catalog.manifest_editing import MAX_TEXT, text_digest, tidy
from partners.models import Company

# What a person can press. `open` reads the file into the editor; `apply` acts on a text that was checked before.
CHECK, APPLY, OPEN = "check", "apply", "open"
TOO_LONG = (
    f"The text is longer than {MAX_TEXT:,} characters. Shorten it: leave out pictures that are given as “data”, "
    "and add them under Listing."
)
LARGE_TEXT = forms.Textarea(
    attrs={
        "rows": 28, "cols": 90, "class": "code code-editor__text", "spellcheck": "false", "autocomplete": "off",
        "autocapitalize": "off", "wrap": "off",
    }
)  # fmt: skip


class ManifestForm(forms.Form):
    """`base` names the draft that the text was written against, `checked` the text whose changes were shown."""

    text = forms.CharField(label="Manifest", strip=False, widget=LARGE_TEXT)
    file = forms.FileField(label="Open a file", required=False, allow_empty_file=True,
                           help_text="A JSON file in UTF-8. It takes the place of the text in the editor.")  # fmt: skip
    base = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    checked = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound:
            self._take_file()
        self.fields["file"].widget.attrs["accept"] = ".json,application/json"

    @property
    def act(self) -> str:
        return str(self.data.get("do", CHECK))

    @property
    def shows_the_checked_text(self) -> bool:
        """Whether the person has seen what this very text changes."""
        return self.cleaned_data.get("checked") == text_digest(self.cleaned_data["text"])

    def show(self, **values: str) -> None:
        """Put values into the fields of a form that was sent."""
        sent = cast(QueryDict, self.data).copy()
        for name, value in values.items():
            sent[name] = value
        self.data = sent

    def _take_file(self) -> None:
        """The text of the file becomes the text of the form, so that it comes back like a typed one."""
        self.file_problem = ""
        file = self.files.get("file")
        if file is None or self.act != OPEN:
            return
        text, self.file_problem = read_file(file)
        if not self.file_problem:
            self.show(text=text)

    def clean_text(self) -> str:
        text = tidy(str(self.cleaned_data["text"]))
        if len(text) > MAX_TEXT:
            raise ValidationError(f"{TOO_LONG} These are {len(text):,}.")
        return text

    def clean_file(self) -> None:
        if self.file_problem:
            raise ValidationError(self.file_problem)
        if self.act == OPEN and not self.files.get("file"):
            raise ValidationError("Choose a file first.")


class NewManifestForm(ManifestForm):
    """The same for an App that is to be; with a single company there is nothing to choose."""

    company = forms.ModelChoiceField(
        Company.objects.none(), label="Company", to_field_name="slug", empty_label=None, required=False
    )

    def __init__(self, *args: Any, companies: list[Company], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.companies = companies
        field = cast(forms.ModelChoiceField, self.fields["company"])
        field.queryset = Company.objects.filter(pk__in=[company.pk for company in companies])
        if len(companies) == 1:
            field.widget = forms.HiddenInput()

    def clean_company(self) -> Company:
        return self.cleaned_data.get("company") or self.companies[0]


def read_file(file: UploadedFile) -> tuple[str, str]:
    """The text of an uploaded file, and what is wrong with it ("" for nothing)."""
    if (file.size or 0) > 4 * MAX_TEXT:
        return "", TOO_LONG
    try:
        return tidy(file.read().decode("utf-8-sig")), ""
    except UnicodeDecodeError as error:
        return "", f"The file is not a text in UTF-8 (byte {error.start:,}). Save it again in that encoding."
