"""`send_outbox`: send what is due now, here, without waiting for a worker."""

import math
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from devcenter.operations import OpsCommand
from notifications.delivery import drain
from notifications.models import OutboxMessage
from notifications.states import MessageState


class Command(OpsCommand):
    help = "Send the mails that are due. Safe beside running workers. Exit 1 when some could not be sent."
    writes = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--limit", type=int, help="send at most so many")

    def handle(self, *args: Any, json: bool, dry_run: bool, limit: int | None, **options: Any) -> None:
        due = OutboxMessage.objects.next_in_line().claimable().count()
        due = due if limit is None else min(due, limit)
        data: dict[str, Any] = {"dry_run": dry_run, "due": due}
        if dry_run:
            return self.finish(data, [f"{due} due now."], as_json=json)
        self.stderr.write(f"{due} due now.")
        tally = drain(limit=limit, seconds=math.inf)
        data |= asdict(tally) | {"waiting": self._waiting(), "failures": self._failures() if tally.failed else []}
        lines = [f"{tally.sent} sent, {tally.deferred} to try again later, {tally.failed} failed for good."]
        lines += [f"  {failure['id']}: {failure['error']}" for failure in data["failures"]]
        return self.finish(data, lines, as_json=json, failed=bool(tally.failed or tally.deferred))

    def _waiting(self) -> int:
        return OutboxMessage.objects.queued().count()

    def _failures(self) -> list[dict[str, str]]:
        """The last failures, by id: addresses are no business of a log file."""
        rows = OutboxMessage.objects.filter(state=MessageState.FAILED).order_by("-created_at")[:20]
        return [{"id": str(row.pk), "kind": row.kind, "error": row.last_error} for row in rows]
