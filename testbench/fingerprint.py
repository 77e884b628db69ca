"""What a run tested, in one hash. A run is stale as soon as the component's hash is another (S12)."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from apps_catalog.models import Component, Setting
from apps_catalog.states import PluginShape


def of(component: Component, settings: Iterable[Setting] | None = None) -> str:
    """SHA-256 in hex over kind, endpoint or code, and the schema of the settings the component uses.

    Labels, hints and the order of settings do not count: they change nothing of what is sent. Prefetch
    `app__settings` when asking for several components. `settings`: as for `used_settings`.
    """
    return _digest(what(component, settings))


def of_all(components: Iterable[Component]) -> str:
    """One hash over all components of an App, in whichever order they come."""
    return _digest(sorted(of(component) for component in components))


def what(component: Component, settings: Iterable[Setting] | None = None) -> dict[str, Any]:
    """The parts of the fingerprint, by the name a person would give them."""
    return {
        "kind": component.kind,
        "endpoint": component.endpoint,
        "code": _code(component),
        "pull request": [component.mode, component.pull_request],
        "settings": _schema(used_settings(component, settings)),
    }


def parts(component: Component, settings: Iterable[Setting] | None = None) -> dict[str, str]:
    """One short hash for each part, kept with a run so that it can be said what changed."""
    return {name: _digest(value)[:16] for name, value in what(component, settings).items()}


def used_settings(component: Component, settings: Iterable[Setting] | None = None) -> list[Setting]:
    """The App's settings that this component uses, in their order; an empty list of kinds means all (D9).

    The draft's, or `settings` where those of a frozen version count.
    """
    known = component.app.settings.all() if settings is None else settings
    return [setting for setting in known if not setting.components or component.kind in setting.components]


def _code(component: Component) -> Any:
    """The code, and how it hands itself over where that is not the usual way."""
    is_usual = component.shape in ("", PluginShape.OBJECT)
    return component.code if is_usual else [component.code, component.shape, component.library_name]


def _schema(settings: Iterable[Setting]) -> list[list[Any]]:
    return sorted(
        [setting.key, setting.type, setting.required, json.dumps(setting.choices, sort_keys=True)]
        for setting in settings
    )


def _digest(value: Any) -> str:
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()
