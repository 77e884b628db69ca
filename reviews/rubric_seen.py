"""What the rubric looks at: a draft as it stands, or submissions as they were frozen; constant queries for any number.

Checks (`reviews.rubric_checks`) read a `Seen` and nothing else, so a rule means the same before and after submitting.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, UUIDField, prefetch_related_objects
from django.urls import reverse

from apps_catalog.models import App
from apps_catalog.states import ComponentKind
from leases.prepared import Prepared, Slot
from reviews.checklist import Checklist
from reviews.items import Item
from reviews.models import Probe, Submission
from testbench.models import CaseResult, SuiteRun

# Where the partner mends what an item of the checklist does not cover.
PAGES = {"components": "app-components", "settings": "app-settings", "suite": "suite-home", "docs": "app-docs",
         "listing": "app-listing", "access": "app-access"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SeenItem:
    """An item of the checklist as far as rules need it."""

    text: str
    is_done: bool
    reason: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class SeenCase:
    """The result of one case: `verdict` as testbench has it, `message` what was said to it."""

    group: str
    verdict: str
    status: int | None
    name: str
    message: str


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything a check may look at. `reviewer_runs` is None for a draft, which no reviewer has."""

    items: Mapping[str, SeenItem]
    manifest: Mapping[str, Any]
    cases: Sequence[SeenCase] = ()
    probe: Probe | None = None
    reviewer_runs: Sequence[SuiteRun] | None = None
    pages: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_draft(self) -> bool:
        return self.reviewer_runs is None


# --- A draft ---------------------------------------------------------------------------------------------


def of_draft(app: App, listed: Checklist) -> Seen:
    """The draft of `app` now, with its checklist."""
    return Seen(
        items={item.id: _item(item) for item in listed.items},
        manifest=_draft_manifest(app),
        cases=[_case(row) for row in _cases(listed.runs)],
        probe=newest_of_draft(app),
        pages={name: reverse(page, args=[app.slug]) for name, page in PAGES.items()},
    )


def _draft_manifest(app: App) -> dict[str, Any]:
    """What checks read of a manifest, without reading pictures: endpoints, and what kind of settings there are."""
    prefetch_related_objects([app], "components", "settings")
    return {
        "components": [{"kind": one.kind, "endpoint": one.endpoint} for one in app.components.all()],
        "settings": [
            {"key": one.key, "required": one.required, "sensitive": one.sensitive} for one in app.settings.all()
        ],
    }


def newest_of_draft(app: App) -> Probe | None:
    """The probe that is under way, or the last one."""
    return Probe.objects.of(app).order_by("-requested_at").first()


def _item(item: Item) -> SeenItem:
    return SeenItem(item.text, item.is_done, item.reason, item.url)


# --- Submissions -----------------------------------------------------------------------------------------


def of_submissions(submissions: Sequence[Submission]) -> dict[UUID, Seen]:
    """Submissions as they were handed in, with what was found at pick-up; three queries for all of them.

    `version` has to be loaded with each.
    """
    frozen_runs = {one.pk: tuple(one.evidence.get("runs", [])) for one in submissions}
    cases = _by_run(_cases([run for runs in frozen_runs.values() for run in runs]))
    reruns = _reruns(submissions)
    probes = _probes(submissions)
    return {
        one.pk: Seen(
            items=_frozen_items(one),
            manifest=one.version.manifest,
            cases=[case for run in frozen_runs[one.pk] for case in cases.get(str(run), [])],
            probe=probes.get(one.pk),
            reviewer_runs=reruns.get(one.pk, []),
        )
        for one in submissions
    }


def _frozen_items(submission: Submission) -> dict[str, SeenItem]:
    lines = submission.evidence.get("checklist", [])
    return {
        line["item"]: SeenItem(line.get("text", ""), line.get("state") == "done", line.get("reason", ""))
        for line in lines
        if "item" in line
    }


def _reruns(submissions: Sequence[Submission]) -> dict[UUID, list[SuiteRun]]:
    """The reviewers' runs of each submission, the newest first."""
    found: dict[UUID, list[SuiteRun]] = {}
    for run in _rows_of(submissions, _runs, _runs_of_one):
        if run.submission_id:
            found.setdefault(run.submission_id, []).append(run)
    return found


def _probes(submissions: Sequence[Submission]) -> dict[UUID, Probe]:
    """The newest look at each; `probes.request` keeps no more than a few of one submission."""
    rows = _rows_of(submissions, _looks, _looks_at_one)
    return {probe.submission_id: probe for probe in rows if probe.submission_id}


def _runs(**of: Any) -> QuerySet[SuiteRun]:
    rows = SuiteRun.objects.suites().filter(**of).order_by("-created_at")
    return rows.only("submission_id", "state", "verdict", "covers_required")


def _looks(**of: Any) -> QuerySet[Probe]:
    return Probe.objects.filter(**of).order_by("requested_at")


_THE_ONE = Slot("submission", UUIDField())
_runs_of_one = Prepared(lambda: _runs(submission_id=_THE_ONE))
_looks_at_one = Prepared(lambda: _looks(submission_id=_THE_ONE))


def _rows_of(submissions: Sequence[Submission], rows: Callable[..., QuerySet[Any]], of_one: Prepared) -> list[Any]:
    """One query. A page is about one submission and has it prepared; the preview of a rubric looks at many."""
    if len(submissions) == 1:
        return of_one.ask(submission=submissions[0].pk)
    return list(rows(submission_id__in=[one.pk for one in submissions]))


# --- Results of cases ------------------------------------------------------------------------------------


def _cases(run_ids: Iterable[Any]) -> list[CaseResult]:
    """Without those of web plugins: no browser sends a delete event, is answered with a status, or keeps a key."""
    wanted = list(run_ids)
    if not wanted:
        return []
    fields = ("run_id", "group", "verdict", "status", "name", "message", "position")
    rows = CaseResult.objects.filter(run__in=wanted).exclude(run__component__kind=ComponentKind.WEB_PLUGIN)
    return list(rows.only(*fields).order_by("position"))


def _by_run(rows: Iterable[CaseResult]) -> dict[str, list[SeenCase]]:
    found: dict[str, list[SeenCase]] = {}
    for row in rows:
        found.setdefault(str(row.run_id), []).append(_case(row))
    return found


def _case(row: CaseResult) -> SeenCase:
    return SeenCase(row.group, row.verdict, row.status, row.name, row.message)
