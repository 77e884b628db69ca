"""`doctor`: is everything configured that the product stands on, and if not, what to do."""

from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from devcenter.doctor import FAIL, examine
from devcenter.operations import OpsCommand
from notifications import outbox

MARKS = {"ok": "ok  ", "warn": "warn", "fail": "FAIL"}


class Command(OpsCommand):
    help = "Check configuration, database, broker, worker, mail, storage and keys. Exit 1 when something is broken."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--mail-to", metavar="ADDRESS", help="also queue a test mail to this address")

    def handle(self, *args: Any, json: bool, mail_to: str | None, **options: Any) -> None:
        findings = examine()
        lines = []
        for finding in findings:
            lines.append(f"{MARKS[finding.state]}  {finding.name}: {finding.text}")
            lines += [f"      Fix: {finding.fix}"] if finding.fix else []
        if mail_to:
            lines.append(f"Test mail queued: {outbox.queue('ops.trial', mail_to, 'trial', {}).message_id}")
        failed = any(finding.state == FAIL for finding in findings)
        self.finish({"ok": not failed, "findings": [asdict(f) for f in findings]}, lines, as_json=json, failed=failed)
