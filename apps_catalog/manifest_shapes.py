"""The shapes that a manifest is made of. One table of them (`manifest_schema`) reads manifests and is the JSON Schema.

A shape reads a value, notes every problem with its path, and goes on; what it refuses becomes `blank()`.
`schema()` says the same for editors that understand JSON Schema, as far as that language goes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from apps_catalog.manifest_rules import Rules
from apps_catalog.manifest_values import Reading, join, one_of, unknown_key

Json = dict[str, Any]


class Shape:
    """A kind of value. `hint` explains it to people who write one."""

    hint: str = ""

    def blank(self) -> Any:
        """What an absent value is taken for."""
        return None

    def read(self, value: Any, path: str, reading: Reading) -> Any:
        raise NotImplementedError

    def absent(self, path: str, reading: Reading) -> Any:
        return self.blank()

    def schema(self) -> Json:
        raise NotImplementedError

    def described(self) -> Json:
        return self.schema() | ({"description": self.hint} if self.hint else {})


@dataclass(frozen=True, slots=True)
class Anything(Shape):
    """Whatever JSON can say; the object around it looks at it."""

    hint: str = ""

    def read(self, value: Any, path: str, reading: Reading) -> Any:
        return value

    def schema(self) -> Json:
        return {}


@dataclass(frozen=True, slots=True)
class Text(Shape):
    """A text of at most `limit` characters; absent or null is "", unless it is `required`.

    `check` picks the check of a value that is there out of the rules that hold.
    """

    hint: str = ""
    limit: int = 100_000
    check: Callable[[Rules], Callable[[str], str]] | None = None
    required: bool = False

    def blank(self) -> str:
        return ""

    def read(self, value: Any, path: str, reading: Reading) -> Any:
        if value is not None and not isinstance(value, str):
            reading.refuse(path, "Must be a text.")
            return ""
        text = value or ""
        if len(text) > self.limit:
            reading.refuse(path, f"At most {self.limit:,} characters; these are {len(text):,}.")
            return ""
        return self.checked(text, path, reading)

    def checked(self, text: str, path: str, reading: Reading) -> Any:
        if self.check is None or not (text or self.required):
            return text
        return reading.checked(self.check(reading.rules), text, path)

    def absent(self, path: str, reading: Reading) -> Any:
        return self.read(None, path, reading)

    def schema(self) -> Json:
        kind: Any = "string" if self.required else ["string", "null"]
        return {"type": kind, "maxLength": self.limit} | ({"minLength": 1} if self.required else {})


@dataclass(frozen=True, slots=True)
class Choice(Shape):
    """One of a few words; absent, null and "" are the `default`."""

    options: tuple[str, ...]
    default: str = ""
    hint: str = ""

    def blank(self) -> str:
        return self.default

    def read(self, value: Any, path: str, reading: Reading) -> str:
        if value in (None, ""):
            return self.default
        if not isinstance(value, str):
            reading.refuse(path, "Must be a text.")
        elif value not in self.options:
            reading.refuse(path, one_of(self.options, value))
        else:
            return value
        return self.default

    def schema(self) -> Json:
        return {"enum": [*self.options, "", None]} | ({"default": self.default} if self.default else {})


@dataclass(frozen=True, slots=True)
class Flag(Shape):
    """True or false; absent is false."""

    hint: str = ""

    def blank(self) -> bool:
        return False

    def read(self, value: Any, path: str, reading: Reading) -> bool:
        if not isinstance(value, bool):
            reading.refuse(path, "Must be true or false.")
            return False
        return value

    def schema(self) -> Json:
        return {"type": "boolean", "default": False}


@dataclass(frozen=True, slots=True)
class Items(Shape):
    """A list; absent or null is []. `most` says how many there may be, `check` looks at all of them together."""

    of: Shape
    most: Callable[[Rules], int] | None = None
    # The rules that the published schema is written for.
    published: Rules | None = None
    check: Callable[[list[Any], str, Reading], list[Any]] | None = None
    hint: str = ""

    def blank(self) -> list[Any]:
        return []

    def read(self, value: Any, path: str, reading: Reading) -> list[Any]:
        if value is None:
            return []
        if not isinstance(value, list):
            reading.refuse(path, "Must be a list.")
            return []
        most = self.most(reading.rules) if self.most else len(value)
        if len(value) > most:
            reading.refuse(path, f"At most {most}; these are {len(value):,}.")
            return []
        found = [self.of.read(each, f"{path}[{index}]", reading) for index, each in enumerate(value)]
        return self.check(found, path, reading) if self.check else found

    def schema(self) -> Json:
        most = {"maxItems": self.most(self.published)} if self.most and self.published else {}
        return {"type": ["array", "null"], "items": self.of.described(), **most}


@dataclass(frozen=True, slots=True)
class Record(Shape):
    """An object with these members and no others. `check` looks at them together."""

    members: Mapping[str, Shape]
    check: Callable[[Json, str, Reading], Json] | None = None
    hint: str = ""
    # Absent or null is an object without members; otherwise null is refused.
    may_be_null: bool = False
    more_schema: Mapping[str, Any] = field(default_factory=dict)

    def blank(self) -> Json:
        return {key: shape.blank() for key, shape in self.members.items()}

    def read(self, value: Any, path: str, reading: Reading) -> Json:
        if value is None and self.may_be_null:
            value = {}
        if not isinstance(value, dict):
            reading.refuse(path, "Must be an object.")
            return self.blank()
        for key in value:
            if key not in self.members:
                reading.refuse(join(path, key), unknown_key(key, self.members))
        found = {key: self._member(key, value, path, reading) for key in self.members}
        return self.check(found, path, reading) if self.check else found

    def _member(self, key: str, value: Json, path: str, reading: Reading) -> Any:
        shape, where = self.members[key], join(path, key)
        return shape.read(value[key], where, reading) if key in value else shape.absent(where, reading)

    def absent(self, path: str, reading: Reading) -> Json:
        return self.read({}, path, reading)

    def schema(self) -> Json:
        required = [key for key, shape in self.members.items() if isinstance(shape, Text) and shape.required]
        return {
            "type": ["object", "null"] if self.may_be_null else "object",
            "properties": {key: shape.described() for key, shape in self.members.items()},
            "additionalProperties": False,
            **({"required": required} if required else {}),
            **self.more_schema,
        }


@dataclass(frozen=True, slots=True)
class Variants(Shape):
    """An object whose member `tag` says which of the records it is."""

    tag: str
    options: Mapping[str, Record]
    hint: str = ""

    def blank(self) -> Json:
        return {self.tag: ""}

    def read(self, value: Any, path: str, reading: Reading) -> Json:
        kind = value.get(self.tag) if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in self.options:
            reading.refuse(join(path, self.tag), one_of(self.options, kind))
            return self.blank()
        record = self.options[kind]
        tagged = replace(record, members={self.tag: Choice((kind,)), **record.members})
        return tagged.read(value, path, reading)

    def schema(self) -> Json:
        return {"anyOf": [self._variant(kind, record) for kind, record in self.options.items()]}

    def _variant(self, kind: str, record: Record) -> Json:
        written = record.schema()
        properties = {self.tag: {"const": kind}, **written["properties"]}
        return {**written, "title": kind, "properties": properties, "required": [self.tag]}
