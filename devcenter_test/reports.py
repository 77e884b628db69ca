"""A finished run as text, as the JSON of `run_suite`, and as JUnit XML for build servers."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree  # writes only; nothing is parsed here

from runtime.samples import GROUPS
from runtime.suite.plan import Planned
from runtime.suite.results import apart
from runtime.suite.running import run_verdict
from runtime.suite.verdicts import COLOURING, PASSING, WORDS, Verdict

Row = Mapping[str, Any]
JSON_KEYS = ("id", "group", "type", "name", "verdict", "status", "duration_ms", "request", "response", "message")
_MARKS = {Verdict.GREEN: "✓", Verdict.YELLOW: "–", Verdict.RED: "✗", Verdict.NOT_RUN: "·"}
_PLAIN_MARKS = {Verdict.GREEN: "ok", Verdict.YELLOW: "--", Verdict.RED: "XX", Verdict.NOT_RUN: ".."}
_COLOURS = {Verdict.GREEN: "32", Verdict.YELLOW: "33", Verdict.RED: "31", Verdict.NOT_RUN: "90"}
_ADVICE = "advice"


@dataclass(frozen=True, slots=True)
class Report:
    """The rows (`runtime.suite.results.row_of`) of a run, in the order in which the cases were put."""

    target: str
    rows: Sequence[Row]

    @property
    def verdict(self) -> Verdict:
        return run_verdict([(row["group"], row["verdict"]) for row in self.rows])

    @property
    def has_passed(self) -> bool:
        return self.verdict in PASSING


def is_advice(row: Row) -> bool:
    """Red in a group that does not count against the run."""
    return row["verdict"] == Verdict.RED and row["group"] not in COLOURING


# --- Text --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TextStyle:
    """How a terminal is written to: in colour, and with marks that it can show."""

    colour: bool
    unicode: bool

    def row(self, row: Row, case: Planned, *, verbose: bool = False) -> str:
        """One case: its verdict, and what to do about it where it did not pass."""
        verdict = Verdict(row["verdict"])
        word = _ADVICE if is_advice(row) else WORDS[verdict]
        numbers = f"{row.get('status') or '':>3} {_time(row):>8}"
        head = f"{self._mark(verdict)} {word:14} {numbers}  {row['type']:9} {row['name']}"
        lines = [self._paint(verdict, head.rstrip())]
        if verdict != Verdict.GREEN:
            lines += [f"    {line}" for line in _explanation(row)]
        if verbose and verdict != Verdict.GREEN:
            lines += [f"    {line}" for line in _exchange(row)]
        return "\n".join(lines)

    def group(self, name: str) -> str:
        info = GROUPS.get(name)
        if info is None:
            return ""
        return info.title if info.required else f"{info.title} (advice: it does not count against you)"

    def summary(self, report: Report) -> str:
        found = Counter(_ADVICE if is_advice(row) else WORDS[row["verdict"]] for row in report.rows)
        order = [*WORDS.values(), _ADVICE]
        counts = ", ".join(f"{found[word]} {word}" for word in order if found[word])
        verdict = report.verdict
        return self._paint(verdict, f"Verdict: {verdict}") + f" ({counts or 'nothing was sent'})"

    def _mark(self, verdict: Verdict) -> str:
        return (_MARKS if self.unicode else _PLAIN_MARKS)[verdict]

    def _paint(self, verdict: Verdict, text: str) -> str:
        return f"\x1b[{_COLOURS[verdict]}m{text}\x1b[0m" if self.colour else text


def _time(row: Row) -> str:
    milliseconds = row.get("duration_ms")
    return "" if milliseconds is None else f"{milliseconds:,.0f} ms"


def _explanation(row: Row) -> list[str]:
    meaning, own = apart(row.get("message", ""))
    lines = [meaning, f"It said: “{own}”" if own else ""]
    lines += [f"Likely cause: {row['cause']}" if row.get("cause") else ""]
    lines += [f"What to do: {row['fix']}" if row.get("fix") else ""]
    return [line for line in lines if line]


def _exchange(row: Row) -> list[str]:
    """Request and answer as they went, secrets masked."""
    request, response = row.get("request"), row.get("response")
    lines = [f"> {request['start_line']}", *_message(request, ">")] if request else []
    lines += [f"< {response['status']} {response['reason']}", *_message(response, "<")] if response else []
    return [_printable(line) for line in lines]


def _message(record: Mapping[str, Any], sign: str) -> list[str]:
    headers = [f"{sign} {name}: {value}" for name, value in record["headers"]]
    return [*headers, sign, *(f"{sign} {line}" for line in record["body"]["content"].splitlines())]


def _printable(text: str) -> str:
    """What a server sends must not steer the terminal."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


# --- For programs ------------------------------------------------------------------------------------


def as_json(report: Report) -> str:
    """The object that `run_suite --json` prints."""
    cases = [_case(row) for row in report.rows]
    return json.dumps({"verdict": report.verdict, "cases": cases}, ensure_ascii=False, indent=2)


def _case(row: Row) -> dict[str, Any]:
    named = {"id": row["case_id"], "message": ""} | dict(row)
    return {key: named.get(key) for key in JSON_KEYS}


def as_junit(report: Report) -> str:
    """One test suite; yellow and advice are skipped tests, whatever else did not pass is a failure."""
    rows = report.rows
    failed = [row for row in rows if _tag(row) == "failure"]
    skipped = [row for row in rows if _tag(row) == "skipped"]
    suite = ElementTree.Element(
        "testsuite", name=_clean(f"devcenter-test {report.target}"), tests=str(len(rows)), errors="0",
        failures=str(len(failed)), skipped=str(len(skipped)), time=_seconds(sum(_duration(row) for row in rows)),
    )  # fmt: skip
    for row in rows:
        case = ElementTree.SubElement(
            suite, "testcase", classname=f"devcenter-test.{row['group']}",
            name=_clean(f"{row['case_id']}: {row['name']}"), time=_seconds(_duration(row)),
        )  # fmt: skip
        if tag := _tag(row):
            lines = _explanation(row)
            note = ElementTree.SubElement(case, tag, message=_clean(lines[0] if lines else ""))
            note.text = _clean("\n".join(lines))
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True)


def _tag(row: Row) -> str:
    if row["verdict"] == Verdict.GREEN:
        return ""
    return "skipped" if row["verdict"] == Verdict.YELLOW or row["group"] not in COLOURING else "failure"


def _duration(row: Row) -> float:
    return float(row.get("duration_ms") or 0.0)


def _seconds(milliseconds: float) -> str:
    return f"{milliseconds / 1000:.3f}"


def _clean(text: str) -> str:
    """Without what XML cannot hold."""
    return "".join(char for char in text if char in "\t\n" or (char.isprintable() and char not in "\ufffe\uffff"))
