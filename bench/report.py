"""What the figures say: the ratios, the verdicts, the table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bench.load import Timing
from bench.pages import EMPTY, FLAT_LIMIT, Page, floor_of

HEAD = (
    "page", "Apps", "p50 ms", "p99 ms", "req/s", "8: p50", "8: p99", "8: req/s",
    "x empty", "x list", "x few", "verdict",
)  # fmt: skip


@dataclass
class Line:
    """One page on one server: its answers to one visitor at a time, and to eight at once."""

    page: Page
    number: int
    status: int = 0
    alone: Timing = field(default_factory=Timing)
    together: Timing = field(default_factory=Timing)

    @property
    def is_measured(self) -> bool:
        return self.status == 200


class Report:
    """All lines of a run; `few` and `many` are the smallest and the largest number of Apps."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = lines
        self._lines: Mapping[tuple[Page, int], Line] = {(line.page, line.number): line for line in lines}
        numbers = [line.number for line in lines]
        self.few, self.many = min(numbers), max(numbers)

    # --- Ratios of medians, for one visitor at a time ---------------------------------------------------

    def to_page(self, line: Line, other: Page) -> float:
        return line.alone.median / self._lines[other, line.number].alone.median

    def to_list(self, line: Line) -> float:
        """How many times the floor's list asked by the same person."""
        return self.to_page(line, floor_of(line.page))

    def to_few(self, line: Line) -> float:
        """How many times the same page with the smallest number of Apps."""
        return line.alone.median / self._lines[line.page, self.few].alone.median

    # --- Verdicts ---------------------------------------------------------------------------------------

    def faults(self, line: Line) -> list[str]:
        """Why a line fails; empty where it does not."""
        if not line.is_measured:
            return [f"status {line.status}"]
        if line.number != self.many:
            return []  # the promises are about many Apps; the smaller size is there to compare with
        found = []
        if line.page.limit and self.to_list(line) > line.page.limit:
            found.append(f"at most {line.page.limit:g}x of the list")
        if line.page.is_flat and self.to_few(line) > FLAT_LIMIT:
            found.append(f"at most {FLAT_LIMIT:g}x of {self.few:,} Apps")
        return found

    @property
    def failed(self) -> int:
        return sum(1 for line in self.lines if self.faults(line))

    # --- The table --------------------------------------------------------------------------------------

    def text(self) -> str:
        shown = table(HEAD, [self._row(line) for line in self.lines])
        return f"{shown}\n\n{len(self.lines) - self.failed} of {len(self.lines)} lines pass."

    def _row(self, line: Line) -> list[str]:
        faults = self.faults(line)
        cells = self._cells(line) if line.is_measured else [""] * (len(HEAD) - 3)
        return [line.page.name, f"{line.number:,}", *cells, f"FAIL: {'; '.join(faults)}" if faults else "PASS"]

    def _cells(self, line: Line) -> list[str]:
        times = [
            f"{value:.{digits}f}"
            for timing in (line.alone, line.together)
            for value, digits in ((timing.median, 1), (timing.p99, 1), (timing.per_second, 0))
        ]
        to_few = f"{self.to_few(line):.2f}" if line.number != self.few else ""
        return [*times, f"{self.to_page(line, EMPTY):.2f}", f"{self.to_list(line):.2f}", to_few]


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as their widest cell: the first and the last to the left, the others to the right."""
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    lines = []
    for row in [head, ["-" * width for width in widths], *rows]:
        first, *middle, last = row
        padded = [cell.rjust(width) for cell, width in zip(middle, widths[1:-1], strict=True)]
        lines.append("  ".join([first.ljust(widths[0]), *padded, last]))
    return "\n".join(lines)
