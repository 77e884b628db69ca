"""The trend of the delivery view as two small charts, each for a desk and for a phone (delivery/_chart.html)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from delivery.numbers import Numbers, Step
from runtime.charts import Box, Column, Tick, columns, line, ticks, top_of

DAY = timedelta(days=1)
FOOT = 24
SHORT, LONG = 1_000, 60_000  # milliseconds


@dataclass(frozen=True, slots=True)
class Size:
    """A drawing of `width` by `height` with `labels` times under it."""

    name: str
    width: int
    height: int
    labels: int

    @property
    def box(self) -> Box:
        return Box(52, 10, self.width - 52 - 8, self.height - 10 - FOOT)


SIZES = (Size("wide", 720, 190, 6), Size("narrow", 340, 170, 3))


@dataclass(frozen=True, slots=True)
class Label:
    x: float
    text: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A column with what it stands for."""

    column: Column
    step: Step


@dataclass(frozen=True, slots=True)
class Chart:
    """One drawing. `ticks` come with the text beside them; `points` are the polylines of a line chart."""

    size: Size
    ticks: list[tuple[Tick, str]]
    labels: list[Label]
    bars: list[Bar]
    points: list[str]

    @property
    def foot(self) -> float:
        return self.size.height - 6


def volume(numbers: Numbers) -> list[Chart]:
    """Delivered below, not delivered on top, for each step."""
    stacks = [(step.delivered, step.failed) for step in numbers.steps]
    top = top_of(max((sum(stack) for stack in stacks), default=0))
    return [_chart(numbers, size, stacks, top, [], "") for size in SIZES]


def times(numbers: Numbers) -> list[Chart]:
    """The 95th percentile of the time end to end, for each step."""
    values = [step.p95_ms for step in numbers.steps]
    top = top_of(max((value for value in values if value is not None), default=0))
    return [_chart(numbers, size, [()] * len(values), top, line(values, top, size.box), "ms") for size in SIZES]


def _chart(
    numbers: Numbers, size: Size, stacks: Sequence[Sequence[float]], top: float, points: list[str], unit: str
) -> Chart:
    box = size.box
    bars = [Bar(column, step) for column, step in zip(columns(stacks, top, box), numbers.steps, strict=True)]
    texts = [(tick, duration(tick.value) if unit == "ms" else short(tick.value)) for tick in ticks(top, box)]
    return Chart(size, texts, _labels(numbers, bars, size), bars, points)


def _labels(numbers: Numbers, bars: list[Bar], size: Size) -> list[Label]:
    """At most so many times, evenly, each under the middle of its column."""
    every = -(-len(bars) // size.labels)
    chosen = bars[every // 2 :: every] if len(bars) > size.labels else bars
    return [Label(bar.column.centre, when(bar.step.start, numbers.period.span)) for bar in chosen]


def when(start: datetime, span: timedelta) -> str:
    """The hour for a day or less, the date otherwise, in the viewer's zone."""
    here = timezone.localtime(start)
    return f"{here:%H:%M}" if span <= DAY else f"{here.day} {here:%b}"


def short(number: float) -> str:
    """1500 → 1.5k."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:g}{letter}"
    return f"{number:g}"


def duration(milliseconds: float) -> str:
    """1500 → 1.5 s."""
    if milliseconds >= LONG:
        return f"{milliseconds / LONG:.3g} min"
    return f"{milliseconds / SHORT:.3g} s" if milliseconds >= SHORT else f"{milliseconds:.3g} ms"
