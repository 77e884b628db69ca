"""Where things stand in a chart: columns, a line and ticks in the units of an SVG, without any drawing.

Pure numbers, so that a template writes the SVG and a test reads it. y grows downwards, as in SVG.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
TICKS = 4


@dataclass(frozen=True, slots=True)
class Box:
    """The plot area within an SVG, in its units."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across the chart at `y` that stands for `value`."""

    value: float
    y: float


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of a column; `series` is its place in what was given for that column."""

    series: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Column:
    """What stands at one place of the x axis: from `x` on, `width` wide, with its `centre`."""

    x: float
    width: float
    centre: float
    segments: tuple[Segment, ...]


def top_of(highest: float) -> float:
    """The end of an axis from 0 that shows `highest`, in steps that people count in."""
    return _step(highest) * TICKS


def ticks(top: float, box: Box) -> list[Tick]:
    """Evenly from 0 to `top`, the lowest first."""
    return [Tick(top * part / TICKS, _y(top * part / TICKS, top, box)) for part in range(TICKS + 1)]


def columns(stacks: Sequence[Sequence[float]], top: float, box: Box, gap: float = 0.25) -> list[Column]:
    """A column for each stack of values, the first value at the bottom. `gap`: part of a place that stays empty."""
    place = box.width / max(1, len(stacks))
    made = []
    for number, stack in enumerate(stacks):
        x = box.left + number * place
        bar, width = x + place * gap / 2, place * (1 - gap)
        made.append(Column(_r(x), _r(place), _r(x + place / 2), tuple(_segments(stack, top, box, bar, width))))
    return made


def line(values: Sequence[float | None], top: float, box: Box) -> list[str]:
    """The `points` of polylines through the middles of the places; a None breaks the line in two.

    A value that stands alone is given twice, so that a round cap draws it as a dot.
    """
    place = box.width / max(1, len(values))
    runs: list[list[str]] = [[]]
    for number, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(f"{_r(box.left + (number + 0.5) * place)},{_r(_y(value, top, box))}")
    return [" ".join(run if len(run) > 1 else run * 2) for run in runs if run]


def _segments(stack: Sequence[float], top: float, box: Box, x: float, width: float) -> list[Segment]:
    made, below = [], 0.0
    for series, value in enumerate(stack):
        if value > 0:
            y, bottom = _y(below + value, top, box), _y(below, top, box)
            made.append(Segment(series, _r(x), _r(y), _r(width), _r(bottom - y)))
        below += max(0.0, value)
    return made


def _step(highest: float) -> float:
    """The smallest of 1, 2, 2.5, 5 … times a power of ten that reaches `highest` in TICKS steps; at least 1."""
    wanted = max(highest / TICKS, 1.0)
    power = 10.0 ** floor(log10(wanted))
    whole = [step * power for step in STEPS if (step * power).is_integer() and step * power >= wanted]
    return whole[0] if whole else 10 * power


def _y(value: float, top: float, box: Box) -> float:
    return _r(box.bottom - box.height * min(value, top) / top)


def _r(value: float) -> float:
    return round(value, 2)
