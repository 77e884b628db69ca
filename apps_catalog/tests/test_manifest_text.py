"""The reader that knows where things stand: the same values as json.loads, and every slip at its place."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps_catalog.manifest_text import MAX_FAULTS, MAX_VALUES, read_text

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def refuse(name):
    raise ValueError(name)


def unique(pairs):
    if len(dict(pairs)) != len(pairs):
        raise ValueError("twice")
    return dict(pairs)


def strictly(text):
    """json.loads without NaN and doubled keys; None for what it refuses."""
    try:
        return [json.loads(text, parse_constant=refuse, object_pairs_hook=unique)]
    except ValueError:
        return None


@given(VALUES, st.sampled_from([None, 2]), st.booleans())
def test_it_reads_what_json_writes(value, indent, ascii_only):
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    found = read_text(text)
    assert not found.faults
    assert json.dumps(found.value) == json.dumps(value)


@given(VALUES, st.data())
def test_it_takes_a_spoilt_text_exactly_when_json_does(value, data):
    text = json.dumps(value)
    at = data.draw(st.integers(0, len(text)))
    spoilt = text[:at] + data.draw(st.sampled_from(['"', ",", "}", "]", " ", "\n", "1", "\\", ""])) + text[at + 1 :]
    found, known = read_text(spoilt), strictly(spoilt)
    assert bool(found.faults) is (known is None)
    if known:
        assert found.value == known[0]


def places(text):
    found = read_text(text)
    return [(*found.place(fault.offset), fault.message) for fault in found.faults]


@pytest.mark.parametrize(
    ("text", "line", "column", "said"),
    [
        ("", 1, 1, "nothing here"),
        ('{\n  "a": 1,\n}', 2, 9, "comma too many"),
        ('{"a": [1,]}', 1, 9, "comma too many"),
        ('{\n  "a": 1\n  "b": 2\n}', 3, 3, "A comma"),
        ('{"a" 1}', 1, 6, "colon"),
        ("{'a': 1}", 1, 2, "double quotes"),
        ('{"a": ‘x’}', 1, 7, "double quotes"),
        ('{"a": True}', 1, 7, "true instead of True"),
        ('{"a": NaN}', 1, 7, "not a number"),
        ('{"a": "b\nc"}', 1, 9, "several lines"),
        ('{"a": "\\x"}', 1, 8, "backslash"),
        ('{"a": "b}', 1, 7, "closing double quote"),
        ('{"a": 1 // one\n}', 1, 9, "no comments"),
        ('{"a": 1', 1, 8, "} is missing"),
        ('{"a":', 1, 6, "value is missing"),
        ('{"a": 1}}', 1, 9, "has ended"),
        ("[" * 300, 1, 102, "too deeply"),
        ("1" * 5_000, 1, 1, "too long"),
        ("[" + "1," * MAX_VALUES + "1]", 1, 2 * MAX_VALUES, "more than 50,000 values"),
    ],
)
def test_a_slip_is_explained_at_its_place(text, line, column, said):
    ((found_line, found_column, message),) = places(text)
    assert (found_line, found_column) == (line, column)
    assert said in message


def test_plain_slips_are_all_told_at_once_and_reading_goes_on():
    text = """{ // ours
  'name': “Acme”,
  slug: None,
  "on": True
  "list": [1, 2,], /* not
  yet */
  "note": "one
two",
}"""
    found = read_text(text)
    assert found.value == {"name": "Acme", "slug": None, "on": True, "list": [1, 2], "note": "one\ntwo"}
    assert [(line, column) for line, column, _ in places(text)] == [
        (1, 3), (2, 3), (2, 11), (3, 3), (3, 9), (4, 9), (5, 3), (5, 16), (5, 20), (7, 15), (8, 5),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": "b, "c": 1}', "lacks its backslash"),
        ('{"a": "b\n "c": 2}', "quote is missing in this line"),
        ("['a\n', 1]", "double quotes"),
        ("[1,,]", "comma too many"),
        ("[1-2]", "A comma or a ]"),
        ("{1: 2}", "A key stands"),
    ],
)
def test_after_a_slip_that_can_mean_anything_reading_ends(text, said):
    found = read_text(text)
    assert said in found.faults[-1].message
    assert found.value is None


def test_so_many_slips_are_enough():
    assert len(read_text("[" + "True," * 5_000 + "1]").faults) == MAX_FAULTS + 1
    assert len(read_text("[" + "//\n" * 5_000 + "1]").faults) == MAX_FAULTS + 1


def test_a_place_is_shown_with_a_caret():
    text = '{\n\t"a": 1,\n\t"b": "' + "x" * 400 + '" "c": 1\n}'
    found = read_text(text)
    near = found.excerpt(found.faults[0].offset, 40)
    assert near.text[near.at :] == '"c": 1'
    assert near.is_cut_before
    assert not near.is_cut_after
    assert near.with_caret().splitlines()[1].index("^") == near.with_caret().splitlines()[0].index('"c"')
    assert read_text('{\n\t"a": 1,\n}').excerpt(9).with_caret() == '2 | \t"a": 1,\n    \t      ^'


def test_every_doubled_key_is_named_with_the_first():
    text = '{\n "a": 1,\n "b": {"c": 1, "c": 2},\n "a": 2\n}'
    assert places(text) == [
        (3, 16, "“c” is there twice; the first is in line 3. Remove one."),
        (4, 2, "“a” is there twice; the first is in line 2. Remove one."),
    ]


def test_a_path_leads_to_its_place_or_to_what_is_around_it():
    text = '{"settings": [{"key": "n"}, {"choices": [1, 2]}], "listing": {}}'
    found = read_text(text)
    marked = {path: text[slice(*found.span(path))] for path in (
        "settings", "settings[0].key", "settings[1].choices", "settings[1].choices[1]",
        "settings[0].type", "listing.website", "name", "a[b", "",
    )}  # fmt: skip
    assert marked == {
        "settings": '"settings"', "settings[0].key": '"key"', "settings[1].choices": '"choices"',
        "settings[1].choices[1]": "2", "settings[0].type": "{", "listing.website": '"listing"', "name": "{",
        "a[b": "{", "": "{",
    }  # fmt: skip
