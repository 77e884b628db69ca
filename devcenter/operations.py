"""What the commands of operators have in common (EXPERIENCE d.6)."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand


class OpsCommand(BaseCommand):
    """`--json` prints one object on stdout; otherwise sentences. Exit 0 fine, 1 something failed, 2 usage.

    Set `writes = True` for a command that changes something: it gets `--dry-run`.
    """

    writes = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the result as one JSON object")
        if self.writes:
            parser.add_argument("--dry-run", action="store_true", help="say what would happen and change nothing")

    def finish(self, data: dict[str, Any], lines: list[str], *, as_json: bool, failed: bool = False) -> None:
        """Print the result and end the command; a failure ends it with exit code 1."""
        self.stdout.write(json.dumps(data) if as_json else "\n".join(lines))
        if failed:
            raise SystemExit(1)
