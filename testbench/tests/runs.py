"""Doing runs as a worker would, and looking for secrets in everything that was stored."""

import base64
import json
from urllib.parse import quote

from django.db import connection

from testbench.claims import claim
from testbench.execution import work_on

KEY = "sk_live/9q+Zt7&xYw3Kd"
PIN = "pin-4471-secret"
VALUES = {"apiKey": KEY, "region": "eu", "pin": PIN}


def work(run):
    while (claimed := claim(run.pk)) is not None:
        work_on(claimed)
    run.refresh_from_db()
    return run


def verdicts(run):
    return [result.verdict for result in run.results.all()]


def spellings(secret):
    """Every way in which the secret could stand in a text column."""
    raw = secret.encode()
    forms = {secret, json.dumps(secret)[1:-1], quote(secret, safe="")}
    for text in (raw, raw + b":"):
        forms |= {base64.b64encode(text).decode(), base64.urlsafe_b64encode(text).decode()}
    # Inside X-Segment-Settings: base64 of JSON, at any of three offsets.
    for offset in range(3):
        encoded = base64.b64encode(b"x" * offset + raw).decode()
        forms.add(encoded[4 : len(encoded) - 6])
    return forms


def columns_that_hold(texts):
    """table.column of every row in the whole database that holds one of the texts."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                for name, value in zip(names, row, strict=True):
                    text = value if isinstance(value, str) else json.dumps(value, default=str)
                    text = text + text.encode().decode("unicode_escape", "ignore")
                    found += [f"{table}.{name}" for wanted in texts if wanted in text]
    return sorted(set(found))
