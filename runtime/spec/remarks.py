"""What Segment's spec has to say about one planned action: its trigger, and where its fields come from (D28, D40)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from runtime.spec import names, triggers
from runtime.spec.events import samples
from runtime.spec.mappings import TAKES, Wanted, fit, path_of
from runtime.spec.paths import MISSING, BadPath, Path
from runtime.spec.reserved import kind_of, usual_property, usual_trait


@dataclass(frozen=True, slots=True)
class Remark:
    """`field` is the key of the field that it is about, "" for the trigger. One that `blocks` has to be mended."""

    text: str
    field: str = ""
    blocks: bool = False


def about(trigger: str, fields: Sequence[Wanted]) -> list[Remark]:
    """Everything there is to say about an action, what blocks first."""
    condition, found = _read(trigger)
    kinds = triggers.types_of(condition) if condition else ()
    if condition:
        found += _of_trigger(condition, kinds)
    for field in fields:
        found += _of_field(field, kinds)
    if condition and kinds:
        found += _of_samples(condition, fields)
    return sorted(found, key=lambda remark: not remark.blocks)


def _read(trigger: str) -> tuple[triggers.Condition | None, list[Remark]]:
    if not trigger.strip():
        return None, [Remark("Say on which events it runs.", blocks=True)]
    try:
        return triggers.parse(trigger), []
    except triggers.BadTrigger as problem:
        return None, [Remark(f"{problem} (at character {problem.at + 1})", blocks=True)]


# --- The trigger -----------------------------------------------------------------------------------------


def _of_trigger(condition: triggers.Condition, kinds: Sequence[str]) -> Iterator[Remark]:
    yield from _unknown_types(condition)
    if not kinds:
        yield Remark("No event can meet this condition. Look at the types it asks for.", blocks=True)
    elif len(kinds) == len(triggers.TYPES):
        yield Remark('It runs for every type of event, deletions too. Name the types: type = "track", for example.')
    for name in triggers.event_names(condition):
        yield from _event_name(name)
    yield from _names_in([each.path for each in triggers.comparisons(condition)], "")


def _unknown_types(condition: triggers.Condition) -> Iterator[Remark]:
    for each in triggers.comparisons(condition):
        if each.path.steps == ("type",) and each.operator in ("=", "!=") and each.value not in triggers.TYPES:
            yield Remark(f"There is no type “{each.value}”. Types are {', '.join(triggers.TYPES)}.", blocks=True)


def _event_name(name: str) -> Iterator[Remark]:
    """D40: the name that the spec has for it, and how it is written."""
    standard = names.standard_event(name)
    if standard and standard.lower() != name.lower():
        text = f"Segment’s spec calls “{name}” “{standard}”. Customers who follow it never send “{name}”."
        yield Remark(text, blocks=True)
    elif not names.is_proper_case(name):
        right = standard or names.proper_case(name)
        yield Remark(f"Segment’s spec writes names of events like “{right}”, not “{name}”.")


# --- The fields ------------------------------------------------------------------------------------------


def _of_field(field: Wanted, kinds: Sequence[str]) -> Iterator[Remark]:
    if not field.default.strip():
        if field.required:
            yield Remark("It is required and has no default, so every customer has to map it.", field.key)
        return
    try:
        path = path_of(field.default)
    except BadPath as problem:
        yield Remark(str(problem), field.key, blocks=True)
        return
    if path is None:
        yield from _fixed(field)
    else:
        yield from _mapped(field, path, kinds)


def _fixed(field: Wanted) -> Iterator[Remark]:
    if field.type == "password":
        text = "A secret does not belong into a default, which everybody can read. Make it a setting."
        yield Remark(text, field.key, blocks=True)
    elif fit(field.default.strip(), field.type) is MISSING:
        text = f"“{field.default}” does not fit its type. For a part of the event, begin with $."
        yield Remark(text, field.key, blocks=True)


def _mapped(field: Wanted, path: Path, kinds: Sequence[str]) -> Iterator[Remark]:
    if field.type == "password":
        text = "Events carry no secrets. Make it a setting, which is kept encrypted."
        yield Remark(text, field.key, blocks=True)
    kind = kind_of(path)
    if kind and field.type in TAKES and kind not in TAKES[field.type] and field.type != "password":
        text = f"In Segment’s spec {path} is {kind}, which does not fit the type of this field."
        yield Remark(text, field.key, blocks=True)
    yield from _absent(path, kinds, field)
    yield from _names_in([path], field.key)


def _absent(path: Path, kinds: Sequence[str], field: Wanted) -> Iterator[Remark]:
    """Where the trigger lets in types of event that do not have the part."""
    without = [kind for kind in kinds if not triggers.has_root(kind, path.root)]
    if kinds and len(without) == len(kinds):
        text = f"{_and(without)} events have no {path.root}.{_instead(path, without)}"
        yield Remark(text, field.key, blocks=True)
    elif without and field.required:
        yield Remark(f"It is required, but {_and(without)} events have no {path.root}.", field.key)


def _instead(path: Path, kinds: Sequence[str]) -> str:
    if path.root == "traits" and path.field:
        return f" Where the customer’s library adds them, they are at $.context.traits.{path.field}."
    if path.root == "properties" and set(kinds) <= {"identify", "group"}:
        return " What is known about a person or a company is in $.traits."
    return ""


def _names_in(paths: Iterable[Path], key: str) -> Iterator[Remark]:
    """D40: properties in snake_case; traits that the spec knows by another name."""
    for path in paths:
        name = path.field
        if path.root == "properties" and name and (usual := usual_property(name)):
            yield Remark(f"Segment’s spec calls the property “{name}” “{usual}”.", key, blocks=True)
        elif path.root == "properties" and name and not names.is_snake_case(name):
            yield Remark(f"Properties are written in snake_case: “{names.snake_case(name)}”, not “{name}”.", key)
        elif path.root == "traits" and name and (usual := usual_trait(name)):
            yield Remark(f"Segment’s spec calls the trait “{name}” “{usual}”. Customers may send either.", key)


def _of_samples(condition: triggers.Condition, fields: Sequence[Wanted]) -> Iterator[Remark]:
    """Required fields that none of the sample events that get through has."""
    events = [event for event in samples().values() if triggers.matches(condition, event)]
    for field in fields if events else ():
        try:
            path = path_of(field.default) if field.required else None
        except BadPath:
            continue
        if path and all(path.read(event) in (MISSING, None) for event in events):
            text = "It is required, and none of the sample events that get through has it."
            yield Remark(text, field.key)


def _and(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
