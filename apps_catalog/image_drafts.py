"""The verbs for the pictures of a listing (S23): add, describe, move, remove, put back.

Each locks the listing, so two clicks at once are two steps in some order. A picture that is gone already is
no fault: the verb does nothing and says False.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from apps_catalog.drafting import Actor, StaleDraft, require_editor
from apps_catalog.image_limits import MAX_IMAGES
from apps_catalog.images import entry, key_of
from apps_catalog.models import App, Asset, Listing
from audit.recording import record

# How many removed pictures can be put back.
KEPT_REMOVED = 4
FULL = f"A listing has at most {MAX_IMAGES} pictures. Remove one first."


@transaction.atomic
def add_image(actor: Actor, app: App, asset: Asset, alt: str, caption: str) -> bool:
    """Put a picture at the end; False when it is there already. Raises ValidationError when there is no room."""
    listing = _locked(actor, app)
    if asset.sha256 in map(key_of, listing.images):
        return False
    if len(listing.images) >= MAX_IMAGES:
        raise ValidationError(FULL)
    _save(actor, app, listing, [*listing.images, entry(asset, alt, caption)])
    return True


@transaction.atomic
def describe_image(actor: Actor, app: App, key: str, values: dict[str, str], revision: int) -> bool:
    """Set `alt` and `caption` of one picture; False when nothing differs. Raises StaleDraft for an old form."""
    listing = _locked(actor, app)
    images = [{**image, **values} if key_of(image) == key else image for image in listing.images]
    if images == listing.images:
        return False
    if listing.images_revision != revision:
        raise StaleDraft(listing)
    _save(actor, app, listing, images)
    return True


@transaction.atomic
def move_image(actor: Actor, app: App, key: str, step: int) -> bool:
    """Move a picture `step` places on (or back); beyond an end it stays."""
    listing = _locked(actor, app)
    position = _position(listing, key)
    if position is None or not 0 <= position + step < len(listing.images):
        return False
    images = list(listing.images)
    images.insert(position + step, images.pop(position))
    _save(actor, app, listing, images)
    return True


@transaction.atomic
def remove_image(actor: Actor, app: App, key: str) -> bool:
    """Take a picture out of the listing; `restore_image` puts it back."""
    listing = _locked(actor, app)
    position = _position(listing, key)
    if position is None:
        return False
    images = list(listing.images)
    gone = {"image": images.pop(position), "position": position}
    listing.removed_images = [gone, *listing.removed_images][:KEPT_REMOVED]
    _save(actor, app, listing, images)
    return True


@transaction.atomic
def restore_image(actor: Actor, app: App, key: str) -> bool:
    """Put a removed picture back where it was. Raises ValidationError when its place was taken."""
    listing = _locked(actor, app)
    gone = next((each for each in listing.removed_images if key_of(each["image"]) == key), None)
    if gone is None or _position(listing, key) is not None:
        return False
    if len(listing.images) >= MAX_IMAGES:
        raise ValidationError(FULL)
    images = list(listing.images)
    images.insert(gone["position"], gone["image"])
    listing.removed_images = [each for each in listing.removed_images if each is not gone]
    _save(actor, app, listing, images)
    return True


def _locked(actor: Actor, app: App) -> Listing:
    require_editor(actor, app)
    return Listing.objects.select_for_update().get(app=app)


def _position(listing: Listing, key: str) -> int | None:
    return next((number for number, image in enumerate(listing.images) if key_of(image) == key), None)


def _save(actor: Actor, app: App, listing: Listing, images: list[Any]) -> None:
    listing.images = images
    listing.images_revision += 1
    listing.save(update_fields=["images", "removed_images", "images_revision", "updated_at"])
    record(actor, "listing.changed", app, chain=app.chain, fields=["images"])
