"""The words that reviews and betas send (S8). Each function is called by one verb and by nothing else."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from apps_catalog.models import App
from notifications.outbox import announce, drop, drop_all, let_go, queue
from partners import queries
from partners.emails import dates
from pulls.models import PullRequest
from reviews.delivered import Delivered
from reviews.models import BetaInvite, Enquiry, Problem, Release, Submission, Verification
from reviews.states import EnquiryKind


def undo_interval() -> timedelta:
    """How long the mail of a decision is held, so that the decision can be undone unseen."""
    return timedelta(seconds=settings.UNDO_SECONDS)


def editors_of(app: App) -> QuerySet[User]:
    """The people of the partner who act for an App: its owners and developers."""
    return queries.editors_of(app.company_id)


def reviewers_for(app: App) -> QuerySet[User]:
    """Reviewers who may judge the App: never one of its own company."""
    return queries.reviewers_for(app.company_id)


def tell(
    people: Iterable[User | str], template: str, app: App, context: dict[str, Any], *,
    notice: str, url: str, key: str, hold: timedelta = timedelta(0), can_reply: bool = True, on_slack: bool = True,
) -> None:  # fmt: skip
    """One message to each of `people`, and one to Slack. `key` names the effect: asked for twice, it is sent once.

    `can_reply`: their answers by mail go to the App's thread, so they have to be people who write there.
    """
    context, case = {"app": app, **context}, f"app:{app.pk}"
    for person in people:
        who = f"user:{person.pk}" if isinstance(person, User) else person
        queue(
            template, person, template, context,
            notice=notice, url=url, case=case, dedupe_key=f"{key}:{who}"[:120], hold=hold, can_reply=can_reply,
        )  # fmt: skip
    if on_slack:
        announce(template, template, context, url=url, case=case, dedupe_key=key, hold=hold, company=app.chain)


def stamp(moment: datetime | None) -> int:
    return int(moment.timestamp() * 1000) if moment else 0


# --- A submission ------------------------------------------------------------------------------


def submission_received(submission: Submission) -> None:
    """The acknowledgement of S8, to those who act for the App."""
    app = submission.app
    tell(
        editors_of(app), "submission_received", app, {"submission": submission},
        notice=f"{app.name} is in review. You will hear from us by the due date.",
        url=reverse("app-review", args=[app.slug]), key=f"submission:{submission.pk}:received",
    )  # fmt: skip


def submission_to_review(submission: Submission) -> None:
    """S28: the team is notified on submission."""
    app = submission.app
    tell(
        reviewers_for(app), "submission_to_review", app, {"submission": submission},
        notice=f"{app.name} waits for review.", url=desk_url(submission),
        key=f"submission:{submission.pk}:to_review",
    )  # fmt: skip


def desk_url(submission: Submission) -> str:
    return f"/admin/review/{submission.pk}/"


def decision_key(submission: Submission) -> str:
    """The prefix of the messages of every decision on `submission`."""
    return f"decision:{submission.pk}:"


def tell_held(submission: Submission) -> None:
    """The partner submitted again, so the decision before stands: its mail comes first, without waiting longer."""
    before = submission.app.submissions.exclude(pk=submission.pk).order_by("-submitted_at").first()
    if before:
        let_go(decision_key(before))


def decided(submission: Submission, template: str, notice: str, **context: Any) -> None:
    """The mail of a decision: held for the undo interval, and dropped when the decision is taken back."""
    app = submission.app
    tell(
        editors_of(app), template, app, {"submission": submission, **context}, notice=notice,
        url=reverse("app-review", args=[app.slug]), hold=undo_interval(),
        key=f"{decision_key(submission)}{stamp(submission.decided_at)}",
    )  # fmt: skip


def private_beta_approved(submission: Submission) -> None:
    beta_path = reverse("app-beta", args=[submission.app.slug])
    notice = f"{submission.app.name} is approved for private beta."
    decided(submission, "private_beta_approved", notice, beta_url=absolute(beta_path))


def update_approved(submission: Submission) -> None:
    notice = f"Version {submission.version.number} of {submission.app.name} is live."
    decided(submission, "update_approved", notice)


def approved_for_train(submission: Submission, pull: PullRequest) -> None:
    """Approved, and nothing is live yet: `trains` tells by which train it leaves once it is merged."""
    app = submission.app
    notice = f"Version {submission.version.number} of {app.name} is approved for the release train."
    decided(submission, "approved_for_train", notice, pull_url=pull.url, is_merged=pull.is_merged)


def changes_requested(submission: Submission) -> None:
    # Read anew: the caller may hold the submission with the (empty) findings of before the decision.
    findings = list(submission.findings.order_by("pk"))
    decided(submission, "changes_requested", f"{submission.app.name}: changes are asked for.", findings=findings)


def rejected(submission: Submission) -> None:
    decided(submission, "rejected", f"{submission.app.name} was not accepted. The reason is on the review page.")


# --- Late -------------------------------------------------------------------------------------


def review_late(submission: Submission) -> None:
    """The promised date has passed: an apology and a new one."""
    what = f"the review of {submission.app.name}, version {submission.version.number}"
    _late(submission, what, reverse("app-review", args=[submission.app.slug]))


def review_overdue(submission: Submission, step: str) -> None:
    """To the team; `step` as partners.lateness has it."""
    whose = f"{submission.app.name} version {submission.version.number}"
    _overdue(submission, whose, "its review", step, desk_url(submission))


def release_late(release: Release) -> None:
    _late(release, f"the release of {release.app.name}", reverse("app-beta", args=[release.app.slug]))


def release_overdue(release: Release, step: str) -> None:
    _overdue(release, release.app.name, "its release", step, reverse("review-release", args=[release.pk]))


def _late(row: Submission | Release, what: str, url: str) -> None:
    tell(
        editors_of(row.app), "wait_late", row.app, {"what": what, **dates(row)},
        notice=f"We are late with {what}. There is a new date.", url=url, key=_late_key(row),
    )  # fmt: skip


def _overdue(row: Submission | Release, whose: str, task: str, step: str, url: str) -> None:
    tell(
        reviewers_for(row.app), "wait_overdue", row.app, {"whose": whose, "task": task, "step": step, **dates(row)},
        notice=f"Overdue: {whose} waits for {task}.", url=url, key=f"{_late_key(row)}:{step}",
    )  # fmt: skip


def _late_key(row: Submission | Release) -> str:
    return f"late:{row._meta.model_name}:{row.pk}:{stamp(row.promised_at)}"


# --- Questions --------------------------------------------------------------------------------

REQUEST_TEMPLATES = {EnquiryKind.REPLAY.value: "replay_request", EnquiryKind.OAUTH.value: "oauth_request"}


def enquiry_asked(enquiry: Enquiry) -> None:
    """The third and the fourth of the five mails of S8."""
    app = enquiry.app
    context: dict[str, Any] = {"enquiry": enquiry}
    if enquiry.kind == EnquiryKind.OAUTH:
        context["oauth_url"] = absolute(reverse("app-oauth", args=[app.slug]))
    tell(
        editors_of(app), REQUEST_TEMPLATES[enquiry.kind], app, context,
        notice=f"A question about {app.name}: {enquiry.get_kind_display()}.",
        url=reverse("app-enquiries", args=[app.slug]), key=f"enquiry:{enquiry.pk}:{stamp(enquiry.asked_at)}",
    )  # fmt: skip


def enquiry_answered(enquiry: Enquiry) -> None:
    """To the reviewer who asked."""
    if enquiry.asked_by is None:
        return
    app = enquiry.app
    tell(
        [enquiry.asked_by], "enquiry_answered", app, {"enquiry": enquiry},
        notice=f"{app.name} answered: {enquiry.get_kind_display()}.", url="/admin/review/",
        key=f"enquiry:{enquiry.pk}:answer:{enquiry.revision}",
    )  # fmt: skip


# --- The beta ---------------------------------------------------------------------------------


def beta_invitation(invite: BetaInvite, token: str) -> None:
    """The personal link; the token leaves the product here and nowhere else."""
    app = invite.app
    queue(
        "beta_invitation", invite.email, "beta_invitation", {"app": app, "invite": invite},
        url=reverse("beta-invite-accept", args=[token]), dedupe_key=invitation_key(invite), secret=True,
    )  # fmt: skip


def invitation_key(invite: BetaInvite) -> str:
    return f"beta-invite:{invite.pk}"


def customer_verified(verification: Verification) -> None:
    app = verification.app
    tell(
        editors_of(app), "customer_verified", app,
        {"verification": verification, "delivered": Delivered.from_json(verification.evidence).in_words},
        notice=f"A customer confirmed that {app.name} works.",
        url=reverse("app-beta", args=[app.slug]), key=f"verification:{verification.pk}",
    )  # fmt: skip


def problem_reported(problem: Problem) -> None:
    """To the partner and to Segment (PRODUCT, Leaving)."""
    app, key = problem.app, f"problem:{problem.pk}"
    notice = f"A customer reported a problem with {app.name}."
    beta_path = reverse("app-beta", args=[app.slug])
    context = {"problem": problem}
    tell(editors_of(app), "problem_reported", app, context, notice=notice, url=beta_path, key=key)
    tell(
        reviewers_for(app), "problem_reported", app, context,
        notice=notice, url="/admin/review/", key=f"{key}:desk", on_slack=False,
    )  # fmt: skip


# --- Going public -----------------------------------------------------------------------------


def release_requested(release: Release) -> None:
    app = release.app
    tell(
        reviewers_for(app), "release_requested", app, {"release": release},
        notice=f"{app.name} asks to go public.", url="/admin/review/", key=request_key(release),
    )  # fmt: skip


def request_key(release: Release) -> str:
    """The prefix of the messages of one request to go public."""
    return f"release:{release.app_id}:asked:{release.pk}"


def release_key(release: Release) -> str:
    """The prefix of the messages of every release of this App."""
    return f"release:{release.app_id}:released:"


def live(release: Release) -> None:
    app = release.app
    catalog_path = reverse("catalog-entry", args=[app.slug])
    tell(
        editors_of(app), "live", app, {"release": release},
        notice=f"{app.name} is in the public catalog.", url=catalog_path,
        key=f"{release_key(release)}{stamp(release.released_at)}", hold=undo_left(release),
    )  # fmt: skip


def undo_left(release: Release) -> timedelta:
    """How long the release can still be undone; the beat lists Apps that were released long before."""
    return max(timedelta(0), (release.released_at or timezone.now()) + undo_interval() - timezone.now())


def beta_badge_off(app: App) -> None:
    """The days of the public beta are over."""
    tell(
        editors_of(app), "beta_badge_off", app, {}, notice=f"{app.name} is no longer in beta.",
        url=reverse("catalog-entry", args=[app.slug]), key=f"app:{app.pk}:public:{stamp(app.stage_since)}",
    )  # fmt: skip


# --- The end ----------------------------------------------------------------------------------


def customers_of(app: App) -> QuerySet[User]:
    """People outside the company who joined a beta of the App or confirmed that it works."""
    invited = BetaInvite.objects.filter(app=app, accepted_by__isnull=False).values("accepted_by")
    confirmed = Verification.objects.filter(app=app, user__isnull=False).values("user")
    people = User.objects.filter(Q(pk__in=invited) | Q(pk__in=confirmed), is_active=True)
    return people.exclude(memberships__company_id=app.company_id).order_by("pk")


def app_ended(app: App) -> None:
    """To its customers: the App is no longer there (PRODUCT, Leaving)."""
    tell(
        customers_of(app), "app_ended", app, {}, notice=f"{app.name} is no longer available.",
        url=reverse("catalog"), key=f"app:{app.pk}:ended", can_reply=False,
    )  # fmt: skip


def drop_unsent(app: App) -> None:
    """Take back what would invite people to an App that has ended: links to its beta, and that it is live."""
    invitations = BetaInvite.objects.filter(app=app, accepted_at__isnull=True, revoked_at__isnull=True)
    drop_all(invitation_key(invite) for invite in invitations.only("pk"))
    drop(f"release:{app.pk}:released:")


def app_deprecated(app: App) -> None:
    """To its customers, who hear of the end once, whatever follows; and to everybody in the company."""
    tell(
        customers_of(app), "app_deprecated", app, {}, notice=f"{app.name} is no longer available.",
        url=reverse("catalog"), key=f"app:{app.pk}:ended", can_reply=False, hold=undo_interval(),
    )  # fmt: skip
    members = User.objects.filter(is_active=True, memberships__company_id=app.company_id).order_by("pk")
    tell(
        members, "app_deprecated_team", app, {}, notice=f"{app.name} is deprecated.",
        url=reverse("app-detail", args=[app.slug]), key=f"app:{app.pk}:deprecated", hold=undo_interval(),
    )  # fmt: skip


def drop_ended(app: App) -> None:
    """The end was undone before anybody heard of it."""
    drop(f"app:{app.pk}:ended")
    drop(f"app:{app.pk}:deprecated")


def absolute(path: str) -> str:
    return settings.SITE_URL.rstrip("/") + path
