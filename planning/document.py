"""The plan as a document for people: headings, tables and samples in Markdown."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from planning.previews import preview
from planning.states import AuthMethod, FieldType, Mode
from runtime.spec.mappings import Wanted


def markdown(plan: Mapping[str, Any], *, summary: str = "") -> str:
    """The document of a plan in the shape of `export.document`; it ends with a line break."""
    parts = [
        f"# {_line(plan['name'])}: plan of the destination",
        summary.strip() or "_What it does is not written yet._",
        "## Connection mode",
        _label(Mode, plan["mode"]),
        "## Authentication",
        _label(AuthMethod, plan["auth"]["method"]),
        plan["auth"]["notes"].strip(),
        "## Settings",
        _settings(plan["settings"]),
        "## Actions",
        *(part for action in plan["actions"] for part in _action(action)),
    ]
    if not plan["actions"]:
        parts.append("_There are none yet._")
    return "\n\n".join(part for part in parts if part) + "\n"


def _label(choices: Any, value: str) -> str:
    return str(choices(value).label) + "." if value in choices.values else "_Not chosen yet._"


def _settings(settings: Iterable[Mapping[str, Any]]) -> str:
    rows = [
        (
            setting["label"],
            _code(setting["key"]),
            setting["type"],
            _yes(setting["required"]),
            _yes(setting["sensitive"]),
        )
        for setting in settings
    ]
    return _table(("Label", "Key", "Type", "Required", "Secret"), rows)


def _action(action: Mapping[str, Any]) -> Iterator[str]:
    yield f"### {_line(action['name'])}"
    yield action["description"].strip()
    yield f"Key: {_code(action['key'])}"
    yield (
        f"Runs when: {_code(action['trigger'])}" if action["trigger"].strip() else "_When it runs is not written yet._"
    )
    rows = [
        (field["label"], _code(field["key"]), str(FieldType(field["type"]).label), _yes(field["required"]),
         _code(field["default"]))
        for field in action["fields"]
    ]  # fmt: skip
    yield _table(("Field", "Key", "Type", "Required", "Comes from"), rows)
    yield from _sample(action)


def _sample(action: Mapping[str, Any]) -> Iterator[str]:
    """What it would get from a sample event, where one gets through."""
    shown = preview(action["trigger"], [Wanted(**field) for field in action["fields"]])
    if shown.body:
        yield f"From the sample event {_code(shown.sample)} it gets:"
        yield f"```json\n{shown.body}\n```"


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    if not rows:
        return "_There are none yet._"
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return _line(text).replace("|", "\\|")


def _line(text: str) -> str:
    return " ".join(str(text).split())


def _code(text: str) -> str:
    """As code, fenced so that backticks in it do no harm; "" for nothing."""
    line = _line(text)
    if not line:
        return ""
    fence = "`" * (max((len(run) for run in re.findall(r"`+", line)), default=0) + 1)
    space = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{space}{line}{space}{fence}"


def _yes(value: bool) -> str:
    return "yes" if value else ""
