"""`seed_demo`: the demo data, made by the product's own verbs. Idempotent; DEBUG only."""

import json as json_lib
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from devcenter import demo


class Command(BaseCommand):
    help = "Makes the demo company, its Apps and its people. Only with DEBUG on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object, the same on every call")
        parser.add_argument("--if-empty", action="store_true", help="do nothing when other people use this database")
        parser.add_argument("--dry-run", action="store_true", help="say whether anything would be made")

    def handle(self, *args: Any, json: bool, if_empty: bool, dry_run: bool, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demo has passwords that everybody knows. It needs DEBUG=1.")
        if dry_run:
            self._tell_plan(as_json=json)
            return
        if not if_empty or demo.is_untouched():
            demo.seed(lambda line: self.stderr.write(line))
        if json:
            self._print()

    def _tell_plan(self, *, as_json: bool) -> None:
        text = "The demo would be made where something of it is missing."
        self.stdout.write(json_lib.dumps({"dry_run": True, "message": text}) if as_json else text)

    def _print(self) -> None:
        self.stdout.write(json_lib.dumps(demo.describe()))
