"""The pictures in a manifest (S23): named by their hash, brought as base64, or kept as they came.

A picture of ours is `{"sha256", "width", "height", "alt", "caption"}`; with `"data"` it can be read anywhere:
the bytes are decoded and written again, and only what comes out is kept. Anything else (an address of the
partner's, say) stays as it is, so that nothing is lost, and is not shown.
"""

import binascii
import hashlib
import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Any

from apps_catalog.addresses import IMAGE_TYPE
from apps_catalog.assets import read_bytes, store_image
from apps_catalog.image_limits import MAX_ALT, MAX_CAPTION, MAX_IMAGE_BYTES, BadImage, CleanImage
from apps_catalog.images import KEYS, entry, is_ours, key_of
from apps_catalog.manifest_shapes import Json, Shape
from apps_catalog.manifest_values import Reading, join, unknown_key
from apps_catalog.models import Asset
from apps_catalog.picture_guard import clean_image

MAX_FOREIGN = 2_000
_FOREIGN = "An address, or an object of short texts."
_NO_ALT = "Say in words what the picture shows, for those who cannot see it."
_NOT_HERE = "This picture is not stored here: give the file as base64 in “data”."


@dataclass(frozen=True, slots=True)
class Image(Shape):
    """A picture of the listing. Read, it is what a listing keeps, with "data" while it is not stored yet."""

    hint: str = "A picture of ours, by its “sha256” or with its file in “data”; anything else is kept, not shown."

    def read(self, value: Any, path: str, reading: Reading) -> Any:
        if isinstance(value, dict) and ("sha256" in value or "data" in value):
            return self._own(value, path, reading)
        is_object = isinstance(value, dict) and all(isinstance(each, str) for each in value.values())
        if not (is_object or isinstance(value, str)) or len(json.dumps(value)) > MAX_FOREIGN:
            reading.refuse(path, _FOREIGN)
        return value

    def _own(self, image: Json, path: str, reading: Reading) -> Any:
        for key in image:
            if key not in (*KEYS, "data"):
                reading.refuse(join(path, key), unknown_key(key, (*KEYS, "data")))
        alt = self._text(image, "alt", MAX_ALT, path, reading)
        caption = self._text(image, "caption", MAX_CAPTION, path, reading)
        if not alt.strip():
            reading.refuse(join(path, "alt"), _NO_ALT)
        known = Asset.objects.filter(pk=str(image.get("sha256", ""))[:64], content_type=IMAGE_TYPE).first()
        if known:
            return entry(known, alt, caption)
        if "data" not in image:
            reading.refuse(join(path, "sha256"), _NOT_HERE)
            return image
        return self._decoded(image["data"], join(path, "data"), reading) | {"alt": alt, "caption": caption}

    @staticmethod
    def _text(image: Json, key: str, limit: int, path: str, reading: Reading) -> str:
        text = image.get(key) or ""
        if not isinstance(text, str) or len(text) > limit:
            reading.refuse(join(path, key), f"A text of at most {limit} characters.")
            return ""
        return text

    @staticmethod
    def _decoded(text: Any, path: str, reading: Reading) -> Json:
        try:
            # Base64 needs four characters for three bytes; what is longer is not even decoded.
            picture = clean_image(b64decode(str(text)[: 2 * MAX_IMAGE_BYTES], validate=True))
        except binascii.Error:
            reading.refuse(path, "This is not base64.")
            return {}
        except BadImage as problem:
            reading.refuse(path, str(problem))
            return {}
        sha256 = hashlib.sha256(picture.data).hexdigest()
        return {"sha256": sha256, "width": picture.width, "height": picture.height,
                "data": b64encode(picture.data).decode()}  # fmt: skip

    def schema(self) -> Json:
        text: Json = {"type": "string", "maxLength": MAX_FOREIGN}
        side: Json = {"type": "integer", "minimum": 1}
        own: Json = {
            "type": "object",
            "properties": {
                "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                "data": {"type": "string", "contentEncoding": "base64"},
                "width": side,
                "height": side,
                "alt": {"type": "string", "minLength": 1, "maxLength": MAX_ALT},
                "caption": {"type": "string", "maxLength": MAX_CAPTION},
            },
            "required": ["alt"],
            "anyOf": [{"required": ["sha256"]}, {"required": ["data"]}],
            "additionalProperties": False,
        }
        return {"anyOf": [own, text, {"type": "object", "additionalProperties": text}]}


def each_image_once(found: list[Any], path: str, reading: Reading) -> list[Any]:
    """Refuse a picture that is there twice."""
    keys = [key_of(image) for image in found]
    for index, key in enumerate(keys):
        if key in keys[:index]:
            reading.refuse(f"{path}[{index}]", "This picture is there twice.")
    return found


def stored(image: Any) -> Any:
    """What a listing keeps of an entry that was read: a picture that came with its file is put in storage."""
    if not (is_ours(image) and "data" in image):
        return image
    picture = CleanImage(b64decode(image["data"]), image["width"], image["height"])
    return entry(store_image(picture), image["alt"], image["caption"])


def with_files(manifest: Json) -> Json:
    """The manifest with its pictures in it, as base64: what leaves this place and can be read at another one.

    Drafts and versions name pictures by their hash only.
    """
    listing = manifest["listing"]
    images = [_with_file(image) if is_ours(image) else image for image in listing.get("images", [])]
    return {**manifest, "listing": {**listing, "images": images}}


def _with_file(image: Json) -> Json:
    asset = Asset.objects.filter(pk=image["sha256"]).first()
    return {**image, "data": b64encode(read_bytes(asset)).decode()} if asset else image
