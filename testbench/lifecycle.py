"""The verbs of a test run: start, send one event, cancel, repeat, keep, purge. The worker ends runs (execution)."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings as django_settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone

from accounts.models import User
from accounts.rules import is_reviewer
from apps_catalog.models import Component, Setting
from apps_catalog.setting_secrets import secrets_of, sensitive_keys
from apps_catalog.states import TESTABLE_KINDS
from audit.recording import System, record
from leases.transitions import move
from runtime.redaction import MASK, mask
from runtime.suite.plan import Planned, UnknownGroup, single_plan, suite_plan, write_plan
from runtime.suite.verdicts import REQUIRED_GROUPS
from testbench import fingerprint
from testbench.claims import wake
from testbench.models import SuiteRun
from testbench.rules import can_cancel_run, can_run_suite
from testbench.states import ACTIVE, FINAL, RunKind, RunState
from testbench.values import check_values, remembered

NOT_REMEMBERED = "The API key is not kept after a run, unless you tick “Remember”. Enter it again to run once more."
MASKED_EVENT = "A secret in this event was masked when it was kept. Put the real value in place of the asterisks."
OTHER_KEY = "This case was sent with another key than yours on purpose. Sent from here, it takes the key you enter."


def start_suite(
    actor: User | System,
    component: Component,
    values: Mapping[str, Any],
    groups: Sequence[str] | None = None,
    submission_id: UUID | None = None,
    settings: Sequence[Setting] | None = None,
) -> SuiteRun:
    """Ask for a Test Suite run with the settings `values` (“apiKey” among them); a worker does it.

    A second call while one is waiting or running returns that one: a double click is one run. With
    `submission_id` it is a reviewer's run, apart from the partner's; `settings` are then the definitions of
    the submitted version, instead of the draft's. Raises ValidationError for people when it cannot be run,
    PermissionDenied when the actor may not.
    """
    try:
        plan = suite_plan(groups)
    except UnknownGroup as error:
        raise ValidationError(str(error), code="group") from None
    run = SuiteRun(
        component=component,
        kind=RunKind.SUITE,
        groups=sorted({case.group for case in plan}),
        submission_id=submission_id,
    )
    return _start(actor, run, plan, values, settings=settings)


def start_single(
    actor: User | System, component: Component, values: Mapping[str, Any], event: dict[str, Any]
) -> SuiteRun:
    """Ask for one event to be sent (D14); otherwise like `start_suite`."""
    run = SuiteRun(component=component, kind=RunKind.SINGLE)
    return _start(actor, run, single_plan(event), values, event)


def active_run(component: Component, kind: str, submission_id: UUID | None = None) -> SuiteRun | None:
    """The run of that kind that is waiting or running."""
    return SuiteRun.objects.active().filter(component=component, kind=kind, submission_id=submission_id).first()


@transaction.atomic
def cancel(run: SuiteRun, actor: User | System) -> None:
    """End a run that is waiting or running; what it found so far stays. Raises StaleState when it is over."""
    if isinstance(actor, User) and not can_cancel_run(actor, run):
        raise PermissionDenied
    over = {"due_at": None, "lease_until": None, "lease_token": None, "settings_sealed": ""}
    move(run, "state", from_=ACTIVE, to=RunState.CANCELLED, finished_at=timezone.now(), **over)
    record(actor, "suite.cancelled", run.app, chain=run.app.chain, run=str(run.pk))


def rerun(run: SuiteRun, actor: User | System) -> SuiteRun:
    """Start the same again with the values that the component remembers; the run's own were wiped."""
    values = remembered(run.component)
    if not values:
        raise ValidationError(NOT_REMEMBERED, code="not_remembered")
    if run.kind == RunKind.SINGLE:
        if is_masked(run.cases[0].event):
            raise ValidationError(MASKED_EVENT, code="masked")
        return start_single(actor, run.component, values, run.cases[0].event)
    return start_suite(actor, run.component, values, run.groups)


def resend(run: SuiteRun, position: int, actor: User | System) -> SuiteRun:
    """Send the event of one case again, byte for byte, with the values that the component remembers.

    Raises ValidationError where that needs a person: without a remembered key, with an event whose secrets
    were masked, and for a case that is sent with a wrong key.
    """
    case = next((case for case in run.cases if case.position == position), None)
    if case is None:
        raise ValidationError("There is no such event in this run.", code="position")
    if case.expects != "accepted":
        raise ValidationError(OTHER_KEY, code="other_key")
    if run.kind == RunKind.SINGLE and is_masked(case.event):
        raise ValidationError(MASKED_EVENT, code="masked")
    values = remembered(run.component)
    if not values:
        raise ValidationError(NOT_REMEMBERED, code="not_remembered")
    return start_single(actor, run.component, values, case.event)


def is_masked(event: dict[str, Any]) -> bool:
    """Whether a kept event has lost a secret that a person had typed into it."""
    return MASK in json.dumps(event, ensure_ascii=False)


def keep(run_ids: Iterable[UUID | str]) -> int:
    """Keep these runs for good, because a review rests on them; returns how many there are.

    Part of the caller's verb, which checks the actor and writes the audit record.
    """
    return SuiteRun.objects.filter(pk__in=list(run_ids)).update(kept=True)


def purge_runs(now: datetime | None = None) -> int:
    """Delete runs that ended SUITE_RUNS_KEPT_DAYS (90) ago or earlier; returns how many.

    What still proves a component, and what a review rests on, stays.
    """
    newest = SuiteRun.objects.proofs().filter(component=OuterRef("component")).order_by("-created_at")
    before = (now or timezone.now()) - timedelta(days=django_settings.SUITE_RUNS_KEPT_DAYS)
    old = SuiteRun.objects.filter(state__in=FINAL, submission_id__isnull=True, kept=False, finished_at__lt=before)
    doomed = old.annotate(proof=Subquery(newest.values("pk")[:1])).filter(Q(proof=None) | ~Q(proof=F("pk")))
    ids = list(doomed.values_list("pk", flat=True))
    # Asked again: a submission may have come in between.
    return SuiteRun.objects.filter(pk__in=ids, kept=False).delete()[1].get("testbench.SuiteRun", 0)


def _start(
    actor: User | System,
    run: SuiteRun,
    plan: list[Planned],
    values: Mapping[str, Any],
    event: dict[str, Any] | None = None,
    settings: Sequence[Setting] | None = None,
) -> SuiteRun:
    _check_actor(actor, run)
    _check_component(run.component)
    check_values(values)
    _describe(run, settings)
    _fill(run, actor, plan, values, event)
    try:
        with transaction.atomic():
            run.save(force_insert=True)
            facts = {"run": str(run.pk), "kind": run.kind, "component": run.component.kind}
            record(actor, "suite.started", run.app, chain=run.app.chain, **facts)
            wake(run.pk)
    except IntegrityError:
        running = active_run(run.component, run.kind, run.submission_id)
        if running is None:  # it ended this very moment
            raise ValidationError("Another run was just ending. Try again.", code="busy") from None
        return running
    return run


def _describe(run: SuiteRun, settings: Sequence[Setting] | None) -> None:
    """What is tested, and which of its settings are secret."""
    component = run.component
    run.app, run.endpoint = component.app, component.endpoint
    run.code, run.shape, run.library_name = component.code, component.shape, component.library_name
    run.fingerprint = fingerprint.of(component, settings)
    run.fingerprint_parts = fingerprint.parts(component, settings)
    run.covers_required = set(REQUIRED_GROUPS) <= set(run.groups)
    run.sensitive = sensitive_keys(fingerprint.used_settings(component, settings))


def _fill(
    run: SuiteRun,
    actor: User | System,
    plan: list[Planned],
    values: Mapping[str, Any],
    event: dict[str, Any] | None,
) -> None:
    run.requested_by = actor if isinstance(actor, User) else None
    run.put_secrets(dict(values), event)
    # A single event is typed by a person and may hold the key; the worker takes the sealed one.
    shown = mask(plan, secrets_of(values, run.sensitive)).value if event else plan
    run.plan, run.planned = write_plan(shown), len(plan)
    run.due_at = timezone.now()


def _check_actor(actor: User | System, run: SuiteRun) -> None:
    if isinstance(actor, System):
        return
    allowed = is_reviewer(actor) if run.submission_id else can_run_suite(actor, run.component.app)
    if not allowed:
        raise PermissionDenied


def _check_component(component: Component) -> None:
    if component.kind not in TESTABLE_KINDS:
        raise ValidationError(f"A {component.get_kind_display().lower()} cannot be tested here.", code="kind")
    if component.lacks:
        what = "Set the endpoint" if component.lacks == "endpoint" else "Write the code"
        raise ValidationError(f"{what} of the {component.get_kind_display().lower()} first.", code=component.lacks)
