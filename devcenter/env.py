"""Readers for values from the environment that need more than environs gives."""

import base64
import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import dj_email_url
from django.core.exceptions import ImproperlyConfigured
from environs import FileAwareEnv

# Passed as a default: the variable must be given.
REQUIRED: Any = ...


def reader(*, eager: bool = True) -> FileAwareEnv:
    """An environment reader; not eager, it collects every fault and raises them together at `seal()`.

    `NAME_FILE=/run/secrets/name` works wherever `NAME` does.
    """
    return FileAwareEnv(eager=eager)


def dev_secret(var_dir: Path, name: str) -> str:
    """A development secret, made once and kept under `var_dir`. Never used outside DEBUG."""
    path = var_dir / "secrets" / name.lower()
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        value = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            handle.write(f"dev:{value}" if name == "VAULT_KEYS" else value)
    return path.read_text()


def mail_server(url: str) -> dict[str, Any]:
    """Django's EMAIL_ settings for `smtp://`, `submission://` (STARTTLS) or `smtps://`.

    Raises ImproperlyConfigured for anything else.
    """
    if urlsplit(url).scheme not in ("smtp", "submission", "smtps"):
        raise ImproperlyConfigured(
            "EMAIL_URL wants smtp://host:25, submission://user:password@host:587 (STARTTLS) or smtps://host:465."
        )
    found: dict[str, Any] = dj_email_url.parse(url)
    return found


def storage_backends(url: str, *, debug: bool) -> dict[str, Any]:
    """Django's STORAGES: uploads on disk or in an S3-compatible bucket, static files hashed.

    `url` has the form `s3://bucket?endpoint=https://host&region=name`; credentials come from the
    usual AWS variables.
    """
    static = (
        "django.contrib.staticfiles.storage.StaticFilesStorage"
        if debug
        else "devcenter.static_files.HashedStaticFilesStorage"
    )
    return {"default": _upload_storage(url), "staticfiles": {"BACKEND": static}}


def _upload_storage(url: str) -> dict[str, Any]:
    if not url:
        return {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    parts = urlsplit(url)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    options = {
        "bucket_name": parts.netloc,
        "endpoint_url": query.get("endpoint"),
        "region_name": query.get("region"),
        "addressing_style": "path" if "endpoint" in query else None,
        "default_acl": None,
        "querystring_auth": True,
        "file_overwrite": False,
    }
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {key: value for key, value in options.items() if value is not None},
    }
