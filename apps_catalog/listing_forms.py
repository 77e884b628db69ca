"""The form of the catalog entry (S22, S23)."""

from collections.abc import Callable
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from apps_catalog import picture_guard, picture_reports, svg, validators
from apps_catalog.assets import SVG_TYPE, store_svg
from apps_catalog.console import DraftForm
from apps_catalog.models import Asset, Category, Listing
from partners.models import Policy


class PictureField(forms.FileField):
    """An SVG upload that becomes a cleaned picture, or an error that says what to do."""

    def __init__(self, *, guard: Callable[[bytes], svg.CleanSvg], **kwargs: Any) -> None:
        super().__init__(required=False, allow_empty_file=True, **kwargs)
        self.guard = guard
        self.widget.attrs["accept"] = ".svg,image/svg+xml"

    def clean(self, data: Any, initial: Any = None) -> svg.CleanSvg | None:
        upload: UploadedFile | None = super().clean(data, initial)
        if not upload:
            return None
        try:
            # One byte more than allowed is enough to know; a 10 MB file is never read whole.
            return self.guard(upload.read(svg.MAX_BYTES + 1))
        except svg.BadSvg as problem:
            raise ValidationError(str(problem)) from None


class ListingForm(DraftForm):
    """The catalog entry. `logo` and `mark` are CleanSvg or None; a picture that is not sent stays as it is."""

    # Nothing is needed to save, nearly all of it to submit; the checklist says what.
    marks_optional = False

    description = forms.CharField(
        label="Description", required=False, widget=forms.Textarea(attrs={"rows": 8}),
        help_text="What customers can do with your tool and Segment. Markdown: **bold**, lists, links. No HTML.",
    )  # fmt: skip
    website = forms.CharField(
        label="Website", required=False, max_length=validators.MAX_URL, widget=forms.URLInput,
        help_text="The page about your tool, with https://.",
    )  # fmt: skip
    primary_category = forms.ModelChoiceField(
        Category.objects.filter(is_active=True), label="Primary category", required=False, to_field_name="slug",
        empty_label="Choose one", help_text="Where customers look for your tool first.",
    )  # fmt: skip
    support_email = forms.CharField(
        label="Support email", required=False, max_length=254, widget=forms.EmailInput,
        help_text="Segment’s support forwards inquiries to it. It is never shown to users.",
    )  # fmt: skip
    logo = PictureField(
        guard=picture_guard.clean_logo,
        label="Logo",
        help_text="SVG with the name of your tool beside its symbol, in one line. At most 100 kB.",
    )
    mark = PictureField(
        guard=picture_guard.clean_mark,
        label="Mark",
        help_text="SVG, square, the symbol without the name. At most 100 kB.",
    )
    # What a valid upload became when another field was at fault: so that nobody chooses the file twice.
    kept_logo = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    kept_mark = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, files: Any = None, *, listing: Listing, policy: Policy) -> None:
        self.listing, self.policy = listing, policy
        # What was left out of a kept upload: it is not sent again, so it is said when the form is shown again.
        self.kept_reports: list[str] = []
        initial = {"revision": listing.revision, **self.saved_values(listing)}
        super().__init__(data, files, initial=initial)
        for name in picture_reports.NAMES:
            self.fields[name].widget.attrs["data-before"] = f"before-{name}"
        options = [("", "None"), *Category.objects.filter(is_active=True).values_list("slug", "name")]
        for number, name in enumerate(self.secondary_names, 1):
            label = f"Secondary category {number}" if len(self.secondary_names) > 1 else "Secondary category"
            self.fields[name] = forms.ChoiceField(label=label, required=False, choices=options)
            self.initial[name] = _nth(listing.secondary_categories, number - 1)

    @property
    def secondary_names(self) -> list[str]:
        return [f"secondary_{number}" for number in range(1, self.policy.secondary_categories + 1)]

    @property
    def secondary_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.secondary_names]

    def clean_description(self) -> str:
        return validators.clean_description(_lines(self.cleaned_data["description"]), self.policy)

    def clean_website(self) -> str:
        return validators.clean_link(self.cleaned_data["website"])

    def clean_support_email(self) -> str:
        return validators.clean_email(self.cleaned_data["support_email"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        chosen = [data[name] for name in self.secondary_names if data.get(name)]
        primary = data.get("primary_category")
        if primary and primary.slug in chosen:
            self.add_error("secondary_1", "This is the primary category already. Choose another or none.")
        elif len(set(chosen)) < len(chosen):
            self.add_error("secondary_1", "Choose each category once.")
        data["secondary_categories"] = chosen
        return data

    def values(self) -> dict[str, Any]:
        """The columns of the listing, pictures stored."""
        data = self.cleaned_data
        plain = {name: data[name] for name in ("description", "website", "support_email", "secondary_categories")}
        primary = data["primary_category"]
        reports = {**self.listing.picture_reports, **self.picture_reports()}
        columns = {"primary_category_id": primary.pk if primary else None, "picture_reports": reports}
        return {**plain, **columns, **self._pictures()}

    def _pictures(self) -> dict[str, str]:
        found = {}
        for name in picture_reports.NAMES:
            kept = self.cleaned_data.get(f"kept_{name}", "")
            if self.cleaned_data.get(name):
                found[f"{name}_id"] = store_svg(self.cleaned_data[name].text).pk
            elif kept and Asset.objects.filter(pk=kept, content_type=SVG_TYPE).exists():
                found[f"{name}_id"] = kept
        return found

    def picture_reports(self) -> dict[str, dict[str, Any]]:
        """What cleaning did to the uploads of this form, by name."""
        given = {name: self.cleaned_data.get(name) for name in picture_reports.NAMES}
        stored = self._pictures()
        return {
            name: picture_reports.report_of(picture, stored[f"{name}_id"], self._size(name))
            for name, picture in given.items()
            if picture
        }

    def _size(self, name: str) -> int:
        """The bytes of an upload."""
        return cast(UploadedFile, self.files[name]).size or 0

    def prepare_again(self) -> None:
        """Store the valid uploads of a form that is shown again, and remember them in hidden fields."""
        self.kept_reports = self.reports()
        for column, sha256 in self._pictures().items():
            self.replace_sent(f"kept_{column.removesuffix('_id')}", sha256)

    def reports(self) -> list[str]:
        """What was left out of the uploads, and what would make them better."""
        return [line for name, report in self.picture_reports().items() for line in picture_reports.lines(name, report)]

    def saved_values(self, row: Listing) -> dict[str, Any]:
        primary = row.primary_category.slug if row.primary_category else ""
        plain = {name: getattr(row, name) for name in ("description", "website", "support_email")}
        return {**plain, "primary_category": primary}


def _lines(text: str) -> str:
    """A text as it was typed: browsers send other line ends than they show."""
    return text.replace("\r\n", "\n")


def _nth(items: list[str], index: int) -> str:
    return items[index] if index < len(items) else ""
