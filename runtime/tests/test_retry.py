"""Retry times (D30)."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.retry import GIVE_UP_AFTER, LONGEST_LANE_GAP, lane_gap, next_try, retry_after

NOW = datetime(2026, 3, 12, 17, 0, tzinfo=UTC)


def tries_of(chance: float) -> list[datetime]:
    """The tries of an event that always fails."""
    made = [NOW]
    while at := next_try(len(made), NOW, made[-1], chance=lambda: chance):
        made.append(at)
    return made


@pytest.mark.parametrize("chance", [0.0, 0.5, 0.999])
def test_a_failing_event_is_tried_about_ten_times_within_four_hours(chance):
    made = tries_of(chance)
    gaps = [later - earlier for earlier, later in pairwise(made)]
    assert 8 <= len(made) <= 16
    assert made[-1] <= NOW + GIVE_UP_AFTER
    assert gaps == sorted(gaps)


@given(tries=st.integers(1, 10_000), chance=st.floats(0, 1, exclude_max=True))
def test_no_time_is_in_the_past_or_beyond_the_four_hours(tries, chance):
    at = next_try(tries, NOW, NOW, chance=lambda: chance)
    assert at is None or NOW < at <= NOW + GIVE_UP_AFTER


def test_chance_moves_a_gap_both_ways():
    early, late = (next_try(3, NOW, NOW, chance=lambda c=c: c) for c in (0.0, 1.0))
    assert (early - NOW, late - NOW) == (timedelta(seconds=30), timedelta(seconds=90))


def test_retry_after_is_obeyed():
    wanted = NOW + timedelta(hours=2)
    assert next_try(1, NOW, NOW, not_before=wanted) == wanted
    assert next_try(1, NOW, NOW, not_before=NOW + timedelta(seconds=1)) > NOW + timedelta(seconds=1)
    assert next_try(1, NOW, NOW, not_before=NOW + timedelta(hours=5)) is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("0", 0), ("120", 120), (" 7 ", 7), ("86399", 86_399), ("999999999999999999", 86_400), ("9" * 5000, 86_400),
     ("Thu, 12 Mar 2026 17:01:00 GMT", 60), ("Thu, 12 Mar 2099 17:01:00 GMT", 86_400)],
)  # fmt: skip
def test_what_a_retry_after_header_says(value, seconds):
    assert retry_after(value, NOW) == NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize("value", ["", "soon", "-5", "1.5", "²", "Thu, 12 Mar 2020 17:01:00 GMT", "Thu, 99 Foo"])
def test_a_header_that_says_nothing(value):
    assert retry_after(value, NOW) is None


def test_a_destination_that_does_not_answer_is_left_alone_for_longer_and_longer():
    gaps = [lane_gap(failures, lambda: 0.5) for failures in range(1, 40)]
    assert gaps[0] == timedelta(seconds=1)
    assert gaps == sorted(gaps)
    assert gaps[-1] == LONGEST_LANE_GAP
