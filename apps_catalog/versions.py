"""Immutable, numbered versions of an App: what a reviewer judges and the catalog shows."""

import hashlib
import json
from typing import Any

from django.db import transaction
from django.db.models import Max

from accounts.models import User
from apps_catalog.code_lifecycle import keep_submitted
from apps_catalog.manifest import export
from apps_catalog.models import App, AppVersion
from audit.recording import System, record


def digest(manifest: dict[str, Any]) -> str:
    """SHA-256 of a manifest in canonical JSON, in hex."""
    canonical = json.dumps(manifest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


@transaction.atomic
def freeze(app: App, actor: User | System, manifest: dict[str, Any] | None = None) -> AppVersion:
    """Make the next version out of the draft as it stands, or of `manifest`. From the first on, the name is fixed.

    The caller has checked who may do it.
    """
    # The lock keeps two submissions from taking the same number, and a rename from slipping in.
    app = App.objects.select_for_update().get(pk=app.pk)
    is_draft = manifest is None
    manifest = export(app) if manifest is None else manifest
    last = app.versions.aggregate(last=Max("number"))["last"] or 0
    version = AppVersion.objects.create(
        app=app, number=last + 1, manifest=manifest, digest=digest(manifest),
        created_by=actor if isinstance(actor, User) else None,
    )  # fmt: skip
    if is_draft:
        keep_submitted(actor, app, version.number)
    record(actor, "version.frozen", app, chain=app.chain, number=version.number, digest=version.digest)
    return version
