"""Looking from outside whether everything of an App answers: endpoint, documentation, website, test log-in.

A request writes down what is to be looked at; a worker looks, one address after the other, under a lease, and
writes each result as it comes. Looks that are a few minutes old are used again.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from apps_catalog.models import App, AppVersion, Listing, ReviewerAccess
from apps_catalog.states import TESTABLE_KINDS
from leases.doorbell import ring
from reviews.models import Probe, Submission
from reviews.probe_sending import Look, look_at
from reviews.states import ProbeReason

log = structlog.get_logger(__name__)

TASK = "reviews.tasks.run_probes"
# Longer than one address may take; extended after each.
LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 3
# Between two looks at what did not answer, so that nobody's server is hammered from here.
PAUSE = timedelta(seconds=20)
# How many looks at the same thing are kept: the last one, and the one before it to compare.
KEPT = 2
GAVE_UP = "This was not looked at because of a fault on our side. Check again."


def fresh_for() -> timedelta:
    """For how long a look is used again (PROBE_FRESH_MINUTES)."""
    return timedelta(minutes=settings.PROBE_FRESH_MINUTES)


def is_current(probe: Probe, targets: list[dict[str, Any]]) -> bool:
    """Whether `probe` looked at just these addresses a few minutes ago, or is about to."""
    same = _addresses(probe.targets) == _addresses(targets)
    return same and (not probe.is_over or probe.requested_at > timezone.now() - fresh_for())


def is_fresh(probe: Probe, targets: list[dict[str, Any]]) -> bool:
    """Whether it need not be looked at again: what did not answer is tried again as soon as somebody asks."""
    found_bad = probe.is_over and any(target.get("state") != "ok" for target in probe.targets)
    just_now = probe.requested_at > timezone.now() - PAUSE
    return is_current(probe, targets) and (just_now or not found_bad)


def request_draft(app: App, actor: User | None = None) -> Probe:
    """Have the draft looked at before it is submitted; a look that is still fresh is used again."""
    return _request(app, None, targets_of_draft(app), ProbeReason.PREFLIGHT, actor)


def request(submission: Submission, why: str = ProbeReason.PICK_UP, actor: User | None = None) -> Probe:
    """Have a submitted version looked at; harmless to call again and again. `why` is a `ProbeReason`.

    For PREFLIGHT, a fresh look at the same addresses of the draft is taken over.
    """
    targets = targets_of_submission(submission)
    last = _newest(submission.app, None) if why == ProbeReason.PREFLIGHT else None
    if last and last.is_over and is_fresh(last, targets):
        return _take_over(last, submission)
    return _request(submission.app, submission, targets, why, actor)


def _request(
    app: App, submission: Submission | None, targets: list[dict[str, Any]], why: str, actor: User | None
) -> Probe:
    last = _newest(app, submission)
    if last and (not last.is_over or is_fresh(last, targets)):
        return last
    now = timezone.now()
    wish = Probe(
        app=app, submission=submission, why=why, targets=targets, requested_by=actor, due_at=now, requested_at=now
    )
    try:
        with transaction.atomic():
            wish.save(force_insert=True)
            _forget_older(app, submission)
            ring(TASK)
    except IntegrityError:  # a double click: the other one was first
        return _newest(app, submission) or wish
    return wish


def _newest(app: App, submission: Submission | None) -> Probe | None:
    return Probe.objects.of(app, submission).order_by("-requested_at").first()


def _take_over(last: Probe, submission: Submission) -> Probe:
    """The fresh look at the draft as one at the submission, with its own times."""
    return Probe.objects.create(
        app=last.app, submission=submission, why=ProbeReason.PREFLIGHT, targets=last.targets,
        requested_by=last.requested_by, requested_at=last.requested_at, finished_at=last.finished_at,
    )  # fmt: skip


def _forget_older(app: App, submission: Submission | None) -> None:
    same = Probe.objects.of(app, submission)
    kept = list(same.order_by("-requested_at").values_list("pk", flat=True)[:KEPT])
    same.filter(finished_at__isnull=False).exclude(pk__in=kept).delete()


# --- What is looked at -----------------------------------------------------------------------------------


def targets_of_draft(app: App) -> list[dict[str, Any]]:
    components = [{"kind": one.kind, "endpoint": one.endpoint} for one in app.components.all()]
    listing = Listing.objects.get(app=app)
    return list(_targets(components, listing.website, listing.docs_urls, _login_url(app)))


def targets_of_submission(submission: Submission) -> list[dict[str, Any]]:
    """What the version says; the test account, which is in no version, as it is now."""
    return targets_of_version(submission.version, _login_url(submission.app))


def targets_of_version(version: AppVersion, login: str = "") -> list[dict[str, Any]]:
    """The addresses that a version names."""
    listing = version.manifest.get("listing") or {}
    links = listing.get("docs_links") or {}
    docs = [links[name] for name in ("partner", "segment", "launch") if links.get(name)]
    return list(_targets(version.manifest.get("components") or [], listing.get("website", ""), docs, login))


def _login_url(app: App) -> str:
    return ReviewerAccess.objects.filter(app=app.pk).values_list("login_url", flat=True).first() or ""


def _targets(components: list[dict[str, Any]], website: str, docs: list[str], login: str) -> Iterator[dict[str, Any]]:
    for component in components:
        if component["kind"] in TESTABLE_KINDS and component.get("endpoint"):
            yield {"kind": "endpoint", "url": component["endpoint"], "component": component["kind"]}
    for url in dict.fromkeys(docs):
        yield {"kind": "docs", "url": url}
    if website:
        yield {"kind": "website", "url": website}
    if login:
        yield {"kind": "login", "url": login}


def _addresses(targets: list[dict[str, Any]]) -> set[tuple[str, str]]:
    return {(target["kind"], target["url"]) for target in targets}


# --- The worker's part -----------------------------------------------------------------------------------


def work_on_due(look: Look = look_at) -> bool:
    """Work on one probe that is due; whether there was one. Further ones wake a worker of their own."""
    claimed = Probe.objects.claim(lease=LEASE)
    if not claimed:
        return False
    _work(claimed[0], look)
    if Probe.objects.claimable().exists():
        ring(TASK)
    return True


def _work(probe: Probe, look: Look) -> None:
    for position, target in enumerate(probe.targets):
        if target.get("state"):
            continue
        result = _gave_up() if probe.attempts > MAX_ATTEMPTS else look(probe, target)
        targets = [*probe.targets]
        targets[position] = {**target, **result, "at": timezone.now().isoformat()}
        if not probe.still_held(extend=LEASE, targets=targets):
            log.info("probe_lease_lost", probe=probe.pk)
            return
    _finish(probe)


def _gave_up() -> Mapping[str, Any]:
    return {"state": "warn", "status": None, "message": GAVE_UP}


@transaction.atomic
def _finish(probe: Probe) -> None:
    if probe.settle(finished_at=timezone.now()) and probe.submission_id is None:
        _pass_on_to_listing(probe)
    states = [target.get("state") for target in probe.targets]
    log.info("probe_finished", probe=probe.pk, app_id=probe.app_id, looked_at=len(states), ok=states.count("ok"))


def _pass_on_to_listing(probe: Probe) -> None:
    """What was found out about the links is news to the checklist as well."""
    found = {
        target["url"]: {
            "ok": target["state"] == "ok", "status": target["status"], "message": target["message"], "at": target["at"]
        }
        for target in probe.targets
        if target["kind"] in ("docs", "website") and target["message"] != GAVE_UP
    }  # fmt: skip
    listing = Listing.objects.select_for_update().get(app=probe.app_id)
    Listing.objects.filter(pk=listing.pk).update(link_checks={**listing.link_checks, **found})
