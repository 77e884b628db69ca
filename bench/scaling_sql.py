"""The statements of `bench.scaling`: the product's rows, made by the database itself and by the hundred thousand."""

TABLES = ("delivery_event", "delivery_seenmessage", "delivery_delivery", "delivery_attempt")
# The same columns and indexes twice: as one table, and cut by day.
BOTH = ("event_whole", "event_cut")
SOURCES = 50

# 900 bytes, as analytics.js sends them, hardly compressible; and what an attempt keeps of one exchange.
_PAYLOAD = "(SELECT string_agg(md5(n::text || part::text), '') FROM generate_series(1, 28) AS part)"
_EXCHANGE = """jsonb_build_object('method', 'POST', 'url', 'https://acme.example/segment', 'headers', jsonb_build_array(
    'Authorization', '[masked]', 'Content-Type', 'application/json', 'User-Agent', 'Segment.io/1.0',
    'webhook-id', md5(d.id::text), 'webhook-timestamp', '1700000000', 'webhook-signature', 'v1,' || md5(d.id::text)),
    'body', (SELECT payload FROM delivery_event e WHERE e.id = d.event_id))"""


def events(number: int) -> list[str]:
    rows = f"FROM generate_series(1, {number}) AS n"
    return [
        f"""INSERT INTO delivery_event
            (source_id, message_id, type, name, user_id, received_at, origin, fault, payload, is_waiting)
            SELECT n % {SOURCES}, gen_random_uuid()::text, 'track', 'Order Completed', 'user-' || n, now(), 'api', '',
            {_PAYLOAD}, true {rows}""",
        """INSERT INTO delivery_seenmessage (source_id, message_id, digest, at)
            SELECT source_id, message_id, md5(message_id), now() FROM delivery_event""",
    ]


DELIVERIES = f"""INSERT INTO delivery_delivery
    (event_id, destination_id, kind, state, received_at, due_at, tries, code, attempts)
    SELECT id, id % {SOURCES}, 'live', 'waiting', received_at, now(), 0, '', 0 FROM delivery_event"""
CLAIM_ALL = """UPDATE delivery_delivery SET lease_until = now() + interval '1 minute', lease_token = gen_random_uuid(),
    attempts = attempts + 1"""
ATTEMPTS = f"""INSERT INTO delivery_attempt
    (delivery_id, number, at, status, code, duration_ms, request, response, message, cause, fix)
    SELECT d.id, 1, now(), 200, '', 12.5, {_EXCHANGE}, '{{"status": 200, "headers": [], "body": ""}}', '', '', ''
    FROM delivery_delivery d"""
SETTLE_ALL = """UPDATE delivery_delivery SET state = 'delivered', settled_at = now(), due_at = NULL, lease_until = NULL,
    lease_token = NULL, tries = 1, status = 200, first_tried_at = now()"""
DISPATCHED = "UPDATE delivery_event SET is_waiting = false"


def size(name: str) -> str:
    return f"SELECT pg_total_relation_size('{name}')"


# --- Partitions ----------------------------------------------------------------------------------------

_INDEXES = """CREATE INDEX ON {0} (source_id, id DESC); CREATE INDEX ON {0} (id) WHERE is_waiting"""
PARTITIONED = [
    "CREATE TABLE event_whole (LIKE delivery_event INCLUDING DEFAULTS INCLUDING IDENTITY)",
    "ALTER TABLE event_whole ADD PRIMARY KEY (id, received_at)",
    "CREATE TABLE event_cut (LIKE delivery_event INCLUDING DEFAULTS) PARTITION BY RANGE (received_at)",
    "ALTER TABLE event_cut ADD PRIMARY KEY (id, received_at)",
    "CREATE SEQUENCE event_cut_id; ALTER TABLE event_cut ALTER id SET DEFAULT nextval('event_cut_id')",
    *(
        f"""CREATE TABLE event_cut_{day} PARTITION OF event_cut
            FOR VALUES FROM (date_trunc('day', now()) - interval '{day} days')
            TO (date_trunc('day', now()) - interval '{day - 1} days')"""
        for day in range(31)
    ),
    *(_INDEXES.format(name) for name in BOTH),
]


def insert(name: str, number: int = 20) -> str:
    """One statement that stores `number` events of now."""
    return f"""INSERT INTO {name}
        (source_id, message_id, type, name, user_id, received_at, origin, fault, payload, is_waiting)
        SELECT n, gen_random_uuid()::text, 'track', 'Order Completed', 'user-1', now(), 'api', '', repeat('x', 900),
        true
        FROM generate_series(1, {number}) AS n"""


def day(name: str, number: int) -> str:
    """A day, thirty days ago."""
    return f"""INSERT INTO {name}
        (source_id, message_id, type, name, user_id, received_at, origin, fault, payload, is_waiting)
        SELECT n % {SOURCES}, gen_random_uuid()::text, 'track', 'Order Completed', 'user-1',
        date_trunc('day', now()) - interval '30 days' + interval '1 hour', 'api', '', repeat('x', 900), false
        FROM generate_series(1, {number}) AS n"""


DROP_DAY = "DROP TABLE event_cut_30"
DELETE_DAY = "DELETE FROM event_whole WHERE received_at < date_trunc('day', now()) - interval '29 days'"


# --- Claims --------------------------------------------------------------------------------------------

FEW, MANY = "claim_few", "claim_many"


def claim(table: str) -> str:
    """As delivery.claiming does it: two rows of each of 50 destinations, the oldest first, whoever else is claiming."""
    return f"""UPDATE {table} SET lease_until = now() + interval '25 seconds', attempts = attempts + 1 WHERE id IN (
        SELECT part.id FROM generate_series(0, {SOURCES - 1}) AS wanted CROSS JOIN LATERAL (
            SELECT id FROM {table} WHERE destination_id = wanted AND due_at <= now()
            AND (lease_until IS NULL OR lease_until < now()) ORDER BY due_at LIMIT 2 FOR UPDATE SKIP LOCKED
        ) AS part) RETURNING id"""


def settle(table: str) -> str:
    return f"""UPDATE {table}
        SET due_at = NULL, lease_until = NULL, state = 'delivered', settled_at = now(), tries = 1 WHERE id = ANY(%s)"""


def waiting(table: str, number: int) -> list[str]:
    """A table with so many deliveries that are due, among as many again that are settled."""
    return [
        f"CREATE TABLE {table} (LIKE delivery_delivery INCLUDING DEFAULTS INCLUDING IDENTITY)",
        f"""INSERT INTO {table} (event_id, destination_id, kind, state, received_at, due_at, tries, code, attempts)
            SELECT n, n / 2 % {SOURCES}, 'live', 'waiting', now(),
            CASE WHEN n % 2 = 0 THEN now() - interval '1 hour' + n * interval '1 millisecond' END, 0, '', 0
            FROM generate_series(1, {2 * number}) AS n""",
        f"ALTER TABLE {table} ADD PRIMARY KEY (id)",
        f"CREATE INDEX ON {table} (destination_id, due_at) WHERE due_at IS NOT NULL",
        f"VACUUM ANALYZE {table}",
    ]


COUNT_100 = """INSERT INTO delivery_tally (source_id, destination_number, at, stage, code, bucket, count)
    VALUES (1, 1, date_trunc('hour', now()), 'delivered', '', 5, 100)
    ON CONFLICT (source_id, destination_number, at, stage, code, bucket) DO UPDATE
    SET count = delivery_tally.count + EXCLUDED.count"""
