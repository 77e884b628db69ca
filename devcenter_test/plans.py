"""A plan as the console exports it (Plan, “Download as JSON”): which actions there are, and when each one runs."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devcenter_test.errors import UsageError
from runtime.spec.mappings import Wanted
from runtime.spec.triggers import BadTrigger, Condition, parse

MOST_BYTES = 5_000_000


@dataclass(frozen=True, slots=True)
class Action:
    key: str
    name: str
    trigger: str
    # None without a trigger: the action never runs by itself.
    condition: Condition | None
    fields: tuple[Wanted, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """`types` and `defaults` by key of setting; `secret` are the keys of those that nobody may see."""

    name: str
    method: str
    actions: tuple[Action, ...]
    types: Mapping[str, str]
    defaults: Mapping[str, Any]
    secret: frozenset[str]


def read_plan(path: Path) -> Plan:
    """Raises UsageError with what is wrong with the file."""
    document = read_json(path)
    if not isinstance(document, dict) or not isinstance(document.get("actions"), list):
        raise UsageError(f"{path} is no plan. Download it from your App in the console: Plan, then “As JSON”.")
    if document.get("mode") == "device":
        raise UsageError(
            "This plan is for a destination in device mode, which runs in the visitor’s browser: the local server "
            "cannot run it. Follow the set-up guide’s steps for a browser instead."
        )
    actions = tuple(_action(each, number) for number, each in enumerate(document["actions"], 1))
    if not actions:
        raise UsageError("This plan has no action yet. Add one in the console, and download the plan again.")
    settings = {str(each["key"]): each for each in _objects(document.get("settings")) if each.get("key")}
    auth = document.get("auth")
    return Plan(
        name=str(document.get("name") or "The plan"),
        method=str(auth.get("method") or "") if isinstance(auth, dict) else "",
        actions=actions,
        types={key: str(each.get("type") or "") for key, each in settings.items()},
        defaults={key: each["default"] for key, each in settings.items() if each.get("default") is not None},
        secret=frozenset(
            key for key, each in settings.items() if each.get("sensitive") or each.get("type") == "password"
        ),
    )


def read_json(path: Path) -> Any:
    """Raises UsageError for what is no JSON file."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}.") from None
    if len(content) > MOST_BYTES:
        raise UsageError(f"{path} is larger than {MOST_BYTES // 1_000_000} MB.")
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is no JSON: {error}") from None


def _action(entry: Any, number: int) -> Action:
    if not isinstance(entry, dict) or not entry.get("key"):
        raise UsageError(f"Action {number} of the plan has no key.")
    key, trigger = str(entry["key"]), str(entry.get("trigger") or "")
    try:
        condition = parse(trigger) if trigger.strip() else None
    except BadTrigger as problem:
        raise UsageError(f"The trigger of “{key}” cannot be read, at character {problem.at + 1}: {problem}") from None
    fields = tuple(_field(each) for each in _objects(entry.get("fields")) if each.get("key"))
    return Action(key, str(entry.get("name") or key), trigger, condition, fields)


def _field(entry: Mapping[str, Any]) -> Wanted:
    return Wanted(
        key=str(entry["key"]),
        label=str(entry.get("label") or entry["key"]),
        type=str(entry.get("type") or "string"),
        required=bool(entry.get("required")),
        default=str(entry.get("default") or ""),
    )


def _objects(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
