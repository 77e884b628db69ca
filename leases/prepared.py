"""Queries that pages ask again and again, put into SQL once in each process.

For a row by its key Django takes several times as long to write the SQL as the database takes to answer. A `Prepared`
query is an ordinary queryset with `Slot`s where values go: its SQL is written at the first question and kept, and
each further question only fills the slots. What comes back are the rows that the queryset would have given.
"""

from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, QuerySet, Value
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row")


class Slot(Value):
    """Stands in a queryset for a value that each question gives: `filter(pk=Slot("pk", UUIDField()))`.

    Not for values that change the SQL itself: None in a filter, lists, slices.
    """

    def __init__(self, name: str, output_field: "Field[Any, Any]") -> None:
        super().__init__(name, output_field)

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:  # type: ignore[override]
        return "%s", [self]

    def filled(self, values: dict[str, Any], connection: BaseDatabaseWrapper) -> Any:
        """The value as the database takes it."""
        return self.output_field.get_db_prep_value(values[self.value], connection)


class _Written(NamedTuple):
    """A queryset whose SQL is written. `state` is what its compiler has to know to read the rows."""

    queryset: QuerySet[Any, Any]
    sql: str
    params: tuple[Any, ...]
    state: dict[str, Any]


class Prepared(Generic[Row]):
    """`build` makes the queryset; it is called at the first question, when all models are there.

    Prefetches of the queryset are asked as they always are; they are better prepared for themselves.
    """

    def __init__(self, build: "Callable[[], QuerySet[Any, Row]]") -> None:
        self._build = build
        # By kind of database: another one needs other SQL.
        self._written: dict[str, _Written] = {}

    def ask(self, **values: Any) -> list[Row]:
        """All rows, in one query; `values` has one for each slot. Raises KeyError when one is missing."""
        written = self._written.get(_connection().vendor) or self._write()
        rows = written.queryset.all()
        rows.query.get_compiler = lambda *args, **kwargs: _compiler(written, values)  # type: ignore[method-assign]
        return list(rows)

    def first(self, **values: Any) -> Row | None:
        """The first of `ask`; the queryset should be cut to one row."""
        return next(iter(self.ask(**values)), None)

    def _write(self) -> _Written:
        queryset, connection = self._build(), _connection()
        compiler = queryset.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        state = {name: value for name, value in vars(compiler).items() if name not in ("connection", "using")}
        written = self._written[connection.vendor] = _Written(queryset, sql, tuple(params), state)
        return written


def _connection() -> BaseDatabaseWrapper:
    """Of this thread."""
    return connections["default"]


def _compiler(written: _Written, values: dict[str, Any]) -> SQLCompiler:
    """A compiler that has its SQL: all that is left to it is to ask the database and to read what it says."""
    connection = _connection()
    compiler = connection.ops.compiler("SQLCompiler")(written.state["query"], connection, connection.alias)
    vars(compiler).update(written.state)
    params = tuple(one.filled(values, connection) if isinstance(one, Slot) else one for one in written.params)
    compiler.as_sql = lambda *args, **kwargs: (written.sql, params)  # type: ignore[method-assign]
    return compiler
