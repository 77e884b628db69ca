"""Coordinates of charts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.charts import TICKS, Box, columns, line, ticks, top_of

BOX = Box(left=50, top=10, width=600, height=160)
numbers = st.floats(min_value=0, max_value=1e12)


@pytest.mark.parametrize("highest, top", [(0, 4), (4, 4), (5, 8), (9, 20), (123, 200), (400, 400), (4001, 8000)])
def test_an_axis_ends_at_a_number_that_people_count_in(highest, top):
    assert top_of(highest) == top


@given(numbers)
def test_an_axis_shows_the_highest_and_wastes_little(highest):
    top = top_of(highest)

    assert top >= highest
    assert top <= max(4, 2.6 * highest)
    assert all((top * part / TICKS).is_integer() for part in range(TICKS + 1))


def test_ticks_stand_evenly_from_the_foot_to_the_top():
    found = ticks(8, BOX)

    assert [tick.value for tick in found] == [0, 2, 4, 6, 8]
    assert [tick.y for tick in found] == [170, 130, 90, 50, 10]


def test_columns_stack_upwards_and_leave_a_gap():
    first, second, third = columns([(1, 2), (0, 0), (0, 3)], 4, BOX)

    assert [(part.series, part.y, part.height) for part in first.segments] == [(0, 130, 40), (1, 50, 80)]
    assert second.segments == ()
    assert [(part.series, part.y, part.height) for part in third.segments] == [(1, 50, 120)]
    assert first.segments[0].x > first.x
    assert (first.x, first.centre, second.x) == (50, 150, 250)


@given(st.lists(st.tuples(numbers, numbers), max_size=40))
def test_nothing_is_drawn_outside_the_box(stacks):
    top = top_of(max((sum(stack) for stack in stacks), default=0))
    for column in columns(stacks, top, BOX):
        for part in column.segments:
            assert BOX.left <= part.x <= part.x + part.width <= BOX.right + 0.02
            assert BOX.top - 0.02 <= part.y <= part.y + part.height <= BOX.bottom + 0.02


def test_a_line_breaks_where_nothing_is_known_and_a_lone_value_is_a_dot():
    assert line([4, None, 2, 0], 4, BOX) == ["125.0,10.0 125.0,10.0", "425.0,90.0 575.0,170.0"]
    assert line([], 4, BOX) == []
    assert line([None], 4, BOX) == []
