"""Production is the default, and says everything that is missing at once."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REQUIRED = ("SECRET_KEY", "VAULT_KEYS", "SITE_URL", "DATABASE_URL", "REDIS_URL", "EMAIL_URL")
PRODUCTION = {
    "SECRET_KEY": "k" * 30 + "0123456789abcdefghijklmnopqrstuvwxyz",
    "VAULT_KEYS": "a:" + "A" * 43,
    "SITE_URL": "https://developers.example",
    "DATABASE_URL": "postgres://user:password@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "EMAIL_URL": "smtp://127.0.0.1:1",
}


def _manage(tmp_path: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path), **env}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )


def test_every_missing_secret_is_named_in_one_error(tmp_path):
    said = _manage(tmp_path, "check").stderr
    assert [name for name in REQUIRED if name not in said] == []


@pytest.mark.parametrize("name", REQUIRED)
def test_each_secret_is_missed_alone(tmp_path, name):
    said = _manage(tmp_path, "check", **{k: v for k, v in PRODUCTION.items() if k != name}).stderr
    assert f"{name}:" in said
    assert all(f"{other}:" not in said for other in REQUIRED if other != name)


def test_secrets_may_come_from_files(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text(PRODUCTION["SECRET_KEY"])
    env = {k: v for k, v in PRODUCTION.items() if k != "SECRET_KEY"} | {"SECRET_KEY_FILE": str(secret)}
    assert _manage(tmp_path, "check", **env).returncode == 0


def test_an_unknown_kind_of_mail_server_is_refused_by_name(tmp_path):
    said = _manage(tmp_path, "check", **(PRODUCTION | {"EMAIL_URL": "pigeon://loft"})).stderr
    assert "EMAIL_URL wants" in said


def test_a_production_environment_passes_the_deploy_check(tmp_path):
    done = _manage(tmp_path, "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("env", "error"),
    [
        ({"EGRESS_ALLOW": "127.0.0.0/8"}, "devcenter.E001"),
        ({"STAFF_SECOND_FACTOR": "0"}, "devcenter.E002"),
        ({"SITE_URL": "http://developers.example"}, "devcenter.E003"),
        ({"OAUTH_URL": "http://id.developers.example"}, "devcenter.E005"),
        ({"CONFIG_API_URL": "http://platform.developers.example"}, "devcenter.E005"),
        ({"DEBUG": "1"}, "security.W018"),
    ],
)
def test_what_must_not_reach_production_fails_the_deploy_check(tmp_path, env, error):
    done = _manage(tmp_path, "check", "--deploy", "--fail-level", "WARNING", **(PRODUCTION | env))
    assert done.returncode != 0
    assert error in done.stderr


def test_the_demo_refuses_outside_debug(tmp_path):
    done = _manage(tmp_path, "seed_demo", "--json", **PRODUCTION)
    assert done.returncode != 0
    assert "DEBUG" in done.stderr
