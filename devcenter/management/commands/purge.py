"""`purge`: remove now what the hourly purge would remove."""

from typing import Any

from django.utils import timezone

from devcenter.operations import OpsCommand
from devcenter.purging import purge


class Command(OpsCommand):
    help = (
        "Remove what has outlived its time: old runs, echoes, sent mails and sessions, and Apps, companies and "
        "accounts whose grace period is over."
    )
    writes = True

    def handle(self, *args: Any, json: bool, dry_run: bool, **options: Any) -> None:
        gone, failed = purge(timezone.now(), dry_run=dry_run)
        word = "would go" if dry_run else "removed"
        lines = [f"{name}: {number} {word}" for name, number in gone.items()]
        lines += [f"{name}: failed. {error}" for name, error in failed.items()]
        data = {"dry_run": dry_run, "purged": gone, "failed": failed}
        self.finish(data, lines, as_json=json, failed=bool(failed))
