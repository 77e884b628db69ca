"""The command line: what is asked for, what is sent, how it ends (0 passed, 1 failed, 2 wrong use)."""

import os
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO
from uuid import uuid4

from devcenter_test import VERSION
from devcenter_test.actions import LocalServer, steps
from devcenter_test.errors import UsageError
from devcenter_test.listening import NOT_STARTED, Listening
from devcenter_test.plans import Plan, read_json, read_plan
from devcenter_test.reports import Report, TextStyle, as_json, as_junit
from devcenter_test.values import read_pairs, texts_in
from runtime.egress import BadAddress, BadHeader, EgressPolicy, Limits, check_header_pair, check_url
from runtime.samples import GROUPS
from runtime.signing import BadSecret, key_of
from runtime.suite.plan import Planned, UnknownGroup, single_plan, suite_plan
from runtime.suite.results import row_of
from runtime.suite.running import Result
from runtime.suite.verdicts import Verdict
from runtime.suite.webhook import WebhookCases
from runtime.webhooks import API_KEY, build_request

PASSED, FAILED, USAGE = 0, 1, 2
# Whoever runs this may send to their own machine, by plain http and on every port.
ANYWHERE = EgressPolicy.from_setting("0.0.0.0/0,::/0")
# The local server lists everything that it asked since it was started.
MOST_LISTED = 20_000_000
KEY_VARIABLE, SIGNING_VARIABLE = "DEVCENTER_TEST_API_KEY", "DEVCENTER_TEST_SIGNING_SECRET"

# Hands on each result as it comes, until it is told to stop.
Send = Callable[[Callable[[Result], None], Callable[[], bool]], object]


def main(argv: Sequence[str] | None = None, out: TextIO | None = None, complaints: TextIO | None = None) -> int:
    """Run the command; returns its exit code. Wrong options end the program with 2, as argparse does."""
    out, complaints = out or sys.stdout, complaints or sys.stderr
    options = _parser().parse_args(argv)
    try:
        return _COMMANDS[options.command](options, out)
    except (UsageError, UnknownGroup, BadAddress) as error:
        complaints.write(f"devcenter-test: {error}\n")
        return USAGE
    except BrokenPipeError:  # `| head`
        return FAILED


# --- What is asked for -------------------------------------------------------------------------------


def _parser() -> ArgumentParser:
    parser = ArgumentParser(
        "devcenter-test", description=_DESCRIPTION, epilog=_EPILOG, formatter_class=RawDescriptionHelpFormatter
    )
    parser.add_argument("--version", action="version", version=f"devcenter-test {VERSION}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    webhook = commands.add_parser("webhook", help="send to a subscription webhook")
    webhook.add_argument("url", help="the endpoint, such as http://localhost:5000/segment")
    webhook.add_argument("--api-key", default="", metavar="KEY", help=f"what customers enter; or set {KEY_VARIABLE}")
    webhook.add_argument("--signing-secret", default="", metavar="whsec_…", help=f"sign; or set {SIGNING_VARIABLE}")
    actions = commands.add_parser("actions", help="send to the local server of Segment's actions repository")
    actions.add_argument("url", help="what ./bin/run serve prints, such as http://localhost:3000")
    actions.add_argument("--plan", required=True, type=Path, metavar="FILE", help="the plan, downloaded as JSON")
    actions.add_argument("--auth", action="append", default=[], metavar="accessToken=…", help="OAuth tokens to pass on")
    for each in (webhook, actions):
        _common(each)
    return parser


def _common(parser: ArgumentParser) -> None:
    parser.add_argument("--setting", action="append", default=[], metavar="key=value", help="key:=value for JSON")
    parser.add_argument("--secret", action="append", default=[], metavar="key=value", help="a setting to be masked")
    parser.add_argument("--group", action="append", default=[], metavar="NAME", help=f"of: {', '.join(GROUPS)}")
    parser.add_argument(
        "--event", action="append", default=[], type=Path, metavar="FILE", help="send only this, as JSON"
    )
    parser.add_argument("--format", choices=sorted(_WRITERS), default="text")
    parser.add_argument("--timeout", type=_timeout, default=Limits().total_seconds, metavar="SECONDS")
    parser.add_argument("--verbose", action="store_true", help="show request and answer of what did not pass")


def _timeout(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= 60:
        raise ValueError
    return seconds


_DESCRIPTION = "Sends the Test Suite's events from your machine, and gives the console's verdicts."
_EPILOG = """exit codes: 0 passed (also with kinds of event that are not supported), 1 failed, 2 wrong use.
Colours are off with NO_COLOR. Secrets are masked in everything that is printed."""


# --- Webhooks ----------------------------------------------------------------------------------------


def _webhook(options: Namespace, out: TextIO) -> int:
    check_url(options.url, ANYWHERE)
    key = options.api_key or os.environ.get(KEY_VARIABLE, "")
    if not key:
        raise UsageError(f"Give the API key that your endpoint expects, with --api-key or in {KEY_VARIABLE}.")
    signing = options.signing_secret or os.environ.get(SIGNING_VARIABLE, "")
    shown, secret = read_pairs(options.setting), read_pairs(options.secret)
    values = shown | secret | {API_KEY: key}
    _check_headers(values, signing)
    cases = _events_or_suite(options)
    sender = WebhookCases(
        options.url, values, run_id=uuid4(), policy=ANYWHERE, limits=_limits(options),
        signing_secrets=(signing,) if signing else (),
    )  # fmt: skip
    secrets = [key, *texts_in(secret), *([signing] if signing else [])]
    return _run(options, out, cases, secrets, lambda on_result, should_stop: sender.run(cases, on_result, should_stop))


def _check_headers(values: Mapping[str, Any], signing: str) -> None:
    """Raises UsageError for what cannot be sent as the headers of D10."""
    try:
        for name, value in build_request("https://example.com/", {}, str(values[API_KEY]), values).headers:
            check_header_pair(name, value)
        if signing:
            key_of(signing)
    except BadHeader:
        raise UsageError("Together the settings are too long: they travel in one header.") from None
    except BadSecret as error:
        raise UsageError(f"The signing secret cannot be used. {error}") from None
    except ValueError:
        raise UsageError("A setting has a character that cannot be sent.") from None


def _events_or_suite(options: Namespace) -> list[Planned]:
    events = _events(options)
    if not events:
        return suite_plan(options.group)
    found = [case for event in events for case in single_plan(event)]
    return [Planned(place, f"single-{place}", *_rest(case)) for place, case in enumerate(found, 1)]


def _rest(case: Planned) -> tuple[Any, ...]:
    return case.group, case.type, case.name, case.purpose, case.expectation, case.event, case.expects


def _events(options: Namespace) -> list[dict[str, Any]]:
    """The events of --event: each file holds one, or a list of them."""
    found: list[Any] = []
    for path in options.event:
        content = read_json(path)
        found += content if isinstance(content, list) else [content]
    if any(not isinstance(event, dict) or not isinstance(event.get("type"), str) for event in found):
        raise UsageError(
            'An event is a JSON object with a type, such as {"type": "track", "event": "Order Completed"}.'
        )
    if found and options.group:
        raise UsageError("Use --event or --group, not both.")
    return found


# --- Actions -----------------------------------------------------------------------------------------


def _actions(options: Namespace, out: TextIO) -> int:
    check_url(options.url, ANYWHERE)
    plan = read_plan(options.plan)
    settings, secrets = _settings(plan, options)
    auth = {str(key): str(value) for key, value in read_pairs(options.auth).items()}
    found = steps(plan, options.group, _events(options))
    if not found:
        raise UsageError("None of these groups has anything to send to a local server.")
    limits = replace(_limits(options), max_body=MOST_LISTED)
    server = LocalServer(options.url, settings, auth, policy=ANYWHERE, limits=limits)
    cases = [step.case for step in found]
    hidden = [*secrets, *texts_in(auth)]
    return _run(options, out, cases, hidden, lambda on_result, should_stop: server.run(found, on_result, should_stop))


def _settings(plan: Plan, options: Namespace) -> tuple[dict[str, Any], list[str]]:
    """The settings with their defaults, and every text in them that must not be shown."""
    shown, secret = read_pairs(options.setting, plan.types), read_pairs(options.secret, plan.types)
    given = shown | secret
    unknown = sorted(given.keys() - plan.types.keys())
    if unknown and plan.types:
        raise UsageError(f"“{unknown[0]}” is no setting of this plan. Its settings: {', '.join(plan.types)}.")
    masked = [value for key, value in given.items() if key in plan.secret or key in secret]
    return {**plan.defaults, **given}, texts_in(masked)


# --- Both --------------------------------------------------------------------------------------------


def _limits(options: Namespace) -> Limits:
    return Limits(total_seconds=options.timeout)


def _run(options: Namespace, out: TextIO, cases: Sequence[Planned], secrets: Sequence[str], send: Send) -> int:
    """Send, and write each result down as the format wants it."""
    writer = _WRITERS[options.format](options, out)
    rows: list[dict[str, Any]] = []
    listening = Listening(options.url)

    def keep(result: Result) -> None:
        rows.append(row_of(listening.read(result), secrets))
        writer.row(rows[-1], result.case)

    writer.begin(len(cases))
    send(keep, lambda: listening.is_over)
    for case in cases[len(rows) :]:
        keep(Result(case, Verdict.NOT_RUN, reason=NOT_STARTED))
    report = Report(options.url, rows)
    writer.end(report)
    return PASSED if report.has_passed else FAILED


class _Text:
    """Each row as soon as it is known."""

    def __init__(self, options: Namespace, out: TextIO) -> None:
        self._options, self._out, self._group = options, out, ""
        self._style = TextStyle(_is_coloured(out), _shows(out, "✓–✗·“”"))

    def begin(self, number: int) -> None:
        self._write(f"{number} {'event' if number == 1 else 'events'} to {self._options.url}")

    def row(self, row: Mapping[str, Any], case: Planned) -> None:
        if row["group"] != self._group:
            self._group = row["group"]
            self._write(f"\n{self._style.group(self._group)}".rstrip())
        self._write(self._style.row(row, case, verbose=self._options.verbose))

    def end(self, report: Report) -> None:
        self._write(f"\n{self._style.summary(report)}")

    def _write(self, text: str) -> None:
        encoding = getattr(self._out, "encoding", None) or "utf-8"
        self._out.write(text.encode(encoding, "replace").decode(encoding) + "\n")
        self._out.flush()


class _Whole:
    """One document at the end."""

    def __init__(self, options: Namespace, out: TextIO) -> None:
        self._out = out
        self._as = {"json": as_json, "junit": as_junit}[options.format]

    def begin(self, number: int) -> None:
        """Nothing yet."""

    def row(self, row: Mapping[str, Any], case: Planned) -> None:
        """Nothing yet."""

    def end(self, report: Report) -> None:
        self._out.write(self._as(report) + "\n")


def _is_coloured(out: TextIO) -> bool:
    return out.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _shows(out: TextIO, text: str) -> bool:
    try:
        text.encode(getattr(out, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


_WRITERS: dict[str, Callable[[Namespace, TextIO], _Text | _Whole]] = {"text": _Text, "json": _Whole, "junit": _Whole}
_COMMANDS: dict[str, Callable[[Namespace, TextIO], int]] = {"webhook": _webhook, "actions": _actions}
