"""Text that a reviewer typed and did not save yet, kept in their own session.

Saving one step, asking a question or starting a run leaves the page; what stood in its other fields is there
again afterwards, with scripts and without.
"""

from collections.abc import Mapping

from django.http import HttpRequest

from reviews.desk.forms import MAX_ROWS, FindingForm
from reviews.models import Submission
from reviews.states import ReviewStep

# Longer texts than this are not kept: they would be refused anyway.
MAX_CHARACTERS = 20_000
_STEPS = {step.value: [f"step-{step.value}-{name}" for name in ("outcome", "evidence")] for step in ReviewStep}
_FINDINGS = [f"finding-{row}-{name}" for row in range(MAX_ROWS) for name in FindingForm.NAMES]
FINDINGS = ["finding_rows", *_FINDINGS]


def typed(request: HttpRequest, submission: Submission) -> dict[str, str]:
    return request.session.get(_key(submission), {})


def keep(request: HttpRequest, submission: Submission, *, but: str = "") -> None:
    """Keep what was posted, but not the step `but`, which is stored now."""
    found = _of_steps(request.POST, submission, but) | _of_the_rest(request.POST, submission)
    if found:
        request.session[_key(submission)] = found
    else:
        forget(request, submission)


def add(request: HttpRequest, submission: Submission, values: dict[str, str]) -> None:
    """Put further values beside what is kept."""
    request.session[_key(submission)] = typed(request, submission) | values


def forget(request: HttpRequest, submission: Submission) -> None:
    request.session.pop(_key(submission), None)


def _of_steps(posted: Mapping[str, str], submission: Submission, but: str) -> dict[str, str]:
    """Fields of steps that differ from what is stored."""
    stored = {verdict.step: verdict for verdict in submission.verdicts.all()}
    found: dict[str, str] = {}
    for step, names in _STEPS.items():
        verdict = stored.get(step)
        saved = [verdict.outcome, verdict.evidence] if verdict else ["", ""]
        now = [posted.get(name, "").strip()[:MAX_CHARACTERS] for name in names]
        if step != but and now != saved:
            found |= dict(zip(names, now, strict=True))
    return found


def _of_the_rest(posted: Mapping[str, str], submission: Submission) -> dict[str, str]:
    """Message and findings; rows that only repeat the evidence of a failed step are no work to keep."""
    evidence = {verdict.evidence for verdict in submission.verdicts.all()}
    found = {name: posted[name][:MAX_CHARACTERS] for name in ("message", *FINDINGS) if posted.get(name, "").strip()}
    written = [name for name in found if name.endswith(("-observed", "-todo")) and found[name].strip() not in evidence]
    if not written and found.get("finding_rows", "") in ("", "3"):
        found = {name: value for name, value in found.items() if name == "message"}
    return found


def _key(submission: Submission) -> str:
    return f"desk:{submission.pk}"
