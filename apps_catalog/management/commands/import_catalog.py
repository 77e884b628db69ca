"""`import_catalog FILE`: loads records of the original's public catalog as published Apps."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from apps_catalog.importing import BadRecord, Report, house, import_record
from apps_catalog.publishing import categories_by_name

EVERY = 50


class Command(BaseCommand):
    help = "Loads entries of the form of the public catalog as published Apps of the company “Segment”."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="Say what would happen and change nothing.")
        parser.add_argument("--json", action="store_true", help="Print the report as one JSON object.")

    def handle(self, *args: Any, file: Path, dry_run: bool, json: bool, **options: Any) -> None:
        records = self._read(file)
        report = Report()
        with transaction.atomic():
            self._import(records, report)
            transaction.set_rollback(dry_run)
        self._tell(report, as_json=json, dry_run=dry_run)
        if report.failed:
            raise SystemExit(1)

    def _read(self, file: Path) -> list[Any]:
        try:
            records = json.loads(file.read_text(encoding="utf-8"))
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.", returncode=2) from None
        except ValueError as error:
            raise CommandError(f"{file} is not JSON: {error}.", returncode=2) from None
        if not isinstance(records, list):
            raise CommandError(f"{file} does not hold a list of records.", returncode=2)
        return records

    def _import(self, records: list[Any], report: Report) -> None:
        company, known = house(), categories_by_name()
        for number, record in enumerate(records, 1):
            try:
                import_record(record, company, report, known)
            except BadRecord as problem:
                slug = record.get("slug") if isinstance(record, dict) else None
                report.failed.append({"slug": str(slug or f"record {number}"), "problem": str(problem)})
            if number % EVERY == 0:
                self.stderr.write(f"{number} of {len(records)}")

    def _tell(self, report: Report, *, as_json: bool, dry_run: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(report.as_dict() | {"dry_run": dry_run}))
            return
        for line in report.notes:
            self.stdout.write(line)
        for failure in report.failed:
            self.stdout.write(f"{failure['slug']}: {failure['problem']}")
        counts = f"{len(report.created)} created, {len(report.updated)} updated, {len(report.unchanged)} unchanged"
        self.stdout.write(f"{counts}, {len(report.failed)} failed{' (dry run)' if dry_run else ''}")
