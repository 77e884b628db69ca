"""Pictures in storage, named by the hash of their cleaned bytes."""

import hashlib

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction

from apps_catalog.models import Asset

SVG_TYPE = "image/svg+xml"


def store_svg(text: str) -> Asset:
    """Keep a cleaned picture (`svg.clean_svg(...).text`); the same picture is kept once."""
    data = text.encode()
    sha256 = hashlib.sha256(data).hexdigest()
    existing = Asset.objects.filter(pk=sha256).first()
    return existing or _insert(sha256, data)


def _insert(sha256: str, data: bytes) -> Asset:
    asset = Asset(sha256=sha256, content_type=SVG_TYPE, size=len(data))
    # The file first: a row without a file would be a broken picture, a file without a row is only a few bytes.
    asset.file.save(f"{sha256}.svg", ContentFile(data), save=False)
    try:
        with transaction.atomic():
            asset.save(force_insert=True)
    except IntegrityError:
        asset.file.delete(save=False)
        return Asset.objects.get(pk=sha256)
    return asset


def read_svg(asset: Asset) -> str:
    """The text of a stored picture."""
    with asset.file.open("rb") as file:
        return file.read().decode()
