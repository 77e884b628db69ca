"""What the Test Suite proved, for the texts that `apps_catalog` writes about an App: here is where they meet."""

from collections.abc import Sequence

from apps_catalog.models import App
from apps_catalog.proven_types import ProvenType
from runtime.suite.verdicts import COLOURING
from testbench.models import CaseResult
from testbench.proof import proofs
from testbench.states import Verdict


def of_app(app: App) -> Sequence[ProvenType]:
    """The types of call that the current proofs answered green, in the order sent (`proven_types.Provider`).

    A type with any result of a required group that is not green is not supported in full, so it is left out.
    """
    runs = {proof.run.pk: proof.run for proof in proofs(app) if proof.run and proof.is_passed}
    results = CaseResult.objects.filter(run__in=runs, group__in=COLOURING).order_by("run_id", "position")
    rows = list(results.values_list("run_id", "position", "type", "verdict"))
    partly = {kind for _, _, kind, verdict in rows if verdict != Verdict.GREEN}
    events = {(pk, case.position): case.event for pk, run in runs.items() for case in run.cases} if rows else {}
    return [ProvenType(kind, events.get((run, position), {})) for run, position, kind, _ in rows if kind not in partly]
