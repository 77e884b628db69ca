"""The verbs of a filled-in template: take it in, take its values over into the listing, drop it.

Taking in changes nothing of the App. What is taken over goes through the verb that the listing's own form uses, so
that an old page never overwrites what somebody else has saved.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from apps_catalog.assets import store_svg
from apps_catalog.drafting import require_editor, save_listing
from apps_catalog.models import App, Listing
from apps_catalog.picture_reports import NAMES
from audit.recording import record
from leases.transitions import StaleState
from metadata.comparing import TAKEN, entry_in
from metadata.models import TemplateDraft
from metadata.pictures import File
from metadata.reading import find, most_categories, problem_with, tidy
from metadata.states import Way
from metadata.template import Categories
from partners.models import Policy
from runtime.catalog_mail import MAX_CHARACTERS, Entry

# Templates that nobody has decided about; a further one takes the place of the oldest.
MOST_OPEN = 20
KEPT = timedelta(days=90)
EMPTY = "Paste the filled-in template."


def open_drafts(app: App) -> list[TemplateDraft]:
    """What waits for somebody to look at it, the newest first; without the texts."""
    waiting = TemplateDraft.objects.filter(app=app, taken_at=None, dropped_at=None)
    return list(waiting.select_related("by").defer("text", "pictures")[:MOST_OPEN])


@transaction.atomic
def take_in(
    actor: User, app: App, way: Way, text: str, files: Mapping[str, File], more_files: Iterable[File] = (),
    replaces: int | None = None,
) -> TemplateDraft:  # fmt: skip
    """Read a template and keep what it says until somebody has looked. The same one again is the same draft.

    `replaces` is the key of the open draft that this is a corrected version of. Raises ValidationError for no text.
    """
    require_editor(actor, app)
    if not tidy(text).strip():
        raise ValidationError(EMPTY)
    # Held, so that two clicks are one after the other.
    listing = Listing.objects.select_for_update().get(app=app)
    found = find(app, listing, text, files, more_files)
    text = tidy(text)[:MAX_CHARACTERS]
    waiting = TemplateDraft.objects.filter(app=app, taken_at=None, dropped_at=None)
    for same in waiting.filter(by=actor, way=way, text=text):
        if _svgs(same.pictures) == _svgs(found.pictures):
            return same
    _make_room(waiting, replaces)
    draft = TemplateDraft.objects.create(
        app=app, way=way, text=text, entry=asdict(found.entry), by=actor, pictures=found.pictures,
        remarks=[remark._asdict() for remark in found.remarks],
    )  # fmt: skip
    record(actor, "listing.template_read", app, chain=app.chain, way=way, remarks=len(found.remarks))
    return draft


def _svgs(pictures: Mapping[str, Any]) -> dict[str, str]:
    return {name: picture["svg"] for name, picture in pictures.items()}


def _make_room(waiting: Any, replaces: int | None) -> None:
    surplus = list(waiting.values_list("pk", flat=True)[MOST_OPEN - 1 :])
    gone = Q(pk__in=surplus) | Q(pk=replaces)
    waiting.filter(gone).update(dropped_at=timezone.now())


@transaction.atomic
def take_over(actor: User, draft: TemplateDraft, names: Collection[str], revision: int) -> list[str]:
    """Put the chosen fields into the listing; the names of the columns that changed.

    Raises ValidationError when nothing is chosen or a value is not fit for the listing, StaleState when the template
    was taken over or dropped already, StaleDraft when the listing was changed since `revision`.
    """
    require_editor(actor, draft.app)
    values = _values(draft, names)
    if not values:
        raise ValidationError("Choose what to take over.")
    _settle(draft, taken_at=timezone.now(), taken_by=actor)
    changed = save_listing(actor, draft.app, values, revision)
    record(actor, "listing.template_taken", draft.app, chain=draft.app.chain, fields=sorted(set(names)))
    return changed


@transaction.atomic
def drop(actor: User, draft: TemplateDraft) -> None:
    """Put a template away without taking anything over. Raises StaleState when that is decided already."""
    require_editor(actor, draft.app)
    _settle(draft, dropped_at=timezone.now())
    record(actor, "listing.template_dropped", draft.app, chain=draft.app.chain)


def _settle(draft: TemplateDraft, **columns: Any) -> None:
    waiting = TemplateDraft.objects.filter(pk=draft.pk, taken_at=None, dropped_at=None)
    if not waiting.update(**columns):
        draft.refresh_from_db()
        raise StaleState(draft, "is_open")
    draft.refresh_from_db()


def _values(draft: TemplateDraft, names: Collection[str]) -> dict[str, Any]:
    """The columns of the listing for the chosen fields. Raises ValidationError for one that it could not hold."""
    entry, policy = entry_in(draft), Policy.current()
    values: dict[str, Any] = {}
    for name in (one for one in TAKEN if one in names):
        if problem := problem_with(name, entry, policy):
            raise ValidationError(problem)
        values |= _columns(name, draft, entry, policy)
    reports = {name: draft.pictures[name]["report"] for name in NAMES if f"{name}_id" in values}
    return values | ({"picture_reports": draft.app.listing.picture_reports | reports} if reports else {})


def _columns(name: str, draft: TemplateDraft, entry: Entry, policy: Policy) -> dict[str, Any]:
    if name == "categories":
        return _category_columns(entry.categories[: most_categories(policy)])
    if name in NAMES:
        return _picture_columns(name, draft)
    value = getattr(entry, name)
    return {name: value} if value else {}


def _category_columns(names: tuple[str, ...]) -> dict[str, Any]:
    """A category that staff took away in the meantime is left out."""
    categories = Categories()
    found = [category for category in map(categories.named, names) if category and category.is_active]
    if not found:
        return {}
    return {"primary_category_id": found[0].pk, "secondary_categories": [each.slug for each in found[1:]]}


def _picture_columns(name: str, draft: TemplateDraft) -> dict[str, Any]:
    picture = draft.pictures.get(name)
    return {f"{name}_id": store_svg(picture["svg"]).pk} if picture else {}


def purge(now: datetime) -> int:
    """Remove templates, decided about or not, whose time is over; returns how many."""
    return TemplateDraft.objects.filter(at__lt=now - KEPT).delete()[0]
