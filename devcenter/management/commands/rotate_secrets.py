"""`rotate_secrets`: seal every secret anew under the first of VAULT_KEYS."""

from dataclasses import asdict
from typing import Any

from devcenter.operations import OpsCommand
from devcenter.sealed import rotate


class Command(OpsCommand):
    help = (
        "Seal every stored secret under the current key (the first of VAULT_KEYS). Put the new key first, keep the "
        "old one behind it, run this, then remove the old one. Exit 1 when a secret does not open; it is left alone."
    )
    writes = True

    def handle(self, *args: Any, json: bool, dry_run: bool, **options: Any) -> None:
        done = rotate(dry_run=dry_run)
        word = "would be sealed anew" if dry_run else "sealed anew"
        lines = [f"{done.resealed} {word}, {done.current} were current.", *done.broken]
        self.finish({"dry_run": dry_run, **asdict(done)}, lines, as_json=json, failed=bool(done.broken))
