"""`run_sla_clock`: what the beat does every minute about promised dates that have passed."""

from typing import Any

from django.utils import timezone

from devcenter.operations import OpsCommand
from partners.lateness import Step
from reviews.lateness import run_clock


class Command(OpsCommand):
    help = "Give late waits a new date with an apology, and tell the team. Each step is taken once."
    writes = True

    def handle(self, *args: Any, json: bool, dry_run: bool, **options: Any) -> None:
        now = timezone.now()
        steps = [_row(step) for step in run_clock(now, dry_run=dry_run)]
        failed = [step for step in steps if step["error"]]
        done = [step for step in steps if not step["error"]]
        word = "would be taken" if dry_run else "taken"
        lines = [f"{len(done)} steps {word}, {len(failed)} failed."]
        lines += [
            f"  {step['kind']} {step['id']}: {step['step']}, due {step['due_at']} {step['error']}" for step in steps
        ]
        data = {"at": now.isoformat(), "dry_run": dry_run, "steps": done, "failed": failed}
        self.finish(data, lines, as_json=json, failed=bool(failed))


def _row(step: Step) -> dict[str, str]:
    return {
        "kind": step.kind, "id": step.id, "step": step.step, "due_at": step.due_at.isoformat(), "error": step.error,
    }  # fmt: skip
