"""Run the benchmark and print the table. Exit 1 when a page is slower than its limit."""

import argparse
import os
import sys

from bench.functions import functions_text, measure_functions
from bench.load import Target
from bench.pages import PAGES
from bench.report import Line, Report
from bench.server import WORKERS, Server, environment, note
from bench.suite_lines import SuiteLine, measure_suites, suites_text
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


def run(sizes: list[int], rounds: int) -> tuple[Report, list[SuiteLine]]:
    """Servers with `sizes` Apps, measured side by side, then the suites. They are gone when this returns."""
    os.environ[RUN_VARIABLE] = f"bench-{os.getpid()}"
    keeper = Keeper(["postgres", "redis"], run=os.environ[RUN_VARIABLE])
    servers: list[Server] = []
    try:
        shared = environment(keeper.directory)
        servers += [Server(keeper, number, shared) for number in sizes]
        servers[0].python("manage.py", "collectstatic", "--noinput", "--verbosity", "0")  # one VAR_DIR for all
        for server in servers:
            server.start()
        report = Report(measure(servers, rounds))
        for server in servers:
            server.stop()
        return report, measure_suites(keeper, shared, rounds)
    finally:
        for server in servers:
            server.stop()
        keeper.stop()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description="How long the pages take, beside a floor.")
    parser.add_argument("--apps", type=int, nargs="+", default=[1_000, 10_000], metavar="N", help="sizes to compare")
    parser.add_argument("--rounds", type=int, default=6)
    options = parser.parse_args()
    report, suites = run(sorted(options.apps), options.rounds)
    functions = measure_functions(options.rounds)
    print(report.text(), suites_text(suites), functions_text(functions), sep="\n\n")
    faults = [line.fault for line in suites] + [line.fault for line in functions]
    return 1 if report.failed or any(faults) else 0


if __name__ == "__main__":
    sys.exit(main())
