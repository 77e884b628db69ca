"""The form for a filled-in template: its text, and the two pictures it names."""

from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile

from apps_catalog import svg
from apps_catalog.picture_reports import NAMES
from metadata.lifecycle import EMPTY
from metadata.pictures import File

_PICTURE = {"accept": ".svg,image/svg+xml"}


class TemplateForm(forms.Form):
    """Nothing of it is a reason to refuse it but an empty text: whatever cannot be read is remarked."""

    marks_optional = False

    text = forms.CharField(
        label="The filled-in template", strip=False, error_messages={"required": EMPTY},
        help_text="The whole text, as it stands in your mail or your document.",
        widget=forms.Textarea(attrs={"rows": 16, "class": "code", "spellcheck": "true", "wrap": "soft"}),
    )  # fmt: skip
    logo = forms.FileField(
        label="Logo", required=False, allow_empty_file=True, widget=forms.FileInput(attrs=_PICTURE),
        help_text="SVG. Leave it empty to keep the one you have.",
    )  # fmt: skip
    mark = forms.FileField(
        label="Mark", required=False, allow_empty_file=True, widget=forms.FileInput(attrs=_PICTURE),
        help_text="SVG, square.",
    )  # fmt: skip
    # The open template that this one is a corrected version of.
    replaces = forms.IntegerField(required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Nothing invisible is a reason to refuse a text that was copied from somewhere.
        self.fields["text"].validators = []

    def pictures(self) -> dict[str, File]:
        """The files by field, each read to one byte more than a picture may have."""
        given = {name: cast(UploadedFile | None, self.cleaned_data.get(name)) for name in NAMES}
        return {
            name: File(upload.name or f"{name}.svg", upload.read(svg.MAX_BYTES + 1))
            for name, upload in given.items()
            if upload
        }
