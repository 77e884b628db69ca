"""Run the benchmarks and print their tables. Exit 1 when a line misses its limit."""

import argparse
import os
import sys
from collections.abc import Iterable

from bench.delivery_lines import deliveries_text, measure_deliveries
from bench.functions import functions_text, measure_functions
from bench.github import github_text, measure_github
from bench.load import Target
from bench.pages import PAGES
from bench.report import Line, Report
from bench.server import WORKERS, Server, environment, note
from bench.suite_lines import measure_suites, suites_text
from bench.tracking import measure_tracking, tracking_text
from tests.services.keeper import Keeper
from tests.services.processes import RUN_VARIABLE

# In each round: requests of one visitor, and of eight at once.
ALONE, TOGETHER, VISITORS = 12, 24, 8
# So that every process has drawn every page before the clock starts.
WARM_UP = 4 * WORKERS


def measure(servers: list[Server], rounds: int) -> list[Line]:
    """Page after page, server after server, one request each: a busy moment hits all of them alike."""
    targets = [(page, server.number, server.target(page)) for page in PAGES for server in servers]
    lines = [(Line(page, number, warm_up(target)), target) for page, number, target in targets]
    measured = [(line, target) for line, target in lines if line.is_measured]
    for turn in range(rounds):
        note(f"Round {turn + 1} of {rounds}")
        for _ in range(ALONE):
            for line, target in measured:
                target.ask_once(line.alone)
        for line, target in measured:
            target.ask_together(line.together, requests=TOGETHER, visitors=VISITORS)
    return [line for line, _ in lines]


def warm_up(target: Target) -> int:
    """The status of the last of a few requests."""
    return [target.status() for _ in range(WARM_UP)][-1]


def run_pages(keeper: Keeper, shared: dict[str, str], sizes: list[int], rounds: int) -> Report:
    """Servers with `sizes` Apps, measured side by side; they are gone when this returns."""
    servers: list[Server] = []
    try:
        servers += [Server(keeper, number, shared) for number in sizes]
        servers[0].python("manage.py", "collectstatic", "--noinput", "--verbosity", "0")  # one VAR_DIR for all
        for server in servers:
            server.start()
        return Report(measure(servers, rounds))
    finally:
        for server in servers:
            server.stop()


def run(parts: list[str], sizes: list[int], rounds: int) -> tuple[str, bool]:
    """The tables of these parts, and whether every line passes. One part after another has the machine for itself."""
    os.environ[RUN_VARIABLE] = f"bench-{os.getpid()}"
    keeper = Keeper(["postgres", "redis"], run=os.environ[RUN_VARIABLE])
    tables: list[str] = []
    passes: list[bool] = []

    def keep(text: str, faults: Iterable[object]) -> None:
        tables.append(text)
        passes.append(not any(faults))

    try:
        shared = environment(keeper.directory)
        if "pages" in parts:
            report = run_pages(keeper, shared, sizes, rounds)
            keep(report.text(), [report.failed])
        if "suites" in parts:
            suites = measure_suites(keeper, shared, rounds)
            keep(suites_text(suites), (line.fault for line in suites))
        if "tracking" in parts:
            tracking = measure_tracking(keeper, shared, rounds)
            keep(tracking_text(tracking), (line.fault for line in tracking))
        if "deliveries" in parts:
            deliveries = measure_deliveries(keeper, shared, rounds)
            keep(deliveries_text(deliveries), (line.fault for line in deliveries))
        if "github" in parts:
            told = measure_github(keeper, shared)
            keep(github_text(told), (line.fault for line in told))
    finally:
        keeper.stop()
    if "functions" in parts:
        functions = measure_functions(rounds)
        keep(functions_text(functions), (line.fault for line in functions))
    return "\n\n".join(tables), all(passes)


PARTS = ("pages", "suites", "tracking", "deliveries", "github", "functions")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description="How long the work takes, beside a floor.")
    parser.add_argument("--apps", type=int, nargs="+", default=[1_000, 10_000], metavar="N", help="sizes to compare")
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--only", choices=PARTS, nargs="+", default=list(PARTS), help="measure these parts")
    options = parser.parse_args()
    text, is_good = run(options.only, sorted(options.apps), options.rounds)
    print(text)
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
