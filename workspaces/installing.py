"""What can be installed in a workspace, and which settings it asks for (PRODUCT, Draft and version).

In the partner's own workspace the draft runs, everywhere else the last approved version.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from apps_catalog.models import App, Setting
from apps_catalog.setting_conditions import shown_keys
from apps_catalog.setting_secrets import is_sensitive
from apps_catalog.setting_values import EMPTY
from apps_catalog.states import ComponentKind
from audit.recording import System
from partners.rules import role_of
from workspaces.insiders import is_partners_own
from workspaces.models import Workspace
from workspaces.states import ConnectionMode

Door = Callable[[Any, App], bool]
# The kinds of component that can take the events of a workspace.
RECEIVING = frozenset(
    {ComponentKind.SUBSCRIPTION_WEBHOOK, ComponentKind.SUBSCRIPTION_FUNCTION, ComponentKind.WEB_PLUGIN}
)
_FIELDS = (
    "key", "label", "hint", "type", "required", "sensitive", "default", "choices", "pattern", "visible_if",
    "components",
)  # fmt: skip
# Packages above know more about who was invited; they add a door from their `AppConfig.ready`.
_doors: list[Door] = []


def register_door(door: Door) -> None:
    """`door(user, app)` says whether an App that is for invited people only is open to `user` (S32)."""
    _doors.append(door)


def can_install(actor: Any, workspace: Workspace, app: App) -> bool:
    """Whether `app` exists for `actor` in `workspace`. A no is answered like an unknown slug (T21).

    An App in building or review exists only for its own company's people, in a workspace of theirs; so does every
    App of a company that rests or goes. What is installed already goes on.
    """
    if app.deleted_at is not None or app.erased_at is not None:
        return False
    if isinstance(actor, System) or role_of(actor, app.company) is not None:
        return is_partners_own(workspace, app) or _is_live(app)
    return _is_open_to_others(actor, app)


def is_open_to(user: Any, app: App) -> bool:
    """Whether `can_install` holds in workspaces that `user` is a member of, be there one or not."""
    if app.deleted_at is not None or app.erased_at is not None:
        return False
    return role_of(user, app.company) is not None or _is_open_to_others(user, app)


def _is_open_to_others(actor: Any, app: App) -> bool:
    if not (app.company.is_active and _is_live(app)):
        return False
    return app.is_listed or not app.invited_only or any(door(actor, app) for door in _doors)


def _is_live(app: App) -> bool:
    return app.is_live and app.live_version_id is not None


@dataclass(frozen=True, slots=True)
class Installable:
    """What a workspace gets of an App: the draft, or the last approved version with its number."""

    app: App
    version: int | None
    settings: list[Setting]
    kinds: tuple[str, ...]

    @property
    def is_draft(self) -> bool:
        return self.version is None

    @property
    def receives(self) -> bool:
        """Whether there is a component that can take events."""
        return any(kind in RECEIVING for kind in self.kinds)

    @property
    def is_by_pull(self) -> bool:
        """Whether its code runs where Segment deploys it, so that nothing is sent from here."""
        return not self.receives and ComponentKind.ACTIONS_DESTINATION in self.kinds

    @property
    def modes(self) -> frozenset[str]:
        return modes_of(self.kinds)

    @property
    def secret_keys(self) -> frozenset[str]:
        return frozenset(setting.key for setting in self.settings if is_sensitive(setting))

    def missing(self, values: Mapping[str, Any]) -> list[Setting]:
        """The settings without which it cannot be switched on."""
        shown = shown_keys(self.settings, values)
        return [
            setting
            for setting in self.settings
            if setting.required and setting.key in shown and values.get(setting.key) in EMPTY
        ]


def modes_of(kinds: Iterable[str]) -> frozenset[str]:
    """The connection modes there are. Imported Apps do not say what they are made of, and take any."""
    ways = {ConnectionMode.DEVICE if kind == ComponentKind.WEB_PLUGIN else ConnectionMode.CLOUD for kind in kinds}
    return frozenset({ConnectionMode.UNSPECIFIED, *ways} if ways else ConnectionMode)


def what_is_installed(app: App, workspace: Workspace) -> Installable:
    """What runs of `app` in `workspace`. An App that is neither the partner's own nor approved has no settings."""
    if is_partners_own(workspace, app):
        kinds = tuple(app.components.values_list("kind", flat=True))
        return Installable(app, None, list(app.settings.all()), kinds)
    version = app.live_version
    if version is None:
        return Installable(app, 0, [], ())
    parts: Collection[Mapping[str, Any]] = version.manifest.get("components", ())
    return Installable(app, version.number, settings_in(version.manifest), tuple(part["kind"] for part in parts))


def settings_in(manifest: Mapping[str, Any]) -> list[Setting]:
    """The settings of a version as rows that are not saved, in order."""
    return [
        Setting(position=position, **{name: data[name] for name in _FIELDS if name in data})
        for position, data in enumerate(manifest.get("settings", ()))
    ]
