"""The verbs that edit the settings of a draft (D8, D9).

The list changes as a whole: every verb compares and counts up `App.revision`, so two people never work on
different lists without noticing.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings as django_settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from apps_catalog.drafting import Actor, StaleDraft, require_editor
from apps_catalog.models import App, RemovedSetting, Setting
from apps_catalog.setting_conditions import check_condition, dependants
from apps_catalog.setting_keys import API_KEY, key_from_label
from apps_catalog.states import SettingType
from audit.recording import record

# An App with more would overflow the header that carries them (D10).
MAX_SETTINGS = 50
# What a partner decides about a setting; key and position have verbs of their own.
EDITABLE = (
    "label", "hint", "type", "required", "sensitive", "default", "choices", "pattern", "visible_if", "components",
)  # fmt: skip
# What is decided about the API key of an App made here (D9): every customer has one, and every component gets it.
API_KEY_IS: Mapping[str, Any] = {
    "type": SettingType.STRING, "required": True, "sensitive": True, "default": None, "visible_if": None,
    "components": [],
}  # fmt: skip


def create_api_key(app: App) -> Setting:
    """The setting that every App has: first, required, secret (D9)."""
    return Setting.objects.create(
        app=app, key=API_KEY, label="API Key", type=SettingType.STRING, required=True, sensitive=True, position=0
    )


def _next_revision(actor: Actor, app: App, revision: int) -> None:
    require_editor(actor, app)
    if not App.objects.filter(pk=app.pk, revision=revision).update(revision=F("revision") + 1):
        app.refresh_from_db()
        raise StaleDraft(app)
    app.revision = revision + 1


def _record(actor: Actor, action: str, app: App, key: str) -> None:
    record(actor, action, app, chain=app.chain, key=key)


@transaction.atomic
def add_setting(actor: Actor, app: App, values: Mapping[str, Any], revision: int) -> Setting:
    """Add a setting at the end; `values` holds EDITABLE columns. Raises StaleDraft, ValidationError when full."""
    _next_revision(actor, app, revision)
    keys = list(app.settings.values_list("key", flat=True))
    _refuse_if_full(keys)
    check_condition(None, values.get("visible_if"), list(app.settings.all()))
    last = app.settings.order_by("position").values_list("position", flat=True).last()
    key = key_from_label(str(values["label"]), keys)
    setting = Setting.objects.create(app=app, key=key, position=(last or 0) + 1, **_known(values))
    _record(actor, "setting.added", app, key)
    return setting


def _refuse_if_full(settings: Sequence[Any]) -> None:
    if len(settings) >= MAX_SETTINGS:
        raise ValidationError(f"An App can have {MAX_SETTINGS} settings. Remove one first.")


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    """Only what may be decided; a password is always secret (CONTRACT)."""
    known = {name: values[name] for name in EDITABLE if name in values}
    if known.get("type") == SettingType.PASSWORD:
        known["sensitive"] = True
    return known


@transaction.atomic
def edit_setting(actor: Actor, setting: Setting, values: Mapping[str, Any], revision: int) -> list[str]:
    """Change a setting; its key stays. The API key stays required and secret. The names of what changed."""
    app = setting.app
    require_editor(actor, app)
    setting.refresh_from_db(fields=list(EDITABLE))
    known = _known(values)
    if setting.key == API_KEY:
        known |= API_KEY_IS
    changed = [name for name, value in known.items() if getattr(setting, name) != value]
    if not changed:
        return []
    if "visible_if" in changed:
        check_condition(setting.key, known["visible_if"], list(app.settings.all()))
    _next_revision(actor, app, revision)
    for name in changed:
        setattr(setting, name, known[name])
    setting.save(update_fields=changed)
    record(actor, "setting.changed", app, chain=app.chain, key=setting.key, fields=changed)
    return changed


@transaction.atomic
def remove_setting(actor: Actor, app: App, key: str, revision: int) -> bool:
    """Remove a setting; False when it is gone already. `restore_setting` brings it back.

    Raises ValidationError for the API key, and while the condition of another setting asks for this one.
    """
    require_editor(actor, app)
    if key == API_KEY:
        raise ValidationError("Every App has an API key. It cannot be removed.")
    order = _in_order(app)
    place = next((index for index, setting in enumerate(order) if setting.key == key), None)
    if place is None:
        return False
    _refuse_if_asked_for(order[place], order)
    _next_revision(actor, app, revision)
    _keep(order[place], place)
    order[place].delete()
    _record(actor, "setting.removed", app, key)
    return True


def _refuse_if_asked_for(setting: Setting, settings: Sequence[Setting]) -> None:
    if others := [other.label for other in dependants(setting.key, settings)]:
        raise ValidationError(
            f"“{setting.label}” decides whether customers see {', '.join(f'“{label}”' for label in others)}. "
            "Change that condition first."
        )


def _keep(setting: Setting, place: int) -> None:
    """Keep what is removed; what was removed longer ago than the grace period goes for good."""
    setting.app.removed_settings.filter(removed_at__lt=_oldest_kept()).delete()
    values = {name: getattr(setting, name) for name in EDITABLE}
    RemovedSetting.objects.update_or_create(
        app=setting.app,
        key=setting.key,
        defaults={"label": setting.label, "values": values, "place": place, "removed_at": timezone.now()},
    )


def _oldest_kept() -> Any:
    return timezone.now() - timedelta(days=django_settings.DELETION_GRACE_DAYS)


def removed_settings(app: App) -> QuerySet[RemovedSetting]:
    """What can be brought back, the last removed first."""
    return app.removed_settings.filter(removed_at__gte=_oldest_kept())


@transaction.atomic
def restore_setting(actor: Actor, app: App, key: str) -> bool:
    """Bring a removed setting back to its place. False when it is back already or too old.

    Raises ValidationError when the list is full, or the setting that its condition asks for is gone.
    """
    require_editor(actor, app)
    app = App.objects.select_for_update().get(pk=app.pk)
    removed = removed_settings(app).filter(key=key).first()
    order = _in_order(app)
    if removed is None or any(setting.key == key for setting in order):
        return False
    _refuse_if_full(order)
    check_condition(key, removed.values["visible_if"], order)
    _next_revision(actor, app, app.revision)
    order.insert(max(removed.place, 1), Setting.objects.create(app=app, key=key, **removed.values))
    _renumber(order)
    removed.delete()
    _record(actor, "setting.restored", app, key)
    return True


@transaction.atomic
def move_setting(actor: Actor, app: App, key: str, step: int, revision: int) -> bool:
    """Move a setting up (-1) or down (+1) by one place; False at the end of the list.

    The API key stays first. Raises StaleDraft, which also keeps a double click from moving twice.
    """
    return _move(actor, app, key, revision, lambda place: place + step)


@transaction.atomic
def place_setting(actor: Actor, app: App, key: str, place: int, revision: int) -> bool:
    """Put a setting at `place` of the list, counted from 0; as `move_setting` otherwise."""
    return _move(actor, app, key, revision, lambda _: place)


def _move(actor: Actor, app: App, key: str, revision: int, target_of: Callable[[int], int]) -> bool:
    _next_revision(actor, app, revision)
    order = _in_order(app)
    place = next((index for index, setting in enumerate(order) if setting.key == key), None)
    if place is None or key == API_KEY:
        return False
    target = target_of(place)
    if target == place or not _first_free(order) <= target < len(order):
        return False
    order.insert(target, order.pop(place))
    _renumber(order)
    _record(actor, "setting.moved", app, key)
    return True


def _first_free(order: Sequence[Setting]) -> int:
    """The first place that a setting can be moved to: behind the API key, where there is one."""
    return 1 if order and order[0].key == API_KEY else 0


def _in_order(app: App) -> list[Setting]:
    return list(app.settings.order_by("position", "pk"))


def _renumber(order: Sequence[Setting]) -> None:
    for position, setting in enumerate(order):
        setting.position = position
    Setting.objects.bulk_update(order, ["position"])


@transaction.atomic
def save_settings(
    actor: Actor, app: App, definitions: Sequence[Mapping[str, Any]], revision: int,
    *, with_api_key: bool = True,
) -> bool:  # fmt: skip
    """Replace the whole list, in this order; each definition has `key`, `label` and other EDITABLE columns.

    The API key is put first if it is missing or elsewhere, unless `with_api_key` is false (D9 does not bind
    imported Apps). False, and nothing written, when the list is like this already. Raises StaleDraft.
    """
    require_editor(actor, app)
    wanted = {str(each["key"]): _blank() | _known(each) for each in definitions}
    if with_api_key:
        wanted = _api_key_first(wanted)
    if _as_json(_as_it_stands(app)) == _as_json(wanted):
        return False
    _next_revision(actor, app, revision)
    app.settings.exclude(key__in=wanted).delete()
    for position, (key, values) in enumerate(wanted.items()):
        app.settings.update_or_create(key=key, defaults={**values, "position": position})
    record(actor, "settings.replaced", app, chain=app.chain, keys=list(wanted))
    return True


def _api_key_first(wanted: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    api_key = wanted.get(API_KEY, {**_blank(), "label": "API Key"})
    others = {key: dict(values) for key, values in wanted.items() if key != API_KEY}
    return {API_KEY: {**api_key, **API_KEY_IS}, **others}


def _as_it_stands(app: App) -> dict[str, dict[str, Any]]:
    return {row.key: {name: getattr(row, name) for name in EDITABLE} for row in app.settings.all()}


def _as_json(definitions: Mapping[str, Mapping[str, Any]]) -> str:
    """For comparison: in Python 1 equals true, in JSON it does not."""
    return json.dumps(list(definitions.items()), sort_keys=True)


def _blank() -> dict[str, Any]:
    empty = Setting()
    return {name: getattr(empty, name) for name in EDITABLE if name != "label"}
