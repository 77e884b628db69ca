"""One migrated, empty database per run, made by whoever needs it first; everybody else takes a copy.

Migrating from nothing takes seconds, and a run needs a database for each process of pytest-xdist and for
each site it starts.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
from psycopg2 import errors, sql

ROOT = Path(__file__).resolve().parents[2]
NAME = "migrated_template"


def copy_postgres(server_url: str, name: str) -> str:
    """Make the database `name` on the server, migrated and empty; its address. One that exists stays as it is."""
    with _one_at_a_time() as directory:
        if not (directory / NAME).exists():
            _migrate(create_database(server_url, NAME))
            (directory / NAME).touch()
        return create_database(server_url, name, NAME)


def copy_sqlite(path: Path) -> None:
    """Make the file `path` a migrated, empty database."""
    with _one_at_a_time() as directory:
        template = directory / f"{NAME}.sqlite3"
        if not template.exists():
            unfinished = directory / f"{NAME}.unfinished"
            _migrate(f"sqlite:///{unfinished}")
            unfinished.rename(template)
        shutil.copyfile(template, path)


@contextmanager
def _one_at_a_time() -> Iterator[Path]:
    directory = Path(os.environ["TEST_DIRECTORY"])
    with (directory / f"{NAME}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield directory


def create_database(server_url: str, name: str, template: str = "template1") -> str:
    """Make the database `name` on the server, unless it is there; its address."""
    parts = urlsplit(server_url)
    connection = psycopg2.connect(parts._replace(path="/postgres").geturl())
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
            cursor.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
    except errors.DuplicateDatabase:
        pass
    finally:
        connection.close()
    return parts._replace(path=f"/{name}").geturl()


def _migrate(database_url: str) -> None:
    env = {**os.environ, "DATABASE_URL": database_url, "REDIS_URL": ""}
    argv = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    done = subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError(f"The migrations failed:\n{done.stdout}{done.stderr}")
