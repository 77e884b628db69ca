"""The pictures of a listing as its JSON holds them: ours, or whatever a manifest brought instead (S23)."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from apps_catalog.addresses import IMAGE_TYPE, asset_path
from apps_catalog.models import Asset

# What an entry of ours says; one of a manifest may say anything.
KEYS = ("sha256", "width", "height", "alt", "caption")


@dataclass(frozen=True, slots=True)
class Shown:
    """One picture as pages show it. `url` is empty for one that is kept and not shown: `address` says where it is."""

    key: str
    url: str
    width: int
    height: int
    alt: str
    caption: str
    address: str = ""


def entry(asset: Asset, alt: str, caption: str) -> dict[str, Any]:
    """What a listing keeps of one of its pictures."""
    facts = {"sha256": asset.sha256, "width": asset.width, "height": asset.height}
    return {**facts, "alt": alt, "caption": caption}


def is_ours(image: Any) -> bool:
    """Whether an entry is a picture in our storage."""
    return isinstance(image, dict) and "sha256" in image


def key_of(image: Any) -> str:
    """What names an entry in addresses: the hash of the picture, or of what stands in its place."""
    if is_ours(image):
        return str(image["sha256"])
    return hashlib.sha256(json.dumps(image, sort_keys=True).encode()).hexdigest()


def shown(image: Any) -> Shown:
    """An entry for pages, whichever kind it is."""
    if is_ours(image):
        url = asset_path(image["sha256"], IMAGE_TYPE)
        return Shown(key_of(image), url, image["width"], image["height"], image["alt"], image["caption"])
    facts: Mapping[str, Any] = image if isinstance(image, dict) else {"url": image}
    address = next((str(facts[name]) for name in ("url", "src", "href") if facts.get(name)), "an unknown place")
    return Shown(key_of(image), "", 0, 0, str(facts.get("alt", "")), str(facts.get("caption", "")), address)


def visible(images: Iterable[Any]) -> list[Shown]:
    """The pictures that visitors see, in order."""
    return [shown(image) for image in images if is_ours(image)]


def stored_keys(images: Iterable[Any]) -> set[str]:
    """The hashes of the pictures in our storage."""
    return {image["sha256"] for image in images if is_ours(image)}
