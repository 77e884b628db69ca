"""`import_app FILE --partner SLUG`: makes an App from a file, or updates the draft of an existing one."""

import json as json_lib
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from apps_catalog.completeness import over_policy
from apps_catalog.manifest import ManifestError, apply
from apps_catalog.manifest_values import parse
from apps_catalog.models import App
from audit.recording import SYSTEM
from partners.models import Company, Policy


class Command(BaseCommand):
    help = "Makes an App from a JSON file (see docs), or updates the draft of the App with its slug."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--partner", required=True, metavar="SLUG", help="The company that the App belongs to.")
        parser.add_argument("--dry-run", action="store_true", help="Check everything and change nothing.")
        parser.add_argument("--json", action="store_true", help="Print the result as one JSON object.")

    def handle(self, *args: Any, file: Path, partner: str, dry_run: bool, json: bool, **options: Any) -> None:
        company = Company.objects.filter(slug=partner).first()
        if company is None:
            raise CommandError(f"There is no company {partner!r}.", returncode=2)
        text = self._read(file)
        known = set(company.apps.values_list("pk", flat=True))
        try:
            with transaction.atomic():
                app = apply(parse(text), company=company, actor=SYSTEM)
                transaction.set_rollback(dry_run)
        except ManifestError as problem:
            self._fail(problem, as_json=json)
        else:
            self._tell(app, is_new=app.pk not in known, dry_run=dry_run, as_json=json)

    def _read(self, file: Path) -> str:
        try:
            return file.read_text(encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.", returncode=2) from None
        except UnicodeDecodeError:
            raise CommandError(f"{file} is not in UTF-8.", returncode=1) from None

    def _fail(self, problem: ManifestError, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json_lib.dumps({"ok": False, "path": problem.path, "message": problem.message}))
            raise SystemExit(1)
        raise CommandError(str(problem))

    def _tell(self, app: App, *, is_new: bool, dry_run: bool, as_json: bool) -> None:
        warnings = list(over_policy(app.listing, Policy.current()).values())
        if as_json:
            result = {"ok": True, "slug": app.slug, "created": is_new, "dry_run": dry_run, "warnings": warnings}
            self.stdout.write(json_lib.dumps(result))
            return
        verb = "created" if is_new else "updated"
        self.stdout.write(f"{app.slug}: {f'would be {verb}' if dry_run else verb}")
        for warning in warnings:
            self.stderr.write(f"{app.slug}: before it can be handed in: {warning}")
