"""`verify_evidence`: check an exported file; `python -m runtime.evidence FILE` does it without this product."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import CommandError

from devcenter.operations import OpsCommand
from runtime.evidence import NotEvidence, faults, read, summary


class Command(OpsCommand):
    help = "Check that an exported evidence file is as it was frozen. Asks no database. Exit 1 when it was altered."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, help="what export_evidence wrote")

    def handle(self, *args: Any, file: Path, json: bool, **options: Any) -> None:
        try:
            found = read(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, NotEvidence) as error:
            raise CommandError(f"{file}: {error}", returncode=2) from None
        wrong = faults(found)
        data = {"file": str(file), "digest": found["digest"], "faults": wrong}
        self.finish(data, wrong or [f"As it was frozen: {summary(found)}"], as_json=json, failed=bool(wrong))
