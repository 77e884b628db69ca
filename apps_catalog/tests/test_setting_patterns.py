import time

import pytest
from django.core.exceptions import ValidationError

from apps_catalog import setting_patterns
from apps_catalog.setting_patterns import TooSlow, clean_fast_pattern, matches, try_pattern

EXPLODES = ["(a+)+$", "(a|aa)+$", "([a-zA-Z]+)*$", r"(\d+)*x", r"(?:\w+\s?)+$", "(.*)*y"]
FINE = ["[a-z]+", r"\d{4}-\d{2}", "^(eu|us)-[a-z]+$", r"https://[^/]+\.example(/.*)?", r"[A-Za-z0-9+/]{20,}={0,2}", ""]


def test_the_whole_value_has_to_match():
    assert matches([("[a-z]+", "abc"), ("[a-z]+", "abc1"), (r"\w+", "é\n")]) == [True, False, False]
    assert matches([]) == []


@pytest.mark.parametrize("pattern", EXPLODES)
def test_a_pattern_that_explodes_is_not_taken(pattern):
    with pytest.raises(ValidationError, match="too long"):
        clean_fast_pattern(pattern)


@pytest.mark.parametrize("pattern", FINE)
def test_ordinary_patterns_are(pattern):
    assert clean_fast_pattern(pattern) == pattern


def test_one_that_got_in_all_the_same_is_stopped():
    started = time.monotonic()
    with pytest.raises(TooSlow):
        matches([("(a+)+$", "a" * 40 + "!")], seconds=0.3)
    assert time.monotonic() - started < 10


def test_no_more_than_a_few_run_at_once(monkeypatch):
    monkeypatch.setattr(setting_patterns, "_seats", setting_patterns.BoundedSemaphore(1))
    setting_patterns._seats.acquire()
    with pytest.raises(TooSlow):
        matches([("a", "a")], seconds=0.05)


@pytest.mark.parametrize(
    ("pattern", "text", "found", "words"),
    [
        ("[a-z]+", "abc", True, "It matches"),
        ("[a-z]+", "abc1", False, "whole value"),
        ("(", "abc", None, "not a regular expression"),
        ("", "abc", None, "Enter a pattern"),
        ("(a+)+$", "a" * 40 + "!", None, "stopped"),
    ],
)
def test_what_the_tester_says(pattern, text, found, words):
    matched, said = try_pattern(pattern, text)
    assert matched is found
    assert words in said
