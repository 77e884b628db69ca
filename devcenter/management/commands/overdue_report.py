"""`overdue_report`: who has been waiting for Segment longer than promised."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from devcenter.operations import OpsCommand
from partners.queries import overdue_requests
from reviews.queries import overdue_releases, overdue_submissions

MOST = 200


class Command(OpsCommand):
    help = "List access requests, submissions and releases whose promised date has passed, the oldest first."

    def handle(self, *args: Any, json: bool, **options: Any) -> None:
        now = timezone.now()
        waits = {
            "access_requests": [_row(row, row.company_name, now) for row in overdue_requests(now)[:MOST]],
            "submissions": [_row(row, str(row.app), now) for row in overdue_submissions(now)[:MOST]],
            "releases": [_row(row, str(row.app), now) for row in overdue_releases(now)[:MOST]],
        }
        number = sum(map(len, waits.values()))
        lines = [f"{number} overdue." if number else "Nothing is overdue."]
        for name, rows in waits.items():
            lines += [f"  {name} {row['id']}  {row['name']}: {row['hours_overdue']} h overdue" for row in rows]
        self.finish({"at": now.isoformat(), "overdue": number, **waits}, lines, as_json=json)


def _row(row: Any, name: str, now: datetime) -> dict[str, Any]:
    hours = round((now - row.due_at).total_seconds() / 3600, 1)
    return {"id": str(row.pk), "name": name, "due_at": row.due_at.isoformat(), "hours_overdue": hours}
