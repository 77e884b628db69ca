"""The verbs about clients: set up, redirect URIs, secrets, and the scope they may ask for (D41, D44).

All of them are recorded in the chain of the App's company; no secret and no address is in a record.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils import timezone

from accounts.models import User
from apps_catalog.drafting import require_editor, save_row
from apps_catalog.models import App
from audit.recording import SYSTEM, System, record
from installs import digests, redirects, rules, scope_emails
from installs.lifecycle import end
from installs.models import MOST_REDIRECT_URIS, MOST_SECRETS, Client, ClientSecret, Install, ScopeRequest
from installs.states import WIDE, EndReason, InstallState, ScopeKind, ScopeRequestState

Actor = User | System
# So many installs are ended at once when a scope is taken back; the rest is for the daily purge (`installs.expiry`).
ENDED_AT_ONCE = 20

# Clients are locked with `no_key`: tokens that are given at the same moment point at theirs, and need not wait.


@transaction.atomic
def set_up(actor: Actor, app: App) -> Client:
    """The client of an App; asked for again, the same one."""
    require_editor(actor, app)
    client, is_new = Client.objects.get_or_create(app=app)
    if is_new:
        record(actor, "client.set_up", app, chain=app.chain, client=client.pk)
    return client


@transaction.atomic
def save_redirects(actor: Actor, client: Client, uris: Iterable[str], *, is_classic: bool, revision: int) -> list[str]:
    """Register these redirect URIs, in this order and no others; the names of what changed.

    Raises ValidationError for an address that cannot be registered or for too many, StaleDraft for an old form.
    """
    require_editor(actor, client.app)
    wanted = list(dict.fromkeys(uris))
    if len(wanted) > MOST_REDIRECT_URIS:
        raise ValidationError(f"{MOST_REDIRECT_URIS} redirect URIs at most.", code="many")
    for uri in wanted:
        redirects.check(uri)
    changed = save_row(client, {"redirect_uris": "\n".join(wanted), "is_classic": is_classic}, revision)
    if changed:
        record(
            actor, "client.changed", client.app, chain=client.app.chain,
            fields=sorted(changed), redirect_uris=len(wanted), is_classic=is_classic,
        )  # fmt: skip
    return changed


# --- Secrets -----------------------------------------------------------------------------------------


@transaction.atomic
def new_secret(
    actor: Actor, client: Client, name: str, *, value: str = "", newest: int | None = None
) -> tuple[ClientSecret, str]:
    """A new secret and its value, which nobody can read again.

    `value` is given by the demo alone, whose secret is the same each time. `newest` is what `newest_secret` said when
    the form was shown, so that a second click makes no second secret. Raises ValidationError for that (code “again”)
    and while two secrets work (“many”).
    """
    require_editor(actor, client.app)
    Client.objects.select_for_update(no_key=True).get(pk=client.pk)
    if newest is not None and newest != newest_secret(client):
        raise ValidationError("Another secret was made in the meantime.", code="again")
    if len(usable_secrets(client)) >= MOST_SECRETS:
        raise ValidationError("Two secrets work already. Retire one, then make another.", code="many")
    author = actor if isinstance(actor, User) else None
    made, value = _make(client, value, name=name.strip()[:60], created_by=author)
    record(actor, "client.secret_made", client.app, chain=client.app.chain, secret=made.pk)
    return made, value


def lend_secret(client: Client, until: datetime) -> tuple[ClientSecret, str]:
    """For a trial of the flow: it ends by itself, and does not count among the two."""
    return _make(client, name="Trial of the flow", is_trial=True, expires_at=until)


def take_back_secret(client: Client, pk: int) -> None:
    """The trial is over. Harmless when repeated."""
    ClientSecret.objects.filter(pk=pk, client=client, is_trial=True).delete()


def _make(client: Client, value: str = "", **fields: Any) -> tuple[ClientSecret, str]:
    value = value or digests.new_value()
    row = ClientSecret.objects.create(client=client, digest=digests.digest(value), hint=value[-4:], **fields)
    return row, value


@transaction.atomic
def retire_secret(actor: Actor, secret: ClientSecret) -> bool:
    """It stops working at once, for good. Tokens that it fetched go on. False when it was retired before."""
    client = secret.client
    require_editor(actor, client.app)
    now = timezone.now()
    if not ClientSecret.objects.filter(pk=secret.pk, retired_at__isnull=True).update(retired_at=now):
        return False
    secret.retired_at = now
    record(actor, "client.secret_retired", client.app, chain=client.app.chain, secret=secret.pk)
    return True


def usable_secrets(client: Client) -> list[ClientSecret]:
    """The secrets of the partner that work now, the newest first; without those of trials."""
    mine = client.secrets.filter(is_trial=False, retired_at__isnull=True).select_related("created_by")
    return [secret for secret in mine if secret.is_usable]


def newest_secret(client: Client) -> int:
    """The key of the partner's newest secret, retired ones included; 0 when there was none."""
    return client.secrets.filter(is_trial=False).aggregate(newest=Max("pk"))["newest"] or 0


# --- Scopes ------------------------------------------------------------------------------------------


@transaction.atomic
def choose_scope(actor: Actor, client: Client, kind: str) -> bool:
    """From now on requests of this client have to ask for this scope. False when it is set already.

    Installs keep what their customers consented to. Raises ValidationError for a scope that was not granted.
    """
    require_editor(actor, client.app)
    now = Client.objects.select_for_update(no_key=True).get(pk=client.pk)
    if kind not in rules.allowed_scopes(now):
        raise ValidationError("Segment has to grant this scope first.", code="not_granted")
    return _set_scope(actor, client, kind)


def _set_scope(actor: Actor, client: Client, kind: str) -> bool:
    client.scope_kind = kind
    if not Client.objects.filter(pk=client.pk).exclude(scope_kind=kind).update(scope_kind=kind):
        return False
    record(actor, "client.scope_set", client.app, chain=client.app.chain, scope=client.scope)
    return True


@transaction.atomic
def ask_scope(actor: Actor, client: Client, kind: str, reason: str) -> ScopeRequest:
    """Ask staff for a wider scope; they are told. Raises ValidationError when one is asked for or granted already."""
    require_editor(actor, client.app)
    if kind not in WIDE:
        raise ValidationError("Choose one of the wider scopes.", code="scope")
    if kind in rules.allowed_scopes(client):
        raise ValidationError("You have this scope already.", code="granted")
    made = _insert_request(actor, client, kind, reason)
    record(actor, "client.scope_asked", client.app, chain=client.app.chain, request=made.pk, scope=kind)
    scope_emails.scope_asked(made)
    return made


def _insert_request(actor: Actor, client: Client, kind: str, reason: str) -> ScopeRequest:
    author = actor if isinstance(actor, User) else None
    try:
        with transaction.atomic():
            return ScopeRequest.objects.create(client=client, scope_kind=kind, reason=reason, asked_by=author)
    except IntegrityError:
        raise ValidationError("You have asked already. Segment looks at one request at a time.", code="open") from None


@transaction.atomic
def withdraw_request(actor: Actor, request: ScopeRequest) -> bool:
    """The partner no longer wants it. False when it was decided or withdrawn before."""
    require_editor(actor, request.client.app)
    return _settle(actor, request, ScopeRequestState.WITHDRAWN, "client.scope_withdrawn")


@transaction.atomic
def grant_scope(actor: Actor, request: ScopeRequest) -> bool:
    """The partner may set its client to this scope now (`choose_scope`), and is told. False when it was decided before.

    Nothing is switched by it: a client whose code still asks for the old scope goes on working.
    """
    _require_decider(actor, request.client)
    if not _settle(actor, request, ScopeRequestState.GRANTED, "client.scope_granted"):
        return False
    scope_emails.scope_granted(request)
    return True


@transaction.atomic
def decline_scope(actor: Actor, request: ScopeRequest, answer: str) -> bool:
    """No, and why: the partner reads `answer`. False when it was decided before. Raises ValidationError without one."""
    _require_decider(actor, request.client)
    _require_answer(answer)
    if not _settle(actor, request, ScopeRequestState.DECLINED, "client.scope_declined", answer=answer):
        return False
    scope_emails.scope_declined(request)
    return True


def take_scope_back(actor: Actor, client: Client, answer: str) -> bool:
    """Back to the destination scope; every install with a wider one is over, its tokens with it (D44).

    All of them at once, however many: a new era begins (`Install.has_lost_its_scope`). Only then are the installs
    themselves ended and their customers told: a few here, the others by the daily purge. False when there is nothing
    to take back. Raises ValidationError without an answer for the partner.
    """
    _require_decider(actor, client)
    _require_answer(answer)
    if not _begin_era(actor, client, answer):
        return False
    lost = Install.objects.filter(client=client).lost().exclude(state=InstallState.ENDED).order_by("pk")
    for install in lost.select_related("workspace", "client__app")[:ENDED_AT_ONCE]:
        end(install, SYSTEM, EndReason.SCOPE)
    return True


@transaction.atomic
def _begin_era(actor: Actor, client: Client, answer: str) -> bool:
    """False when nobody had a wide scope."""
    Client.objects.select_for_update(no_key=True).get(pk=client.pk)
    wide = Install.objects.filter(client=client, scope_kind__in=WIDE).exclude(state=InstallState.ENDED)
    over = wide.filter(scope_era=F("client__scope_era")).count()
    granted = client.scope_requests.filter(state=ScopeRequestState.GRANTED)
    taken = granted.update(state=ScopeRequestState.TAKEN_BACK, answer=answer, **_decided(actor))
    is_set_back = _set_scope(actor, client, ScopeKind.DESTINATION)
    if not (taken or is_set_back or over):
        return False
    Client.objects.filter(pk=client.pk).update(scope_era=F("scope_era") + 1)
    record(actor, "client.scope_taken_back", client.app, chain=client.app.chain, ended=over)
    scope_emails.scope_taken_back(client, answer)
    return True


def _settle(actor: Actor, request: ScopeRequest, to: ScopeRequestState, action: str, **also: str) -> bool:
    """Move a waiting request on by compare-and-set, on the record."""
    values = {"state": to, **_decided(actor), **also}
    if not ScopeRequest.objects.filter(pk=request.pk, state=ScopeRequestState.WAITING).update(**values):
        return False
    for name, value in values.items():
        setattr(request, name, value)
    client = request.client
    record(actor, action, client.app, chain=client.app.chain, request=request.pk, scope=request.scope_kind)
    return True


def _decided(actor: Actor) -> dict[str, object]:
    return {"decided_at": timezone.now(), "decided_by": actor if isinstance(actor, User) else None}


def _require_decider(actor: Actor, client: Client) -> None:
    if not rules.can_decide_scope(actor, client):
        raise PermissionDenied


def _require_answer(answer: str) -> None:
    if not answer.strip():
        raise ValidationError("Say why: the partner reads it.", code="answer")
