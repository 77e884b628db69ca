"""`make check`: every step runs, each failure is shown, the exit code tells whether all were fine."""

import base64
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
MANAGE = [sys.executable, "manage.py"]


@dataclass(frozen=True)
class Step:
    name: str
    argv: list[str]
    env: Mapping[str, str] = field(default_factory=dict)


def development(directory: str) -> dict[str, str]:
    """As on a laptop, but with files that are thrown away."""
    return {"DEBUG": "1", "VAR_DIR": directory}


def production(directory: str) -> dict[str, str]:
    """As a careful operator would set it, with secrets made up on the spot."""
    return {
        "DEBUG": "0",
        "VAR_DIR": directory,
        "SECRET_KEY": secrets.token_urlsafe(64),
        "VAULT_KEYS": "k1:" + base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "SITE_URL": "https://developers.example.com",
        "DATABASE_URL": "postgres://devcenter@db.example.com/devcenter",
        "REDIS_URL": "redis://redis.example.com/0",
        "EMAIL_URL": "submission://mailer@mail.example.com:587/",
        "STORAGE_URL": "s3://devcenter-uploads?region=us-east-1",
    }


def steps(directory: str) -> list[Step]:
    here = development(directory)
    return [
        Step("lint", [str(BIN / "ruff"), "check", "--quiet"]),
        Step("format", [str(BIN / "ruff"), "format", "--check", "--quiet"]),
        Step("types", [str(BIN / "mypy"), "--no-error-summary"], here),
        Step("import rules", [str(BIN / "lint-imports"), "--no-cache"]),
        Step("migrations", [*MANAGE, "makemigrations", "--check", "--dry-run"], here),
        Step("deploy", [*MANAGE, "check", "--deploy", "--fail-level", "WARNING"], production(directory)),
        Step("templates", [*MANAGE, "check_templates"], here),
        Step("docs", [sys.executable, "-m", "scripts.check_docs"], here),
    ]


def run(step: Step) -> bool:
    # A variable of the developer's shell must not change the verdict.
    names = (*production(""), "EGRESS_ALLOW", "STAFF_SECOND_FACTOR")
    env = {key: value for key, value in os.environ.items() if key not in names}
    started = time.monotonic()
    done = subprocess.run(
        step.argv,
        cwd=ROOT,
        env={**env, **step.env},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    fine = done.returncode == 0
    print(f"{'ok    ' if fine else 'FAILED'} {step.name} ({time.monotonic() - started:.1f} s)", flush=True)
    if not fine:
        print("\n".join(f"       {line}" for line in done.stdout.rstrip().splitlines()), flush=True)
    return fine


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="devcenter-check-") as directory:
        results = [run(step) for step in steps(directory)]
    if all(results):
        print(f"All {len(results)} checks passed.")
        return 0
    print(f"{results.count(False)} of {len(results)} checks failed.")
    return 1


if __name__ == "__main__":
    sys.exit(main())
