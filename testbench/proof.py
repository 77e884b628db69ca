"""Whether each component is proven as it stands now: what the checklist and the desk believe (S12)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from django.db.models import OuterRef, Subquery, prefetch_related_objects

from apps_catalog.models import App, Component
from testbench import fingerprint
from testbench.models import SuiteRun, SuiteRunQuerySet

ProofState = Literal["none", "running", "stale", "failed", "passed"]
# A part of the fingerprint, in words that complete “what it tested changed: …”.
PART_NAMES = {
    "kind": "the kind of component",
    "endpoint": "the endpoint",
    "code": "the code",
    "pull request": "the pull request",
    "settings": "the settings",
}


@dataclass(frozen=True, slots=True)
class Proof:
    """`run` is the run that says so: the newest complete suite, or the one under way for `running`.

    `changed` names what is different since that run, for people; empty unless the state is stale.
    """

    component: Component
    run: SuiteRun | None
    state: ProofState
    changed: tuple[str, ...] = ()

    @property
    def is_passed(self) -> bool:
        return self.state == "passed"


def proofs(app: App) -> list[Proof]:
    """One proof for each component of the draft, in a constant number of queries.

    A complete suite on what stands now decides; while it is repeated, it goes on counting if it passed.
    """
    components = list(
        app.components.annotate(
            proof_id=_newest(SuiteRun.objects.proofs()),
            active_id=_newest(SuiteRun.objects.suites().active().filter(submission_id__isnull=True)),
        )
    )
    _share(app, components)
    ids = {pk for one in components for pk in (one.proof_id, one.active_id) if pk}
    runs = SuiteRun.objects.defer("plan", "settings_sealed").in_bulk(ids)
    return [_judge(one, runs.get(one.proof_id), runs.get(one.active_id)) for one in components]


def changed_since(run: SuiteRun, component: Component) -> tuple[str, ...]:
    """What the run tested and is different now, in words; empty when the run still counts."""
    if run.fingerprint == fingerprint.of(component):
        return ()
    now = fingerprint.parts(component)
    names = [PART_NAMES[name] for name, value in now.items() if run.fingerprint_parts.get(name) != value]
    return tuple(names) or ("the component",)


def _judge(component: Component, last: SuiteRun | None, active: SuiteRun | None) -> Proof:
    changed = changed_since(last, component) if last else ()
    if last and not changed and last.has_passed:
        return Proof(component, last, "passed")
    if active:
        return Proof(component, active, "running")
    if last is None:
        return Proof(component, None, "none")
    return Proof(component, last, "stale", changed) if changed else Proof(component, last, "failed")


def _newest(runs: SuiteRunQuerySet) -> Subquery:
    return Subquery(runs.filter(component=OuterRef("pk")).order_by("-created_at").values("pk")[:1])


def _share(app: App, components: Sequence[Component]) -> None:
    """Give all components the one App with its settings loaded, so that none asks again."""
    if "settings" not in getattr(app, "_prefetched_objects_cache", {}):
        prefetch_related_objects([app], "settings")
    for component in components:
        component.app = app
