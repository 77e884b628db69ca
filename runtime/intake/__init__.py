"""From the bytes of a call of the Tracking API to events as they go out (D28, D29, D36 to D38). No database, no clock.

body = read_body(raw, encoding="gzip", kind="batch")        # BadBody: nothing of it can be used
intake = read_calls("batch", body, received_at=now, ip="203.0.113.7")
"""

from runtime.intake.body import BATCHES, MAX_BATCH_BYTES, MAX_CALL_BYTES, BadBody, limit_of, read_body
from runtime.intake.calls import KINDS, MAX_BATCH_EVENTS, Call, Fault, Intake, read_calls

__all__ = [
    "BATCHES",
    "KINDS",
    "MAX_BATCH_BYTES",
    "MAX_BATCH_EVENTS",
    "MAX_CALL_BYTES",
    "BadBody",
    "Call",
    "Fault",
    "Intake",
    "limit_of",
    "read_body",
    "read_calls",
]
