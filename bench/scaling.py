"""Measures the claims of docs/scaling.md on a PostgreSQL of its own: `python -m bench.scaling`.

It works on the product's own tables, with SQL of its own where a thousand times as many rows are needed as the
product makes in a minute. Not a part of `make bench`, whose limits are about what the product does today.
"""

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import psycopg2

from bench import scaling_sql as sql
from bench.report import table
from bench.scaling_retries import outages
from bench.server import ROOT, environment, note
from tests.services.daemons import Daemon
from tests.services.keeper import shared_directory
from tests.services.postgres import Postgres
from tests.services.templates import create_database

Work = Callable[[Any], object]  # gets a cursor
DAY = 500_000  # events of the day that is thrown away
FEW, MANY = 100_000, 1_000_000
SECONDS = 2.0  # of each measurement of a rate
CLIENTS = (1, 2, 4)


@dataclass(frozen=True)
class Claim:
    """What is said, what was measured, and what it has to be; `holds` says whether it is."""

    text: str
    measured: str
    wanted: str = ""
    holds: bool = True


class Database:
    """A migrated database; one connection for what is done once, as many as wanted for rates."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection = self.connect()

    def connect(self) -> Any:
        connection = psycopg2.connect(self._url)
        connection.autocommit = True
        return connection

    def do(self, *statements: str) -> float:
        """Seconds that they take together."""
        started = time.perf_counter()
        with self._connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        return time.perf_counter() - started

    def ask(self, statement: str) -> Any:
        """The first column of the first row."""
        with self._connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchone()[0]

    def wal_of(self, *statements: str) -> int:
        """Bytes that they add to the write-ahead log."""
        before = self.ask("SELECT pg_current_wal_insert_lsn()")
        self.do(*statements)
        return int(self.ask(f"SELECT pg_current_wal_insert_lsn() - '{before}'::pg_lsn"))

    def rate(self, work: Work, clients: int = 1, seconds: float = SECONDS) -> float:
        """Calls of `work` per second, by so many clients at once."""
        counts, end = [0] * clients, time.perf_counter() + seconds
        connections = [self.connect() for _ in range(clients)]

        def go_on(number: int) -> None:
            with connections[number].cursor() as cursor:
                while time.perf_counter() < end:
                    work(cursor)
                    counts[number] += 1

        threads = [threading.Thread(target=go_on, args=(number,)) for number in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for connection in connections:
            connection.close()
        return sum(counts) / seconds

    def share(self, work: Work, beside: Work, turns: int = 20) -> float:
        """How often `work` goes while `beside` goes once. In short turns, because a busy disk hits both alike."""
        pairs = [(self.rate(work, seconds=0.2), self.rate(beside, seconds=0.2)) for _ in range(turns)]
        return median(ours / theirs for ours, theirs in pairs if theirs)


# --- The claims ----------------------------------------------------------------------------------------


def size_of_an_event(database: Database) -> list[Claim]:
    """The life of 100,000 events with one destination each, as bytes on disk and in the log."""
    number = 100_000
    log = database.wal_of(
        *sql.events(number), sql.DELIVERIES, sql.CLAIM_ALL, sql.ATTEMPTS, sql.SETTLE_ALL, sql.DISPATCHED
    )
    written = sum(database.ask(sql.size(name)) for name in sql.TABLES) / number
    for name in sql.TABLES:
        database.do(f"VACUUM FULL {name}")
    sizes = {name: database.ask(sql.size(name)) / number for name in sql.TABLES}
    shown = ", ".join(f"{name.removeprefix('delivery_')} {size:,.0f}" for name, size in sizes.items())
    return [
        Claim("Bytes of an event with one delivery, packed", f"{sum(sizes.values()):,.0f} ({shown})"),
        Claim("... with the older versions of its rows", f"{written:,.0f}"),
        Claim("Bytes of write-ahead log for its whole life", f"{log / number:,.0f}"),
    ]


def partitions(database: Database) -> list[Claim]:
    """Rows go into a table cut by day as fast as into one that is not, and a day goes at once."""
    database.do(*sql.PARTITIONED)
    share = database.share(_insert("event_cut"), _insert("event_whole"))
    for name in sql.BOTH:
        database.do(sql.day(name, DAY))
    dropped, deleted = database.do(sql.DROP_DAY), database.do(sql.DELETE_DAY, "VACUUM event_whole")
    return [
        Claim("Inserts by 20 into a table cut by day, beside a whole one", f"x {share:.2f}", "≥ 0.8", share >= 0.8),
        Claim(
            f"Throwing away a day of {DAY:,} events: drop, beside delete and vacuum",
            f"{dropped * 1000:.0f} ms, {deleted:.1f} s",
            "≤ a tenth",
            dropped <= deleted / 10,
        ),
    ]


def _insert(name: str, size: int = 20) -> Work:
    return lambda cursor: cursor.execute(sql.insert(name, size))


def claims_of_workers(database: Database) -> list[Claim]:
    """Deliveries claimed and settled by 100: as fast with many waiting as with few, and never twice the same."""
    database.do(*sql.waiting(sql.FEW, FEW), *sql.waiting(sql.MANY, MANY))
    flat = database.share(_claim_and_settle(sql.MANY, []), _claim_and_settle(sql.FEW, []))
    taken: list[int] = []
    many = {clients: database.rate(_claim_and_settle(sql.MANY, taken), clients) for clients in CLIENTS}
    twice = len(taken) - len(set(taken))
    return [
        Claim(f"Claiming with {MANY:,} waiting, beside {FEW:,}", f"x {flat:.2f}", "≥ 0.7", flat >= 0.7),
        Claim("Deliveries claimed and settled per second, by clients", _by(many, 100)),
        Claim("The same delivery claimed by two", f"{twice:,} of {len(taken):,}", "0", not twice),
    ]


def _claim_and_settle(name: str, taken: list[int]) -> Work:
    def work(cursor: Any) -> None:
        cursor.execute(sql.claim(name))
        ids = [row[0] for row in cursor.fetchall()]
        taken.extend(ids)
        cursor.execute(sql.settle(name), [ids])

    return work


def _by(rates: Mapping[int, float], each: int) -> str:
    return ", ".join(f"{key}: {rate * each:,.0f}" for key, rate in rates.items())


def hot_row(database: Database) -> list[Claim]:
    """All workers count into one row when one destination gets everything: they queue there."""
    rates = {clients: database.rate(lambda cursor: cursor.execute(sql.COUNT_100), clients) for clients in CLIENTS}
    return [Claim("Deliveries counted per second in one row, 100 at a time, by clients", _by(rates, 100))]


def group_commits(database: Database) -> list[Claim]:
    """A commit costs more than a row: the same events in batches of 1, 20 and 100."""
    rates = {size: size * database.rate(_insert("event_cut", size)) for size in (1, 20, 100)}
    return [Claim("Events stored per second by one client, by size of batch", _by(rates, 1))]


def retries(_: Database) -> list[Claim]:
    return [
        Claim(f"Tries of one endpoint in an outage of {name}, with a lane and without", f"{lane:,.0f}, {alone:,.0f}")
        for name, lane, alone in outages(per_second=100)
    ]


# --- Running -------------------------------------------------------------------------------------------


class Durable(Postgres):
    """A server that flushes what it commits; the tests' own does not."""

    def _prepare(self, binaries: Path) -> Daemon:
        daemon = super()._prepare(binaries)
        for option in ("fsync=on", "synchronous_commit=on", "full_page_writes=on", "max_wal_size=4GB"):
            daemon.argv += ["-c", option]
        return daemon


@contextmanager
def database() -> Iterator[Database]:
    directory = shared_directory()
    server = Durable(directory / "postgres").start()
    try:
        url = create_database(server.url(), "scaling")
        env = environment(directory) | {"DATABASE_URL": url, "DEBUG": "1", "SITE_URL": "http://localhost:8000"}
        argv = [sys.executable, "manage.py", "migrate", "--verbosity", "0", "--skip-checks"]
        subprocess.run(argv, cwd=ROOT, env=env, check=True)
        yield Database(url)
    finally:
        server.stop()
        shutil.rmtree(directory, ignore_errors=True)


def text(claims: Sequence[Claim]) -> str:
    rows = [
        [claim.text, claim.measured, claim.wanted, "" if not claim.wanted else "PASS" if claim.holds else "FAIL"]
        for claim in claims
    ]
    return table(("Claim", "measured", "wanted", "verdict"), rows)


def main() -> int:
    claims: list[Claim] = []
    with database() as one:
        for part in (size_of_an_event, partitions, claims_of_workers, hot_row, group_commits, retries):
            note(f"Measuring: {(part.__doc__ or part.__name__).splitlines()[0]}")
            claims += part(one)
    sys.stdout.write(text(claims) + "\n")
    return 0 if all(claim.holds for claim in claims) else 1


if __name__ == "__main__":
    sys.exit(main())
