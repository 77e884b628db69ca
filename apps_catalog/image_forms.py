"""The forms for the pictures of a listing (S23)."""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict

from apps_catalog import picture_guard
from apps_catalog.addresses import IMAGE_TYPE
from apps_catalog.assets import store_image
from apps_catalog.console import DraftForm
from apps_catalog.image_limits import MAX_ALT, MAX_CAPTION, MAX_IMAGE_BYTES, BadImage, CleanImage
from apps_catalog.images import Shown
from apps_catalog.models import Asset

ALT_HELP = "What one sees in it, for people who cannot: “Funnel from visit to purchase, by week”."


class ImageField(forms.FileField):
    """A PNG, JPEG or WebP that becomes a clean picture, or an error that says what to do."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_empty_file=True, **kwargs)
        self.widget.attrs["accept"] = ".png,.jpg,.jpeg,.webp,image/png,image/jpeg,image/webp"

    def clean(self, data: Any, initial: Any = None) -> CleanImage | None:
        upload: UploadedFile | None = super().clean(data, initial)
        if not upload:
            return None
        try:
            return picture_guard.clean_image(upload.read(MAX_IMAGE_BYTES + 1))
        except BadImage as problem:
            raise ValidationError(str(problem)) from None


class DescribeForm(DraftForm):
    """The words of one picture."""

    marks_optional = False

    alt = forms.CharField(
        label="Description for screen readers", max_length=MAX_ALT, help_text=ALT_HELP,
        error_messages={"required": "Say in words what the picture shows."},
    )  # fmt: skip
    caption = forms.CharField(
        label="Caption", required=False, max_length=MAX_CAPTION, help_text="Optional. Stands below the picture."
    )

    def __init__(self, data: Any = None, *, image: Shown, revision: int) -> None:
        self.image = image
        super().__init__(data, initial={"alt": image.alt, "caption": image.caption, "revision": revision})

    def values(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in ("alt", "caption")}


class AddImageForm(forms.Form):
    """A new picture. One that was fine while its words were not is kept: nobody chooses it twice."""

    marks_optional = False

    file = ImageField(
        label="Picture", required=False, help_text="PNG, JPEG or WebP, at most 5 MB and 9 million pixels."
    )
    alt = forms.CharField(
        label="Description for screen readers", max_length=MAX_ALT, help_text=ALT_HELP,
        error_messages={"required": "Say in words what the picture shows."},
    )  # fmt: skip
    caption = forms.CharField(
        label="Caption", required=False, max_length=MAX_CAPTION, help_text="Optional. Stands below the picture."
    )
    kept = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "file" in data and not data["file"] and self._kept() is None:
            self.add_error("file", "Choose a picture.")
        return data

    def asset(self) -> Asset | None:
        """The picture in storage; None while there is none."""
        picture: CleanImage | None = self.cleaned_data.get("file")
        return store_image(picture) if picture else self._kept()

    def removed(self) -> tuple[str, ...]:
        """What was left out of the file, in phrases."""
        picture: CleanImage | None = self.cleaned_data.get("file")
        return picture.removed if picture else ()

    def keep(self) -> None:
        """Before it is shown again: remember the picture in the hidden field."""
        if asset := self.asset():
            sent = cast(QueryDict, self.data).copy()
            sent["kept"] = asset.pk
            self.data = sent

    def _kept(self) -> Asset | None:
        return Asset.objects.filter(pk=self.cleaned_data.get("kept") or "", content_type=IMAGE_TYPE).first()
