"""The verbs about sources and their write keys (S19)."""

from datetime import timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from audit.recording import record
from workspaces import rules
from workspaces.making import SECOND_CLICK, Actor, with_free_slug
from workspaces.models import Source, Workspace, WriteKey
from workspaces.naming import free_slug, is_usable_slug, read_name
from workspaces.states import Library

# Budgets for one workspace and one source (T34).
SOURCES = 50
USABLE_KEYS = 5
# How long the older key works after a rotation, unless somebody chooses otherwise.
OVERLAP = timedelta(days=7)


@transaction.atomic
def add_source(
    actor: Actor,
    workspace: Workspace,
    name: str,
    library: str = Library.JAVASCRIPT,
    *,
    once: bool = False,
    slug: str = "",
) -> Source:
    """A new source with its first write key. Raises ValidationError, PermissionDenied.

    `once`: the same asked again within a minute is a second click, and gives back what the first one made.
    `slug` is the one that it shall have, instead of one made from its name; a taken one has the code “taken”.
    """
    _require_writer(actor, workspace)
    clean = read_name(name)
    if library not in Library.values:
        raise ValidationError("Choose where the events come from.", code="library")
    Workspace.objects.select_for_update().get(pk=workspace.pk)
    if once and (made := _made_just_now(workspace, clean, library)):
        return made
    if workspace.sources.count() >= SOURCES:
        raise ValidationError(f"A workspace has at most {SOURCES} sources. Remove one you do not need.", code="budget")
    if slug:
        _require_free(workspace, slug)
        return _make(actor, workspace, clean, library, slug)
    return with_free_slug(lambda: _make(actor, workspace, clean, library))


def _require_free(workspace: Workspace, slug: str) -> None:
    if not is_usable_slug(slug):
        raise ValidationError("Slugs have lower-case letters, digits and single hyphens, at most 52.", code="slug")
    if Source.every.filter(workspace=workspace, slug=slug).exists():
        raise ValidationError("There is a source of this name already.", code="taken")


def _made_just_now(workspace: Workspace, name: str, library: str) -> Source | None:
    since = timezone.now() - SECOND_CLICK
    found = workspace.sources.filter(name=name, library=library, created_at__gt=since).first()
    if found:
        found.workspace = workspace
    return found


def _make(actor: Actor, workspace: Workspace, name: str, library: str, slug: str = "") -> Source:
    slug = slug or free_slug(name, Source.every.filter(workspace=workspace), "source")
    source = Source.objects.create(workspace=workspace, name=name, slug=slug, library=library)
    key = WriteKey.objects.create(source=source)
    record(actor, "source.added", source, chain=workspace.chain, library=library, key=key.pk)
    return source


@transaction.atomic
def rename_source(actor: Actor, source: Source, name: str, library: str = "") -> bool:
    """Another name, and other sample code when `library` is given; False when nothing differs."""
    _require_writer(actor, source.workspace)
    values = {"name": read_name(name), "library": library or source.library}
    if values["library"] not in Library.values:
        raise ValidationError("Choose where the events come from.", code="library")
    changed = Source.objects.filter(pk=source.pk).exclude(**values).update(**values)
    if changed:
        source.name, source.library = values["name"], values["library"]
        record(actor, "source.renamed", source, chain=source.workspace.chain, library=source.library)
    return bool(changed)


@transaction.atomic
def set_source_enabled(actor: Actor, source: Source, on: bool) -> bool:
    """Take events, or refuse them all; False when it was so already."""
    _require_writer(actor, source.workspace)
    changed = Source.objects.filter(pk=source.pk, is_enabled=not on).update(is_enabled=on)
    if changed:
        source.is_enabled = on
        record(actor, "source.enabled" if on else "source.disabled", source, chain=source.workspace.chain)
    return bool(changed)


@transaction.atomic
def rotate_key(
    actor: Actor, source: Source, *, overlap: timedelta = OVERLAP, instead_of: WriteKey | None = None
) -> WriteKey:
    """A new write key. What worked so far goes on working for `overlap`, so that nobody is cut off.

    `instead_of` is the key that the person saw as the newest: when it is not any more (a second click), the newest
    one is given back and nothing changes. Raises ValidationError when too many keys work at the same time.
    """
    _require_writer(actor, source.workspace)
    Source.objects.select_for_update().get(pk=source.pk)
    keys = list(source.write_keys.all())
    if keys and instead_of is not None and keys[0].pk != instead_of.pk:
        return keys[0]
    ends = timezone.now() + overlap
    if overlap and sum(key.is_usable for key in keys) >= USABLE_KEYS:
        raise ValidationError(
            f"{USABLE_KEYS} keys of this source work at the moment, which is the most there can be. Disable one first.",
            code="budget",
        )
    for key in keys:
        if key.is_usable and (key.expires_at is None or key.expires_at > ends):
            WriteKey.objects.filter(pk=key.pk).update(expires_at=ends)
    made = WriteKey.objects.create(source=source)
    seconds = int(overlap.total_seconds())
    record(actor, "source.key_rotated", source, chain=source.workspace.chain, key=made.pk, overlap_seconds=seconds)
    return made


@transaction.atomic
def disable_key(actor: Actor, key: WriteKey) -> bool:
    """Refuse what comes with this key from now on; False when it was disabled already. There is no way back."""
    _require_writer(actor, key.source.workspace)
    now = timezone.now()
    changed = WriteKey.objects.filter(pk=key.pk, disabled_at__isnull=True).update(disabled_at=now)
    if changed:
        key.disabled_at = now
        record(actor, "source.key_disabled", key.source, chain=key.source.workspace.chain, key=key.pk)
    return bool(changed)


@transaction.atomic
def remove_source(actor: Actor, source: Source) -> bool:
    """Take a source out of its workspace, with its keys and destinations; False when it was gone already.

    Its events go with the daily purge.
    """
    if not rules.can_own(actor, source.workspace):
        raise PermissionDenied
    now = timezone.now()
    gone = {"removed_at": now, "is_enabled": False, "slug": f"{source.slug[:60]}~{source.pk}"}
    if not Source.objects.filter(pk=source.pk).update(**gone):
        return False
    source.write_keys.filter(disabled_at__isnull=True).update(disabled_at=now)
    source.destinations.update(removed_at=now, is_enabled=False, settings_sealed="")
    record(actor, "source.removed", source, chain=source.workspace.chain)
    return True


def _require_writer(actor: Actor, workspace: Workspace) -> None:
    if not rules.can_write(actor, workspace):
        raise PermissionDenied
