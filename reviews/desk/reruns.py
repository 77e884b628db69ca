"""The suite once more, with the partner's key, at a reviewer's hand (S29, third step).

What runs is the submitted version: its endpoint or its code, its settings, whatever the draft says by now. The key goes
from the sealed test account into the sealed run; no page and no log sees it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet

from accounts.models import User
from apps_catalog.models import Component, ReviewerAccess, Setting
from apps_catalog.setting_drafts import EDITABLE
from apps_catalog.states import CODE_KINDS, TESTABLE_KINDS, ComponentKind, PluginShape
from reviews.models import Submission
from reviews.rules import can_review
from runtime.webhooks import API_KEY
from testbench import fingerprint
from testbench.lifecycle import start_suite
from testbench.models import SuiteRun
from testbench.values import installed_with, missing, remembered
from vault.sealing import CannotOpen

SHOWN = 20
NO_KEY = "There is no API key: the test account has none, and none is remembered. Ask the partner to add it."
GONE = (
    "The partner removed this component from the draft after submitting, so it cannot be tested. "
    "Ask the partner to add it again."
)


# What of a component is submitted, by the part of the manifest.
FROZEN = ("endpoint", "code", "shape", "library_name")


@dataclass(frozen=True, slots=True)
class Target:
    """A component with the endpoint or the code that was submitted.

    `moved`: which of the two the draft has another of by now, “endpoint”, “code” or "". `problem`: why it cannot
    be run, as when the draft lacks the component and with it the row that a run belongs to; empty when it can.
    """

    component: Component
    moved: str = ""
    problem: str = ""


def targets(submission: Submission) -> list[Target]:
    """The components of the version that can be tested, in one query."""
    frozen = {part["kind"]: _submitted(part) for part in submission.version.manifest["components"]}
    wanted = {kind: values for kind, values in frozen.items() if kind in TESTABLE_KINDS and _has_content(values)}
    rows = Component.objects.filter(app=submission.app_id, kind__in=wanted)
    found = {component.kind: component for component in rows}
    return [_target(kind, values, found.get(kind)) for kind, values in wanted.items()]


def _submitted(part: Mapping[str, Any]) -> dict[str, str]:
    values = {name: part.get(name, "") for name in FROZEN}
    if part["kind"] == ComponentKind.WEB_PLUGIN:  # a manifest leaves the usual shape out
        values["shape"] = values["shape"] or PluginShape.OBJECT.value
    return values


def _has_content(values: Mapping[str, str]) -> bool:
    return bool(values["endpoint"] or values["code"].strip())


def _target(kind: str, values: Mapping[str, str], component: Component | None) -> Target:
    """The row is never saved: it only says what this run tests."""
    if component is None:
        return Target(Component(kind=kind, **values), problem=GONE)
    moved = _moved(component, values)
    for name, value in values.items():
        setattr(component, name, value)
    return Target(component, moved)


def _moved(component: Component, values: Mapping[str, str]) -> str:
    if component.kind not in CODE_KINDS:
        return "endpoint" if component.endpoint != values["endpoint"] else ""
    usual = {"shape": component.shape or values["shape"]}
    draft = {name: getattr(component, name) for name in ("code", "library_name")} | usual
    return "code" if any(values[name] != value for name, value in draft.items()) else ""


def frozen_settings(submission: Submission) -> list[Setting]:
    """The settings of the version as unsaved rows, which say what a run needs to know of them."""
    columns = ("key", *EDITABLE)
    settings = submission.version.manifest["settings"]
    return [Setting(**{name: one[name] for name in columns if name in one}) for one in settings]


def runs_of(submission: Submission) -> QuerySet[SuiteRun]:
    """The runs that stood at submission and those that reviewers started since, the newest first."""
    ids = submission.evidence.get("runs", [])
    rows = SuiteRun.objects.filter(Q(submission_id=submission.pk) | Q(pk__in=ids), app=submission.app_id)
    return rows.select_related("component", "requested_by").defer("plan", "settings_sealed", "code", "component__code")


def start_rerun(submission: Submission, actor: User, kind: str) -> SuiteRun:
    """Ask a worker for a run; while one lasts, that one is returned.

    Raises ValidationError with what is missing, PermissionDenied for those who may not judge the App.
    """
    if not can_review(actor, submission.app):
        raise PermissionDenied("Reviewers run suites, and never those of their own company.")
    target = next((one for one in targets(submission) if one.component.kind == kind), None)
    if target is None:
        raise ValidationError("This component cannot be tested: nothing of it was submitted that could be run.")
    if target.problem:
        raise ValidationError(target.problem)
    component, settings = target.component, frozen_settings(submission)
    component.app = submission.app
    values = _values(component, fingerprint.used_settings(component, settings))
    return start_suite(actor, component, values, submission_id=submission.pk, settings=settings)


def _values(component: Component, used: list[Setting]) -> dict[str, Any]:
    """Defaults, over them what the partner's last run remembered, over that the key of the test account.

    What is remembered of settings that came later stays out: the submitted version knows nothing of them.
    """
    kept = remembered(component) | _reviewers_key(component)
    values = installed_with(used, kept) | {API_KEY: kept.get(API_KEY, "")}
    if not values[API_KEY]:
        raise ValidationError(NO_KEY)
    if lacking := missing(used, values):
        names = ", ".join(setting.label for setting in lacking)
        raise ValidationError(f"These required settings have no remembered value: {names}. Ask the partner.")
    return values


def _reviewers_key(component: Component) -> dict[str, str]:
    access = ReviewerAccess.objects.filter(app=component.app_id).first()
    try:
        key = access.open("api_key") if access else ""
    except CannotOpen:
        return {}
    return {API_KEY: key} if key else {}
