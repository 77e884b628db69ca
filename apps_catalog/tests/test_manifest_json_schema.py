"""The published schema and the reader are one table: what one takes, the other takes."""

import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps_catalog.manifest import export
from apps_catalog.manifest_schema import MANIFEST, examine, json_schema
from apps_catalog.tests.test_manifest import FULL
from tests.counts import count

pytestmark = pytest.mark.django_db

SCHEMA = json_schema("https://example.com/schema.json")
KINDS = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None),
         "number": (int, float), "integer": int}  # fmt: skip


def fits(value, schema):
    """Whether a value is valid by the few words of JSON Schema that we use; any other word fails the test."""
    return all(RULES[word](value, wanted, schema) for word, wanted in schema.items() if word not in NOTES)


NOTES = {"$schema", "$id", "title", "description", "default", "contentEncoding", "format", "items", "examples"}


def _kind(value, wanted, schema):
    names = [wanted] if isinstance(wanted, str) else wanted
    hits = [name for name in names if isinstance(value, KINDS[name])]
    right = bool(set(hits) - ({"number", "integer"} if isinstance(value, bool) else set()))
    return right and not (isinstance(value, list) and not all(fits(each, schema.get("items", {})) for each in value))


def _members(value, wanted, schema):
    return not isinstance(value, dict) or all(fits(value[key], wanted[key]) for key in value if key in wanted)


def _others(value, wanted, schema):
    others = [key for key in value if key not in schema.get("properties", {})] if isinstance(value, dict) else []
    return not others if wanted is False else all(fits(value[key], wanted) for key in others)


RULES = {
    "type": _kind,
    "properties": _members,
    "additionalProperties": _others,
    "required": lambda value, wanted, _: not isinstance(value, dict) or set(wanted) <= set(value),
    "anyOf": lambda value, wanted, _: any(fits(value, each) for each in wanted),
    "enum": lambda value, wanted, _: any(type(value) is type(each) and value == each for each in wanted),
    "const": lambda value, wanted, _: value == wanted,
    "maxLength": lambda value, wanted, _: not isinstance(value, str) or len(value) <= wanted,
    "minLength": lambda value, wanted, _: not isinstance(value, str) or len(value) >= wanted,
    "maxItems": lambda value, wanted, _: not isinstance(value, list) or len(value) <= wanted,
    "minimum": lambda value, wanted, _: not isinstance(value, int) or value >= wanted,
    "pattern": lambda value, wanted, _: not isinstance(value, str) or bool(re.search(wanted, value)),
}


def test_the_full_example_fits_and_so_does_an_exported_app(app):
    assert fits(FULL, SCHEMA)
    assert fits(export(app), SCHEMA)
    assert fits({"$schema": "https://example.com/schema.json", "name": "Acme"}, SCHEMA)


def test_it_names_every_key_of_an_export(app):
    assert set(export(app)) == set(MANIFEST.members) - {"$schema"}
    assert all(shape.hint for shape in MANIFEST.members["settings"].of.members.values())


STRAY = st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=4) | st.lists(st.integers(), max_size=3)


def every_path(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in items:
        yield from every_path(each, (*path, key))


PATHS = [path for path in every_path(FULL) if path]


def put(data, path, value):
    for key in path[:-1]:
        data = data[key]
    data[path[-1]] = value


@pytest.mark.postgres
@settings(max_examples=count(15, 2_000), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.sampled_from(PATHS), STRAY)
def test_what_the_reader_takes_the_schema_takes(db, path, stray):
    data = json.loads(json.dumps(FULL))
    put(data, path, stray)
    _, problems = examine(data)
    assert fits(data, SCHEMA) or problems


@pytest.mark.parametrize(
    "change",
    [
        {"nam": ""}, {"name": 3}, {"name": "x" * 121}, {"components": {}}, {"components": [{"kind": "mobile"}]},
        {"components": [{"kind": "web_plugin", "endpoint": ""}]}, {"settings": [{}]}, {"settings": [{"key": ""}]},
        {"settings": [{"key": "a", "type": "url"}]}, {"settings": [{"key": "a", "required": "yes"}]},
        {"settings": [{"key": "a", "choices": [[]]}]}, {"settings": [{"key": "a", "components": ["x"]}]},
        {"listing": {"desc": ""}}, {"listing": []}, {"listing": {"docs_links": {"blog": ""}}},
        {"listing": {"images": [3]}}, {"listing": {"images": ["a", "b", "c"]}},
    ],
)  # fmt: skip
def test_a_fault_of_the_shape_is_seen_by_both(change):
    data = {"name": "Acme Analytics", **change}
    assert examine(data)[1]
    assert not fits(data, SCHEMA)


def test_it_is_served_for_editors(client, app, settings):
    answer = client.get("/docs/manifest.schema.json")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("application/schema+json")
    assert answer.json()["$id"] == f"{settings.SITE_URL}/docs/manifest.schema.json"
    assert fits(export(app), answer.json())
