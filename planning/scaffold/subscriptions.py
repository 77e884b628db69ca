"""A trigger as the actions framework writes it (`defaultSubscription`).

Its language knows one “and” or “or” at a time, brackets one level deep, and `exists` as `!= null`. What goes beyond
that is multiplied out; what cannot be said at all is left to the partner.
"""

import json
from collections.abc import Iterable
from itertools import product
from typing import Any, Final

from runtime.spec.paths import Path
from runtime.spec.triggers import BadTrigger, Compare, Condition, Either, Every, Not, parse, types_of

# The parts of an event that a subscription can ask about.
_ROOTS: Final = frozenset({"type", "event", "name", "userId", "context", "properties", "traits"})
_BARE: Final = frozenset({"type", "event", "name", "userId"})
_OPPOSITE: Final = {"=": "!=", "!=": "=", "contains": "!contains", "exists": "!exists"}
_MOST_TERMS: Final = 24


class Unsayable(ValueError):
    """The framework's language has no words for this trigger."""


def subscription(trigger: str) -> tuple[str, bool]:
    """(subscription, whether it says all that the trigger says); without a trigger every track event."""
    if not trigger.strip():
        return 'type = "track"', False
    try:
        condition = parse(trigger)
    except BadTrigger:
        return 'type = "track"', False
    try:
        return _written(_plain(condition)), True
    except Unsayable:
        kinds = types_of(condition) or ("track",)
        return " or ".join(f'type = "{kind}"' for kind in kinds), False


def _plain(condition: Condition, *, is_denied: bool = False) -> Condition:
    """Without “not”: it is pushed down to the comparisons."""
    match condition:
        case Not(part):
            return _plain(part, is_denied=not is_denied)
        case Every(parts) | Either(parts):
            is_every = isinstance(condition, Every) is not is_denied
            inner = tuple(_plain(part, is_denied=is_denied) for part in parts)
            return _flat(Every(inner) if is_every else Either(inner))
        case _:
            operator = _OPPOSITE[condition.operator] if is_denied else condition.operator
            return Compare(condition.path, operator, condition.value)


def _flat(group: Every | Either) -> Condition:
    """Groups of the same kind inside each other are one."""
    kind = type(group)
    parts: list[Condition] = []
    for part in group.parts:
        parts += part.parts if isinstance(part, kind) else [part]
    return kind(tuple(parts))


def _written(condition: Condition) -> str:
    if _depth(condition) > 2:
        condition = _multiplied(condition)
    if isinstance(condition, Compare):
        return _comparison(condition)
    return _joined(condition, [_part(part) for part in _parts(condition)])


def _part(part: Condition) -> str:
    if isinstance(part, Compare):
        return _comparison(part)
    return f"({_joined(part, [_comparison(each) for each in _parts(part) if isinstance(each, Compare)])})"


def _joined(group: Condition, parts: Iterable[str]) -> str:
    return (" and " if isinstance(group, Every) else " or ").join(parts)


def _parts(condition: Condition) -> tuple[Condition, ...]:
    return condition.parts if isinstance(condition, Every | Either) else ()


def _depth(condition: Condition) -> int:
    return 1 + max((_depth(part) for part in _parts(condition)), default=-1)


def _multiplied(condition: Condition) -> Condition:
    """As “or” over “and” of comparisons."""
    terms = _terms(condition)
    made = [Every(term) if len(term) > 1 else term[0] for term in terms]
    return Either(tuple(made)) if len(made) > 1 else made[0]


def _terms(condition: Condition) -> list[tuple[Condition, ...]]:
    if isinstance(condition, Either):
        found = [term for part in condition.parts for term in _terms(part)]
    elif isinstance(condition, Every):
        sides = [_terms(part) for part in condition.parts]
        if _product([len(side) for side in sides]) > _MOST_TERMS:
            raise Unsayable
        found = [tuple(each for term in chosen for each in term) for chosen in product(*sides)]
    else:
        return [(condition,)]
    if len(found) > _MOST_TERMS:
        raise Unsayable
    return found


def _product(numbers: Iterable[int]) -> int:
    total = 1
    for number in numbers:
        total *= number
    return total


def _comparison(compared: Compare) -> str:
    path = _path(compared.path)
    match compared.operator:
        case "exists":
            return f"{path} != null"
        case "!exists":
            return f"{path} = null"
        case "contains" | "!contains":
            sign = "!" if compared.operator == "!contains" else ""
            return f"{sign}contains({path}, {_value(compared.value)})"
        case operator:
            if compared.value is None and path in ("type", "event", "name"):
                raise Unsayable
            return f"{path} {operator} {_value(compared.value)}"


def _path(path: Path) -> str:
    is_bare = path.root in _BARE
    if path.root not in _ROOTS or is_bare is not (len(path.steps) == 1):
        raise Unsayable
    if any(not isinstance(step, str) or not step.replace("_", "").replace("-", "").isalnum() for step in path.steps):
        raise Unsayable
    return ".".join(map(str, path.steps))


def _value(value: Any) -> str:
    """Texts have no escapes in this language."""
    if isinstance(value, str) and ('"' in value or "\\" in value or not value.isprintable()):
        raise Unsayable
    return f'"{value}"' if isinstance(value, str) else json.dumps(value)
