import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from apps_catalog.setting_values import as_text, read_text

TEXTS = st.text(max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
NOTHING = (None, "", [], {})


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("string", " a b ", " a b "),
        ("boolean", "True", True),
        ("boolean", "false", False),
        ("number", "10", 10),
        ("number", "-2.5", -2.5),
        ("array", "one\n\n two ", ["one", "two"]),
        ("array", '["a", 1]', ["a", 1]),
        ("array", "[draft] one", ["[draft] one"]),
        ("text-map", "a = b\nc=d=e", {"a": "b", "c": "d=e"}),
        ("text-map", '{"a": "b"}', {"a": "b"}),
        ("map", '{"a": 1}', {"a": 1}),
        ("mixed", "[1, 2]", [1, 2]),
        ("color", " #FFF ", "#FFF"),
        ("color", "rgba(46, 49, 51, 0.6)", "rgba(46, 49, 51, 0.6)"),
        ("map", "  ", None),
    ],
)
def test_what_a_text_stands_for(kind, text, value):
    if text.startswith("[draft]"):
        with pytest.raises(ValidationError, match="not JSON"):
            read_text(kind, text)
    else:
        assert read_text(kind, text) == value


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        ("boolean", "perhaps", "true or false"),
        ("number", "many", "number"),
        ("text-map", "no pair", "name = value"),
        ("text-map", '{"a": 1}', "must be a text"),
        ("map", "[1]", "JSON object"),
        ("mixed", "{", "not JSON"),
        ("mixed", "NaN", "not JSON"),
        ("mixed", "[" * 100_000, "not JSON"),
        ("color", "red; background: url(x)", "colour such as"),
    ],
)
def test_what_cannot_be_read_is_explained(kind, text, words):
    with pytest.raises(ValidationError, match=words):
        read_text(kind, text)


@given(st.lists(JSON, max_size=4))
def test_every_list_survives_the_text(value):
    assert value in NOTHING or read_text("array", as_text("array", value)) == value


@given(st.dictionaries(TEXTS, TEXTS, max_size=4))
def test_every_text_map_survives_the_text(value):
    assert value in NOTHING or read_text("text-map", as_text("text-map", value)) == value


@given(JSON)
def test_every_json_value_survives_the_text(value):
    if value not in NOTHING and not isinstance(value, str):
        assert read_text("mixed", as_text("mixed", value)) == value
