"""Tokens of an install: how they are given, recognised, described and ended (D42, D43).

An install has one access token at a time: whichever way a new one was asked for, the one before stops working.
Whoever changes tokens holds the row of their install, so that of many at once each sees what the others did.
"""

import uuid
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from audit.recording import record
from installs.digests import digest, new_value
from installs.models import AccessToken, Install, RefreshToken

log = structlog.get_logger(__name__)

ACCESS_SECONDS: int = settings.OAUTH2_PROVIDER["ACCESS_TOKEN_EXPIRE_SECONDS"]
# Counted from the moment in which it was given, whatever is done with it meanwhile (T18).
REFRESH_KEPT = timedelta(seconds=settings.OAUTH2_PROVIDER["REFRESH_TOKEN_EXPIRE_SECONDS"])


def hold(install_id: int) -> Install:
    """The install as it is now, locked until the transaction ends. Raises Install.DoesNotExist."""
    rows = Install.objects.select_related("client__app", "workspace", "source").select_for_update(of=("self",))
    return rows.get(pk=install_id)


# --- Given ---------------------------------------------------------------------------------------------


@transaction.atomic
def issue(install: Install) -> dict[str, Any]:
    """A new access token for whoever knows the client's secret (D43); the one before is dead.

    Refresh tokens stay good. Raises Install.DoesNotExist when the install is not active, or what it is about is gone.
    """
    install = hold(install.pk)
    if not install.is_usable:
        raise Install.DoesNotExist
    value = new_value()
    put_access(install, value)
    return {"access_token": value, "expires_in": ACCESS_SECONDS, "scope": install.scope} | describe(install)


def put_access(install: Install, value: str) -> AccessToken:
    """From now on `value` is the access token of this install, and the only one."""
    AccessToken.objects.filter(install=install).delete()
    return AccessToken.objects.create(
        install=install, application_id=install.client_id, scope=install.scope, token_checksum=digest(value),
        expires=timezone.now() + timedelta(seconds=ACCESS_SECONDS),
    )  # fmt: skip


def put_refresh(access: AccessToken, value: str, family: uuid.UUID | None) -> None:
    """A refresh token beside its access token; of a new family when `family` is None."""
    RefreshToken.objects.create(
        install=access.install, application_id=access.install.client_id, token_checksum=digest(value),
        access_token=access, token_family=family or uuid.uuid4(),
    )  # fmt: skip


# --- Recognised and described --------------------------------------------------------------------------


def install_of(bearer: str) -> tuple[Install, AccessToken] | None:
    """Whose token `bearer` is, with client, App, company, workspace and source loaded, in one query.

    None for what is unknown or expired, and when the install is over.
    """
    token = (
        AccessToken.objects.select_related("install__client__app__company", "install__workspace", "install__source")
        .filter(token_checksum=digest(bearer), expires__gt=timezone.now())
        .first()
    )
    return (token.install, token) if token is not None and token.install.is_usable else None


def describe(install: Install) -> dict[str, Any]:
    """The members that Segment adds to the standard ones (D42): names of the App, the install and its places.

    `token_type` is among them, because Segment writes it in lower case.
    """
    workspace = f"workspaces/{install.workspace.slug}"
    found: dict[str, Any] = {
        "token_type": "bearer",
        "app_name": f"apps/{install.client.app_id}",
        "install_name": install.name,
        "workspace_names": [workspace],
    }
    if install.source is not None:
        found["source_names"] = [f"{workspace}/sources/{install.source.slug}"]
    return found


# --- Ended ---------------------------------------------------------------------------------------------


def kill(install: Install) -> None:
    """No token of this install works any more."""
    RefreshToken.objects.filter(install=install, revoked__isnull=True).update(revoked=timezone.now())
    AccessToken.objects.filter(install=install).delete()


def kill_stolen(install: Install, what: str) -> None:
    """A code or refresh token came a second time, so two parties have it, and nobody can tell which is the right one.

    All that came of it ends. The install goes on: its own client gets a token by its name and its secret (`issue`),
    and one that it has got so already is none of these. `what` is “code” or “refresh”.
    """
    ended = RefreshToken.objects.filter(install=install, revoked__isnull=True).update(revoked=timezone.now())
    ended += AccessToken.objects.filter(install=install, refresh_token__isnull=False).delete()[0]
    if ended:
        log.warning("oauth_reuse", install=install.pk, client=install.client_id, what=what)
        record(install.machine, "install.tokens_ended", install, chain=install.workspace.chain, reused=what)
