"""What somebody with the keys of the database could do to the audit record, for tests that look whether it shows."""

from collections.abc import Generator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def unguarded_record() -> Generator[None, None, None]:
    """On PostgreSQL, take the trigger off that refuses changes; elsewhere there is none."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        # A table whose deferred checks are pending cannot be altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE audit_record DISABLE TRIGGER audit_append_only")
        yield
        cursor.execute("ALTER TABLE audit_record ENABLE TRIGGER audit_append_only")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def let_tests_clean_up() -> None:
    """Tests that commit end with a TRUNCATE, which the record refuses: their database does without that trigger."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE audit_record DISABLE TRIGGER audit_no_truncate")
