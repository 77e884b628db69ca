"""Events typed by hand."""

import pytest
from django.core.exceptions import ValidationError

from delivery.event_text import MAX_EVENT_BYTES, pretty, read_event


def test_what_is_read_is_what_was_typed_in_its_order():
    text = '{"type": "track", "event": "Ü", "b": 1, "a": [1.50, null]}'
    assert list(read_event(text)) == ["type", "event", "b", "a"]
    assert read_event(pretty(read_event(text))) == read_event(text)


@pytest.mark.parametrize(
    "text, words",
    [
        ("", "line 1, column 1"),
        ('{"type": "track",\n "a": }', "line 2, column 7"),
        ('["track"]', "starts with {"),
        ('{"event": "x"}', "type"),
        ('{"type": ["track"]}', "type"),
        ('{"type": "trck"}', "identify, track"),
        ('{"type": "track", "x": NaN}', "NaN"),
        ('{"type": "track", "x": 1e999}', "cannot express"),
        ('{"type": "track", "x": "\\ud800"}', "cannot express"),
        ('{"type": "track", "x": ' + "9" * 5000 + "}", "too long"),
        ('{"type": "track", "x": ' + "[" * 40 + "]" * 40 + "}", "deep"),
        ('{"type": "track", "x": ' + "[" * 100_000 + "]" * 100_000 + "}", "deep"),
        ('{"type": "track", "x": "' + "y" * MAX_EVENT_BYTES + '"}', "bytes"),
    ],
)
def test_what_is_wrong_is_said(text, words):
    with pytest.raises(ValidationError, match=words):
        read_event(text)
