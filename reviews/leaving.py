"""What reviews and betas hold about a company and about a person, and what goes when they leave."""

from typing import Any

from django.db.models import Prefetch

from accounts.models import User
from apps_catalog.models import App
from apps_catalog.states import LIVE
from audit.recording import SYSTEM
from partners.models import Company
from reviews import emails
from reviews.models import BetaInvite, Problem, Submission, ThreadEntry, Verification
from reviews.states import EntryKind
from reviews.submissions import withdraw


def company_data(company: Company) -> list[dict[str, Any]]:
    """One entry for each App: submissions with what was found, answers, and what customers said."""
    apps = company.apps.order_by("pk").prefetch_related(
        "submissions__version", "submissions__findings", "attestations", "enquiries", "beta_invites",
        "verifications", "problems", Prefetch("thread_entries", ThreadEntry.objects.filter(kind=EntryKind.MESSAGE)),
    )  # fmt: skip
    return [_app_data(app) for app in apps]


def _app_data(app: App) -> dict[str, Any]:
    return {
        "app": app.slug,
        "submissions": [_submission_data(one) for one in app.submissions.all()],
        "attestations": [
            {"item": one.item, "note": one.note, "at": one.at.isoformat()} for one in app.attestations.all()
        ],
        "answers": [{"kind": one.kind, "answer": one.answer} for one in app.enquiries.all()],
        "invitations": [{"email": one.email, "sent_at": one.created_at.isoformat()} for one in app.beta_invites.all()],
        "verifications": [{"note": one.note, "at": one.at.isoformat()} for one in app.verifications.all()],
        "problems": [{"text": one.text, "at": one.at.isoformat()} for one in app.problems.all()],
        # Without the notes that reviewers keep for themselves.
        "thread": [
            {"side": one.side, "role": one.role, "text": one.text, "at": one.at.isoformat()}
            for one in app.thread_entries.all()
        ],
    }


def _submission_data(submission: Submission) -> dict[str, Any]:
    return {
        "version": submission.version.number,
        "manifest": submission.version.manifest,
        "state": submission.state,
        "note": submission.note,
        "tests_done": submission.tests_done,
        "pull_request": submission.pull,
        "message": submission.message,
        "submitted_at": submission.submitted_at.isoformat(),
        "decided_at": submission.decided_at.isoformat() if submission.decided_at else None,
        "findings": [
            {"step": one.step, "observed": one.observed, "todo": one.todo} for one in submission.findings.all()
        ],
    }


def withdraw_waiting(company: Company) -> None:
    """Nobody should review what is about to be deleted: its submissions leave the queue.

    All Apps are locked first, in the order of their ids, because each withdrawal writes to the company's
    audit chain, and whoever submits holds an App while waiting for that chain.
    """
    list(company.apps.select_for_update().order_by("pk").values_list("pk", flat=True))
    waiting = Submission.objects.waiting().filter(app__company=company)
    for submission in waiting.select_related("app", "version").order_by("pk"):
        withdraw(submission, SYSTEM)


def tell_customers(company: Company) -> None:
    """Whoever joined a beta or confirmed that an App works hears that it ends (PRODUCT, Leaving).

    Submissions, invitations and all the rest go with the App itself.
    """
    for app in company.apps.filter(stage__in=LIVE, deleted_at__isnull=True).order_by("pk"):
        emails.app_ended(app)


def data_of(user: User) -> dict[str, Any]:
    """What a person said as a customer."""
    said = Verification.objects.filter(user=user).select_related("app")
    told = Problem.objects.filter(user=user).select_related("app")
    return {
        "verifications": [
            {
                "app": one.app.slug,
                "workspace": one.workspace_name,
                "note": one.note,
                "evidence": one.evidence,
                "at": one.at.isoformat(),
            }
            for one in said
        ],
        "problems": [{"app": one.app.slug, "text": one.text, "at": one.at.isoformat()} for one in told],
    }


def forget(user: User) -> None:
    """Invitations to the person's address. Verifications and reports stay, without the person."""
    BetaInvite.objects.filter(email__iexact=user.email).delete()
