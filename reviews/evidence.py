"""Freezing what a submission rests on: manifest, code, pictures, checklist and suite runs (runtime.evidence)."""

from typing import Any

from reviews.checklist import Checklist
from reviews.frozen_code import frozen_code
from reviews.models import Evidence, Submission
from runtime.evidence import canonical, digest, seal, text_digest
from testbench.models import CaseResult, SuiteRun

# The numbers of the policy that the submission is judged by; who made it and when is on the audit record.
_NOT_POLICY = frozenset({"id", "note", "created_at", "created_by"})
RESULT_FIELDS = (
    "position", "case_id", "group", "type", "name", "verdict", "status", "duration_ms", "request", "response",
    "error", "message", "details",
)  # fmt: skip


def freeze(submission: Submission, listed: Checklist) -> Evidence:
    """Write the document of a new submission and put its digest on it; inside the transaction of `submit`.

    `listed` is the checklist that let the submission through. Secrets in the exchanges are masked already.
    """
    document = document_of(submission, listed)
    made = Evidence.objects.create(submission=submission, digest=digest(document), document=canonical(document))
    Submission.objects.filter(pk=submission.pk).update(evidence_digest=made.digest)
    submission.evidence_digest = made.digest
    return made


def document_of(submission: Submission, listed: Checklist) -> dict[str, Any]:
    """The sealed document as plain values, in two queries and one for the policy."""
    manifest = submission.version.manifest
    return seal(
        {
            "submission": _about(submission),
            "manifest": manifest,
            "code": _code(manifest),
            "assets": _assets(manifest.get("listing") or {}),
            "checklist": submission.evidence["checklist"],
            "runs": _runs(listed.runs),
        }
    )


def _about(submission: Submission) -> dict[str, Any]:
    """Ids and plain values; nobody's name."""
    policy = submission.policy
    numbers = {
        field.name: str(getattr(policy, field.name)) for field in policy._meta.fields if field.name not in _NOT_POLICY
    }
    return {
        "id": str(submission.pk),
        "app": submission.app.slug,
        "version": submission.version.number,
        "version_digest": submission.version.digest,
        "note": submission.note,
        "tests_done": submission.tests_done,
        "pull": submission.pull,
        "submitted_at": submission.submitted_at.isoformat(),
        "due_at": submission.due_at.isoformat(),
        "policy": {"number": policy.pk, **numbers},
    }


def _code(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """Hash, bytes and way of handing over of each function and plugin; the code itself stands in the manifest."""
    return [
        {"kind": one.kind, "sha256": one.sha256, "size": one.size, "shape": one.shape, "library": one.library_name}
        for one in frozen_code(manifest)
    ]


def _assets(listing: dict[str, Any]) -> list[dict[str, str]]:
    """The hash of each picture of the listing; drawings stand in the manifest, the others are named there."""
    drawings = [
        {"name": name, "sha256": text_digest(listing[name])} for name in ("logo_svg", "mark_svg") if listing.get(name)
    ]
    images = listing.get("images") or []
    named = [image["sha256"] for image in images if isinstance(image, dict) and "sha256" in image]
    return [*drawings, *({"name": f"image {number}", "sha256": sha} for number, sha in enumerate(named, start=1))]


def _runs(run_ids: tuple[str, ...]) -> list[dict[str, Any]]:
    """The runs that proved the components, each with every case and its exchange as it is stored."""
    runs = SuiteRun.objects.filter(pk__in=run_ids).select_related("component").defer("plan", "settings_sealed")
    return [_run(run) for run in runs.prefetch_related("results").order_by("created_at", "pk")]


def _run(run: SuiteRun) -> dict[str, Any]:
    return {
        "id": str(run.pk),
        "component": run.component.kind,
        "endpoint": run.endpoint,
        "code_sha256": text_digest(run.code) if run.code else "",
        "facts": run.facts,
        "fingerprint": run.fingerprint,
        "groups": list(run.groups),
        "verdict": run.verdict,
        "finished_at": run.finished_at.isoformat() if run.finished_at else "",
        "results": [_result(result) for result in run.results.all()],
    }


def _result(result: CaseResult) -> dict[str, Any]:
    return {name: getattr(result, name) for name in RESULT_FIELDS}
