"""The editor's form: the code of a function or a web plugin, and what is done with it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from apps_catalog.code_differences import Row, rows
from apps_catalog.code_limits import MAX_CODE, TOO_LARGE, check_code, read_code_file
from apps_catalog.console import DraftForm
from apps_catalog.models import Component
from apps_catalog.models.code import MAX_NOTE
from apps_catalog.states import ComponentKind, PluginShape
from apps_catalog.validators import clean_library_name

# What a person can press.
SAVE, DEPLOY, OPEN = "save", "deploy", "open"
EDITOR = forms.Textarea(
    attrs={
        "rows": 30, "cols": 90, "class": "code code-editor__text", "spellcheck": "false", "autocomplete": "off",
        "autocapitalize": "off", "wrap": "off",
    }
)  # fmt: skip


class CodeForm(DraftForm):
    """Code is kept whatever is in it: only its size and its encoding are judged here."""

    marks_optional = False
    # An autosave keeps what is half done, and sets it to False.
    is_version = True
    code = forms.CharField(label="Code", required=False, strip=False, widget=EDITOR)
    note = forms.CharField(
        label="What changed", required=False, max_length=MAX_NOTE,
        help_text="Optional. It stands beside the version in the list.",
    )  # fmt: skip
    file = forms.FileField(
        label="Open a .js file", required=False, allow_empty_file=True,
        help_text=f"In UTF-8, up to {MAX_CODE:,} characters. It takes the place of the code in the editor.",
    )  # fmt: skip

    def __init__(self, data: Any = None, files: Any = None, *, component: Component) -> None:
        initial = {"revision": component.revision, **self.saved_values(component)}
        super().__init__(data, files, initial=initial)
        self.component = component
        self.conflict_rows: list[Row] = []
        # What Django would strip or refuse by itself is told in our words, with the text still there.
        self.fields["code"].validators = []
        self.fields["file"].widget.attrs |= {"accept": ".js,.mjs,text/javascript", "data-autosave-skip": True}

    @property
    def act(self) -> str:
        return str(self.data.get("do", SAVE))

    def clean_code(self) -> str:
        return check_code(self.cleaned_data["code"])

    def clean_file(self) -> str:
        """The text of the file that is to be opened."""
        file: UploadedFile | None = self.files.get("file")
        if self.act != OPEN:
            return ""
        if not file:
            raise ValidationError("Choose a file first.")
        if (file.size or 0) > 4 * MAX_CODE:
            raise ValidationError(TOO_LARGE.format(length=file.size, limit=MAX_CODE))
        return read_code_file(file.read())

    @property
    def file_name(self) -> str:
        return str(self.files["file"].name)[:80]  # type: ignore[union-attr]

    def values(self) -> dict[str, str]:
        """The columns of the draft."""
        return {name: self.cleaned_data[name] for name in self.saved_values(self.component)}

    def opened_values(self) -> dict[str, str]:
        return {**self.values(), "code": self.cleaned_data["file"]}

    def saved_values(self, row: Component) -> dict[str, Any]:
        return {"code": row.code}

    def differences(self, row: Any) -> list[Any]:
        """The code is compared line by line in `conflict_rows`; what is left are the small fields."""
        self.conflict_rows = rows(row.code, self.cleaned_data["code"])
        return [each for each in super().differences(row) if each.name != "code"]

    def _difference(self, name: str, theirs: Any, mine: Any) -> Any:
        # A whole file is not put into a cell and an attribute.
        return super()._difference(name, *(("", "") if name == "code" else (theirs, mine)))


class FunctionForm(CodeForm):
    """The code of a subscription function."""


class PluginForm(CodeForm):
    """The code of a web plugin, and how it hands itself over (D23, D24)."""

    shape = forms.ChoiceField(
        label="Shape", choices=PluginShape.choices, widget=forms.RadioSelect,
        help_text="The first calls analytics.register with an object. The second leaves a function under a name.",
    )  # fmt: skip
    library_name = forms.CharField(
        label="Library name",
        required=False,
        max_length=100,
        help_text="Only for a destination script: the global name under which analytics.js finds it.",
    )
    field_order = ("revision", "shape", "library_name", "code", "note", "file")

    def clean_library_name(self) -> str:
        return clean_library_name(self.cleaned_data["library_name"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        wants_name = data.get("shape") == PluginShape.DESTINATION and self.act in (SAVE, DEPLOY)
        if wants_name and self.is_version and not data.get("library_name") and "library_name" not in self.errors:
            self.add_error("library_name", "Give the global name of the script, or choose the plugin object.")
        return data

    def saved_values(self, row: Component) -> dict[str, Any]:
        return {"code": row.code, "shape": row.shape or PluginShape.OBJECT.value, "library_name": row.library_name}


def form_for(kind: str) -> type[CodeForm]:
    return PluginForm if kind == ComponentKind.WEB_PLUGIN else FunctionForm
