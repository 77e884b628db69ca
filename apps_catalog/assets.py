"""Pictures in storage, named by the hash of their cleaned bytes."""

import hashlib
from typing import Any

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction

from apps_catalog.addresses import IMAGE_TYPE
from apps_catalog.image_limits import CleanImage
from apps_catalog.models import Asset

SVG_TYPE = "image/svg+xml"


def store_svg(text: str) -> Asset:
    """Keep a cleaned picture (`svg.clean_svg(...).text`); the same picture is kept once."""
    return _store(text.encode(), "svg", content_type=SVG_TYPE)


def store_image(image: CleanImage) -> Asset:
    """Keep a cleaned picture of pixels; the same picture is kept once."""
    return _store(image.data, "webp", content_type=IMAGE_TYPE, width=image.width, height=image.height)


def _store(data: bytes, suffix: str, **facts: Any) -> Asset:
    sha256 = hashlib.sha256(data).hexdigest()
    existing = Asset.objects.filter(pk=sha256).first()
    return existing or _insert(Asset(sha256=sha256, size=len(data), **facts), data, suffix)


def _insert(asset: Asset, data: bytes, suffix: str) -> Asset:
    sha256 = asset.sha256
    # The file first: a row without a file would be a broken picture, a file without a row is only a few bytes.
    asset.file.save(f"{sha256}.{suffix}", ContentFile(data), save=False)
    try:
        with transaction.atomic():
            asset.save(force_insert=True)
    except IntegrityError:
        asset.file.delete(save=False)
        return Asset.objects.get(pk=sha256)
    return asset


def read_svg(asset: Asset) -> str:
    """The text of a stored picture."""
    return read_bytes(asset).decode()


def read_bytes(asset: Asset) -> bytes:
    """The file of a stored picture."""
    with asset.file.open("rb") as file:
        return file.read()
