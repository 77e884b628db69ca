"""Who did what, append-only and chained: each record's hash covers the one before it in its chain.

One chain per company (and per applicant before there is a company), so that no verb waits for another
company's. Records keep ids, never personal data, so that erasing a person breaks nothing.
"""

import hashlib
import json
from typing import Any

from django.db import models


class Chain(models.Model):
    """The head of one chain; locked while a record is appended."""

    name = models.CharField(max_length=80, primary_key=True)
    last_seq = models.PositiveBigIntegerField(default=0)
    last_hash = models.CharField(max_length=64, blank=True)


class Record(models.Model):
    chain = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="records")
    seq = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=40, help_text="“user:<id>” or “system”")
    action = models.CharField(max_length=60, db_index=True)
    target = models.CharField(max_length=120, help_text="“app:<id>”, “submission:<id>”, …", db_index=True)
    data = models.JSONField(default=dict)
    prev_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["chain", "seq"], name="audit_one_record_per_seq")]

    def __str__(self) -> str:
        return f"{self.action} {self.target}"

    def digest(self) -> str:
        """SHA-256 over the previous hash and this record's own content, in canonical JSON."""
        body: list[Any] = [
            self.prev_hash, self.chain_id, self.seq, self.at.isoformat(),
            self.actor, self.action, self.target, self.data,
        ]  # fmt: skip
        canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()
