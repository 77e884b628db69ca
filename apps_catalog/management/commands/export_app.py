"""`export_app SLUG [--version N]`: an App as JSON; the draft unless a version is named."""

import json as json_lib
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps_catalog.manifest import export
from apps_catalog.models import App


class Command(BaseCommand):
    help = "Prints an App as JSON: its draft, or a frozen version."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        # Django's own --version makes room for ours: the number of a frozen version.
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--version", type=int, metavar="N", help="A frozen version instead of the draft.")
        parser.add_argument("--json", action="store_true", help="Accepted for symmetry; the output is JSON anyway.")

    def handle(self, *args: Any, slug: str, version: int | None, **options: Any) -> None:
        app = App.objects.filter(slug=slug, deleted_at__isnull=True).first()
        if app is None:
            raise CommandError(f"There is no App {slug!r}.", returncode=2)
        manifest = export(app) if version is None else self._version(app, version)
        self.stdout.write(json_lib.dumps(manifest, indent=2, ensure_ascii=False))

    def _version(self, app: App, number: int) -> Any:
        version = app.versions.filter(number=number).first()
        if version is None:
            numbers = ", ".join(map(str, app.versions.values_list("number", flat=True))) or "none yet"
            raise CommandError(f"{app.slug} has no version {number}; it has: {numbers}.", returncode=2)
        return version.manifest
