"""What separates two manifests, in words and line by line."""

from hypothesis import given
from hypothesis import strategies as st

from apps_catalog.manifest_changes import MAX_COMPARED, changes, rows

EMPTY_LISTING = {"description": "", "website": "", "docs_links": {"partner": ""}, "images": []}
BASE = {
    "name": "Acme", "slug": "acme",
    "components": [{"kind": "subscription_webhook", "endpoint": "https://a.example/"}],
    "settings": [{"key": "apiKey", "label": "API Key", "required": True},
                 {"key": "host", "label": "Host", "required": False}],
    "listing": EMPTY_LISTING,
}  # fmt: skip
LINES = st.lists(st.sampled_from(["a", "b", "c", "{", "}"]), max_size=30)


def said(**other):
    return [(change.kind, change.part, change.text) for change in changes(BASE, {**BASE, **other})]


def test_equal_manifests_have_no_changes():
    assert said() == []


def test_each_part_is_put_in_words():
    assert said(
        name="Acme Cloud",
        components=[{"kind": "web_plugin", "code": ""}],
        settings=[{"key": "token", "label": "Token"}, {"key": "apiKey", "label": "Key", "required": True}],
        listing={**EMPTY_LISTING, "website": "https://acme.example/", "docs_links": {"partner": "x" * 99}},
    ) == [
        ("changed", "Name", "“Acme” becomes “Acme Cloud”. The web address stays."),
        ("removed", "Components", "The Subscription webhook goes, and its tests with it."),
        ("added", "Components", "The Web plugin is added."),
        ("changed", "Settings", "“apiKey”: label: “API Key” becomes “Key”."),
        ("removed", "Settings", "“host” goes. Customers who filled it in lose their value."),
        ("added", "Settings", "“token” is added."),
        ("added", "Listing", "The website is filled in: “https://acme.example/”."),
        ("added", "Listing", "The link to your documentation is filled in: a text of 99 characters."),
    ]


def test_order_and_truth_are_changes_too():
    api_key, host = BASE["settings"]
    assert said(settings=[host, api_key]) == [("changed", "Settings", "Their order changes.")]
    assert said(settings=[api_key, {**host, "required": True}]) == [
        ("changed", "Settings", "“host”: required: no becomes yes.")
    ]


def test_one_changed_line_stands_between_its_neighbours():
    before = "\n".join(map(str, range(30)))
    found = rows(before, before.replace("\n15\n", "\nfifteen\n"))
    assert [(row.kind, row.text) for row in found] == [
        ("gap", "12 lines stay as they are"), ("same", "12"), ("same", "13"), ("same", "14"),
        ("removed", "15"), ("added", "fifteen"),
        ("same", "16"), ("same", "17"), ("same", "18"), ("gap", "11 lines stay as they are"),
    ]  # fmt: skip
    assert [(row.before, row.after) for row in found[4:6]] == [(16, None), (None, 16)]


@given(LINES, LINES)
def test_the_rows_hold_both_texts(old, new):
    found = rows("\n".join(old), "\n".join(new))
    removed = [row for row in found if row.kind == "removed"]
    added = [row for row in found if row.kind == "added"]
    before, after = "\n".join(old).split("\n"), "\n".join(new).split("\n")
    assert all(before[row.before - 1] == row.text for row in found if row.before)
    assert all(after[row.after - 1] == row.text for row in found if row.after)
    assert len(before) - len(removed) == len(after) - len(added)
    assert bool(removed or added) is (before != after)


def test_very_different_texts_are_not_compared_line_by_line():
    old, new = ["a", "b"] * MAX_COMPARED, ["b", "a"] * MAX_COMPARED
    found = rows("\n".join(old), "\n".join(new))
    assert [row.kind for row in found].count("removed") == 2 * MAX_COMPARED
