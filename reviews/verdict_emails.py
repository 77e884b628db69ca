"""The words about holds, appeals, and changes that are live already. Each function is called by one verb."""

from django.urls import reverse

from reviews.emails import editors_of, reviewers_for, stamp, tell, undo_interval
from reviews.models import Appeal, LiveChange, Submission


def hold_key(submission: Submission) -> str:
    """The prefix of the messages of the hold that a submission has now."""
    return f"hold:{submission.pk}:{stamp(submission.held_at)}"


def review_held(submission: Submission) -> None:
    app = submission.app
    tell(
        editors_of(app), "review_held", app, {"submission": submission}, notice=f"The review of {app.name} is on hold.",
        url=reverse("app-review", args=[app.slug]), hold=undo_interval(), key=hold_key(submission),
    )  # fmt: skip


def appeal_to_review(appeal: Appeal) -> None:
    """To every reviewer who may judge it: not the one who decided."""
    app = appeal.submission.app
    tell(
        reviewers_for(app).exclude(pk=appeal.decided_by_id or 0), "appeal_to_review", app, {"appeal": appeal},
        notice=f"{app.name} appeals against a decision.", url=reverse("review-appeal", args=[appeal.pk]),
        key=f"appeal:{appeal.pk}:to_review",
    )  # fmt: skip


def appeal_key(appeal: Appeal) -> str:
    """The prefix of the messages of the verdict on an appeal."""
    return f"appeal:{appeal.pk}:judged"


def appeal_upheld(appeal: Appeal) -> None:
    _appeal_judged(appeal, "appeal_upheld", "Your appeal was looked at: the decision stands.")


def appeal_overturned(appeal: Appeal) -> None:
    _appeal_judged(appeal, "appeal_overturned", "Your appeal was right: the review goes on.")


def _appeal_judged(appeal: Appeal, template: str, notice: str) -> None:
    app = appeal.submission.app
    tell(
        editors_of(app), template, app, {"appeal": appeal, "submission": appeal.submission},
        notice=f"{app.name}: {notice[0].lower()}{notice[1:]}", url=reverse("app-review", args=[app.slug]),
        hold=undo_interval(), key=f"{appeal_key(appeal)}:{stamp(appeal.judged_at)}",
    )  # fmt: skip


def live_change_key(change: LiveChange) -> str:
    return f"live-change:{change.pk}:taken_back"


def live_change_taken_back(change: LiveChange) -> None:
    app = change.app
    tell(
        editors_of(app), "live_change_taken_back", app, {"change": change},
        notice=f"A change of {app.name} was taken back.", url=reverse("app-differences", args=[app.slug]),
        hold=undo_interval(), key=f"{live_change_key(change)}:{stamp(change.judged_at)}",
    )  # fmt: skip
