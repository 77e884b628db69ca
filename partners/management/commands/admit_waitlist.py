"""`admit_waitlist`: takes people off the waitlist, in the order in which they joined it (S7)."""

import json
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand
from django.db import transaction

from audit.recording import SYSTEM
from leases.transitions import StaleState
from partners import lifecycle
from partners.models import AccessRequest
from partners.queries import waitlist


def positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError("give a number of 1 or more")
    return int(text)


class Command(BaseCommand):
    help = "Admits requests from the waitlist, the oldest first; their clock starts now. Exit 1 when one could not be."

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--count", type=positive, help="Admit this many.")
        which.add_argument("--all", action="store_true", help="Admit everybody.")
        which.add_argument("--request", type=positive, nargs="+", metavar="ID", help="Admit these.")
        parser.add_argument("--dry-run", action="store_true", help="Say who would be admitted and change nothing.")
        parser.add_argument("--json", action="store_true", help="Print one JSON object.")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        chosen = self._choose(options)
        admitted, failed = [], self._unknown(chosen, options["request"] or [])
        for access_request in chosen:
            problem = self._admit(access_request, dry_run=dry_run)
            if problem:
                failed.append({"request": access_request.pk, "problem": problem})
            else:
                admitted.append({"request": access_request.pk, "company_name": access_request.company_name})
            self.stderr.write(f"{len(admitted) + len(failed)} of {len(chosen)}")
        self._tell(admitted, failed, as_json=options["json"], dry_run=dry_run)
        if failed:
            raise SystemExit(1)

    def _choose(self, options: dict[str, Any]) -> list[AccessRequest]:
        waiting = waitlist()
        if ids := options["request"]:
            return list(waiting.filter(pk__in=ids))
        return list(waiting if options["all"] else waiting[: options["count"]])

    def _unknown(self, chosen: list[AccessRequest], ids: list[int]) -> list[dict[str, Any]]:
        found = {access_request.pk for access_request in chosen}
        return [{"request": pk, "problem": "It is not on the waitlist."} for pk in ids if pk not in found]

    def _admit(self, access_request: AccessRequest, *, dry_run: bool) -> str:
        """One transaction each; returns what went wrong, or ""."""
        try:
            with transaction.atomic():
                lifecycle.admit(access_request, SYSTEM)
                transaction.set_rollback(dry_run)
        except (StaleState, lifecycle.StaleRevision):
            return "It was changed meanwhile. Run the command again."
        except ValidationError as error:
            return " ".join(error.messages)
        return ""

    def _tell(
        self, admitted: list[dict[str, Any]], failed: list[dict[str, Any]], *, as_json: bool, dry_run: bool
    ) -> None:
        if as_json:
            self.stdout.write(json.dumps({"admitted": admitted, "failed": failed, "dry_run": dry_run}))
            return
        for row in admitted:
            self.stdout.write(f"{row['request']}: {row['company_name']}")
        for row in failed:
            self.stdout.write(f"{row['request']}: {row['problem']}")
        self.stdout.write(f"{len(admitted)} admitted, {len(failed)} failed{' (dry run)' if dry_run else ''}")
