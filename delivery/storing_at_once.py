"""Storing arrivals on PostgreSQL: one statement for everything, which each connection prepares once.

Whoever comes first with a messageId has it (D29). The primary key of the seen ids decides that, so that a hundred
requests with one id store one event, whichever process and machine they reach.
"""

from datetime import datetime
from typing import Any
from weakref import WeakSet

from django.db import connection
from django.db.backends.utils import CursorWrapper

from delivery.arrivals import Arrival, Arrivals
from delivery.states import Fault, Origin, Stage
from delivery.storing import By, Stored

# Rows that met another request with the same id are asked again. A second time takes a request that fails meanwhile.
_MOST_TURNS = 5

_BY_KEY = """
    SELECT s.id, s.workspace_id FROM workspaces_writekey k
    JOIN workspaces_source s ON s.id = k.source_id
    JOIN workspaces_workspace w ON w.id = s.workspace_id
    WHERE k.key = $1 AND k.disabled_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $4)
    AND s.is_enabled AND s.removed_at IS NULL AND ($2 = '' OR w.region = $2)"""
_BY_ID = """
    SELECT s.id, s.workspace_id FROM workspaces_source s WHERE s.id = $1::bigint AND s.removed_at IS NULL"""

# `came`: the rows, with the fault of those whose user is suppressed. `fresh`: the ids that are new. `judged`: what
# becomes of each row. One that is neither new nor known is `raced`: another request stored its id while this
# statement ran, too late for what this one sees of the table. Subqueries that look up one row each stay with the
# index however many rows the planner believes in.
_STATEMENT = f"""
WITH source AS MATERIALIZED ({{source}}),
came AS MATERIALIZED (
    SELECT s.id AS source_id, c.n, c.message_id, c.digest, c.type, c.name, c.user_id, c.payload,
        CASE
            WHEN c.fault <> '' THEN c.fault
            WHEN c.user_id <> '' AND $3 <> '{Origin.REGULATION}' AND (
                SELECT u.id FROM delivery_suppressed u WHERE u.workspace_id = s.workspace_id AND u.user_id = c.user_id
            ) IS NOT NULL THEN '{Fault.SUPPRESSED}'
            ELSE ''
        END AS fault
    FROM source s CROSS JOIN unnest($5, $6, $7, $8, $9, $10, $11) WITH ORDINALITY
        AS c (message_id, digest, type, name, user_id, fault, payload, n)
),
fresh AS (
    INSERT INTO delivery_seenmessage (source_id, message_id, digest, at)
    SELECT source_id, message_id, digest, $4 FROM came WHERE fault = '' ORDER BY message_id
    ON CONFLICT (source_id, message_id) DO NOTHING
    RETURNING message_id
),
judged AS MATERIALIZED (
    SELECT came.*, CASE
        WHEN came.fault <> '' THEN came.fault
        WHEN fresh.message_id IS NOT NULL THEN ''
        ELSE COALESCE((
            SELECT CASE WHEN old.digest = came.digest THEN 'repeated' ELSE '{Fault.REUSED_ID}' END
            FROM delivery_seenmessage old WHERE old.source_id = came.source_id AND old.message_id = came.message_id
        ), 'raced')
    END AS verdict
    FROM came LEFT JOIN fresh ON fresh.message_id = came.message_id
),
stored AS (
    INSERT INTO delivery_event
        (source_id, message_id, type, name, user_id, received_at, origin, fault, payload, is_waiting)
    SELECT source_id, message_id, type, name, user_id, $4, $3, verdict,
        payload || '"projectId":"source' || source_id || '"}}', true
    FROM judged WHERE verdict NOT IN ('repeated', 'raced') ORDER BY n
    RETURNING id, fault
),
noted AS (
    INSERT INTO delivery_uncounted (source_id, at, stage, code, count)
    SELECT source.id, $4, note.stage, note.code, note.number FROM source CROSS JOIN (
        SELECT '{Stage.DUPLICATE}' AS stage, '' AS code, count(*) AS number FROM judged WHERE verdict = 'repeated'
        UNION ALL SELECT * FROM unnest($12, $13, $14)
    ) AS note WHERE note.number > 0
)
SELECT source.id, source.workspace_id,
    (SELECT count(*) FROM judged WHERE verdict = 'repeated'),
    (SELECT count(*) FROM stored WHERE fault <> ''),
    (SELECT array_agg(id ORDER BY id) FROM stored WHERE fault = ''),
    (SELECT array_agg(n::integer) FROM judged WHERE verdict = 'raced')
FROM source
"""  # noqa: S608  made of constants only
_TYPES = ", ".join(["text, text, text, timestamptz", *7 * ["text[]"], "text[], text[], bigint[]"])
_STATEMENTS = {"events_by_key": _BY_KEY, "events_by_id": _BY_ID}
_COLUMNS = len(Arrival._fields)

# The connections, as the driver knows them, that have the statements.
_prepared: "WeakSet[Any]" = WeakSet()


def store(by: By, arrivals: Arrivals, origin: str, at: datetime) -> Stored | None:
    """Store them; None when no source is found. Safe beside any number of others, in a transaction or without."""
    rows, uncounted, parts = arrivals.rows, arrivals.uncounted, list[Stored]()
    for _ in range(_MOST_TURNS):
        found = _ask(by, rows, uncounted, origin, at)
        if found is None:
            break
        source_id, workspace_id, repeated, refused, event_ids, raced = found
        parts.append(Stored(source_id, workspace_id, repeated, refused, tuple(event_ids or ())))
        if not raced:
            break
        rows, uncounted = [rows[number - 1] for number in raced], []
    return _together(parts) if parts else None


def _ask(
    by: By, rows: list[Arrival], uncounted: list[tuple[str, str, int]], origin: str, at: datetime
) -> tuple[Any, ...] | None:
    columns = [list(column) for column in zip(*rows, strict=True)] or [[]] * _COLUMNS
    notes = [list(column) for column in zip(*uncounted, strict=True)] or [[]] * 3
    name = "events_by_id" if by.source_id else "events_by_key"
    values: list[Any] = [str(by.source_id) if by.source_id else by.write_key, by.region, origin, at, *columns, *notes]
    with connection.cursor() as cursor:
        if connection.connection not in _prepared:
            _prepare(cursor)
        cursor.execute(f"EXECUTE {name} ({', '.join(['%s'] * len(values))})", values)
        return cursor.fetchone()


def _prepare(cursor: CursorWrapper) -> None:
    """Planning would take longer than storing. So it is done once, for as many rows as there may be; no other statement
    is prepared (psycopg2 writes the values into the text), so that the setting concerns these only.
    """
    cursor.execute("SET plan_cache_mode = force_generic_plan")
    for name, source in _STATEMENTS.items():
        cursor.execute(f"PREPARE {name} ({_TYPES}) AS {_STATEMENT.replace('{source}', source)}")
    _prepared.add(connection.connection)


def _together(parts: list[Stored]) -> Stored:
    ids = tuple(id_ for part in parts for id_ in part.event_ids)
    first = parts[0]
    return Stored(
        first.source_id,
        first.workspace_id,
        sum(part.duplicates for part in parts),
        sum(part.refused for part in parts),
        ids,
    )
