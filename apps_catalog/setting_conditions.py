"""When a setting is shown (`visible_if`): {"key": another setting, "operator": …, "value": …}.

`operator` may be absent and then is `equals`. A condition that cannot be understood (an import may bring anything)
hides nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import TextChoices

from apps_catalog.models import Setting
from apps_catalog.setting_values import EMPTY, as_text


class Operator(TextChoices):
    EQUALS = "equals", "is"
    DIFFERS = "not_equals", "is not"
    FILLED = "filled", "is filled in"
    EMPTY = "empty", "is empty"


NEEDS_VALUE = frozenset({Operator.EQUALS, Operator.DIFFERS})


@dataclass(frozen=True, slots=True)
class Condition:
    """Shown when the value of `key` is, is not `value`, or is filled in or empty. `value` is compared as text."""

    key: str
    operator: Operator
    value: Any = None

    def holds(self, value: Any, kind: str) -> bool:
        """Whether it holds for this value of the other setting, which has the type `kind`."""
        is_empty = value in EMPTY or value is False
        if self.operator in (Operator.FILLED, Operator.EMPTY):
            return is_empty == (self.operator == Operator.EMPTY)
        is_equal = _comparable(kind, value) == _comparable(kind, self.value)
        return is_equal == (self.operator == Operator.EQUALS)


def condition_of(setting: Setting) -> Condition | None:
    """The condition of a setting; None when it is always shown or the condition cannot be understood."""
    raw = setting.visible_if
    if not isinstance(raw, dict) or not isinstance(raw.get("key"), str):
        return None
    operator = raw.get("operator", Operator.EQUALS)
    if operator not in Operator.values or set(raw) - {"key", "operator", "value"}:
        return None
    return Condition(raw["key"], Operator(operator), raw.get("value"))


def in_words(setting: Setting, settings: Sequence[Setting]) -> str:
    """“Region is eu”, or "" for a setting that is always shown."""
    condition = condition_of(setting)
    other = next((each for each in settings if condition and each.key == condition.key), None)
    if condition is None or other is None:
        return ""
    words = f"{other.label} {condition.operator.label}"
    return f"{words} {_comparable(other.type, condition.value)}" if condition.operator in NEEDS_VALUE else words


def shown_keys(settings: Sequence[Setting], values: Mapping[str, Any]) -> set[str]:
    """The keys of the settings that a customer with these values sees. What hangs on a hidden one is hidden."""
    by_key = {setting.key: setting for setting in settings}
    return {key for key in by_key if _is_shown(key, by_key, values, frozenset())}


def _is_shown(key: str, by_key: Mapping[str, Setting], values: Mapping[str, Any], passed: frozenset[str]) -> bool:
    condition = condition_of(by_key[key])
    if condition is None or condition.key not in by_key or key in passed:
        return True
    if not _is_shown(condition.key, by_key, values, passed | {key}):
        return False
    return condition.holds(values.get(condition.key), by_key[condition.key].type)


def check_condition(key: str | None, condition: Mapping[str, Any] | None, settings: Sequence[Setting]) -> None:
    """Refuse a condition of the setting `key` (None: a new one) on itself, on what is not there, or in a circle."""
    if condition is None:
        return
    by_key = {setting.key: setting for setting in settings}
    if condition["key"] not in by_key:
        raise ValidationError("Choose a setting that exists.")
    if condition["key"] == key:
        raise ValidationError("A setting cannot decide about itself. Choose another one.")
    path, _ = _walk(condition["key"], by_key, ())
    if key in path:
        circle = [by_key[each] for each in [key, *path[: path.index(key)]] if each]
        raise ValidationError(f"{circle_in_words(circle)} Choose a setting that does not depend on it.")


def circles(settings: Sequence[Setting]) -> list[list[Setting]]:
    """The settings that decide about each other in a circle, or about themselves: each circle once.

    A circle begins with the setting of it that comes first; before each one stands what it decides about.
    """
    by_key = {setting.key: setting for setting in settings}
    place = {setting.key: index for index, setting in enumerate(settings)}
    found: list[list[Setting]] = []
    seen: set[str] = set()
    for start in by_key:
        path, end = _walk(start, by_key, seen)
        if end in path:
            circle = path[path.index(end) :]
            first = circle.index(min(circle, key=place.__getitem__))
            found.append([by_key[key] for key in circle[first:] + circle[:first]])
        seen.update(path)
    return found


def _walk(key: str, by_key: Mapping[str, Setting], seen: Collection[str]) -> tuple[list[str], str]:
    """The chain from `key` up to what was seen already, and the key at which it ended."""
    path: dict[str, None] = {}
    while key in by_key and key not in seen and key not in path:
        path[key] = None
        condition = condition_of(by_key[key])
        key = condition.key if condition else ""
    return list(path), key


def circle_in_words(circle: Sequence[Setting]) -> str:
    """The sentence about a circle, each setting before the one that decides about it."""
    if len(circle) == 1:
        return f"“{circle[0].label}” decides about itself."
    return f"This goes round in a circle: {' → '.join(each.label for each in [*circle, circle[0]])}."


def dependants(key: str, settings: Sequence[Setting]) -> list[Setting]:
    """The settings whose condition asks for the setting `key`."""
    return [each for each in settings if (found := condition_of(each)) and found.key == key]


def _comparable(kind: str, value: Any) -> str:
    return as_text(kind, value) if value is not False else "false"
