"""`export_evidence`: the frozen evidence of one submission as a file that can be checked anywhere."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management import CommandError

from devcenter.operations import OpsCommand
from reviews.models import Evidence
from runtime.evidence import exported


class Command(OpsCommand):
    help = "Write the evidence of a submission and its digest to FILE (or to stdout). Check it with verify_evidence."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("submission", type=UUID, help="the id of the submission, as the desk's address shows it")
        parser.add_argument("--output", type=Path, metavar="FILE", help="where to write it; without it, stdout")

    def handle(self, *args: Any, submission: UUID, output: Path | None, json: bool, **options: Any) -> None:
        found = Evidence.objects.filter(submission=submission).first()
        if found is None:
            raise CommandError(f"There is no evidence of a submission {submission}.", returncode=1)
        text = exported(found.document, found.digest)
        if output is None:
            self.stdout.write(text, ending="")
            return
        try:
            output.write_text(text, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error}", returncode=1) from None
        data = {"submission": str(submission), "digest": found.digest, "file": str(output), "bytes": len(text)}
        self.finish(data, [f"{output}: digest {found.digest}"], as_json=json)
